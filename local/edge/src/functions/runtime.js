// The objects of CloudFront Functions' JavaScript runtime 2.0 that the bare engine lacks: Buffer, crypto, querystring,
// cloudfront, text encoding, console. `host` is the Rust side (see host.rs). Evaluates to a function that installs them.
(host) => {
    'use strict';
    const list = (bytes) => bytes && Array.prototype.slice.call(bytes);
    const encode = (bytes, encoding) => host.encode(list(bytes), encoding);
    const decode = host.decode;
    const isBytes = (value) => ArrayBuffer.isView(value) && !(value instanceof DataView);
    const bytesOf = (value, encoding) => {
        if (typeof value === 'string') return decode(value, encoding ?? 'utf8');
        if (value instanceof DataView) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
        if (value instanceof ArrayBuffer) return new Uint8Array(value);
        if (isBytes(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
        throw new TypeError('expected a string, a Buffer, a TypedArray, a DataView or an ArrayBuffer');
    };

    class Buffer extends Uint8Array {
        static alloc(size, fill, encoding) { return fill === undefined ? new Buffer(size) : new Buffer(size).fill(fill, 0, size, encoding); }
        static allocUnsafe(size) { return new Buffer(size); }
        static byteLength(value, encoding) { return bytesOf(value, encoding).length; }
        static compare(left, right) { return Buffer.from(left).compare(right); }
        static concat(list, totalLength) {
            const all = new Buffer(totalLength ?? list.reduce((sum, part) => sum + part.length, 0));
            let offset = 0;
            for (const part of list) {
                if (offset >= all.length) break;
                const fitting = part.subarray(0, all.length - offset);
                all.set(fitting, offset);
                offset += fitting.length;
            }
            return all;
        }
        static from(value, encodingOrOffset, length) {
            if (value instanceof ArrayBuffer) return new Buffer(value, encodingOrOffset, length);
            if (Array.isArray(value)) return new Buffer(value);
            if (typeof value === 'string' || ArrayBuffer.isView(value)) return new Buffer(bytesOf(value, encodingOrOffset));
            const primitive = value?.valueOf?.();
            if (primitive !== undefined && primitive !== value) return Buffer.from(primitive, encodingOrOffset, length);
            throw new TypeError('first argument must be a string, a Buffer, an ArrayBuffer or an Array');
        }
        static isBuffer(value) { return value instanceof Buffer; }
        static isEncoding(encoding) { return ['utf8', 'hex', 'base64', 'base64url'].includes(encoding); }

        compare(target, targetStart = 0, targetEnd = target.length, sourceStart = 0, sourceEnd = this.length) {
            const left = this.subarray(sourceStart, sourceEnd), right = target.subarray(targetStart, targetEnd);
            for (let i = 0; i < Math.min(left.length, right.length); i++) {
                if (left[i] !== right[i]) return left[i] < right[i] ? -1 : 1;
            }
            return Math.sign(left.length - right.length);
        }
        copy(target, targetStart = 0, sourceStart = 0, sourceEnd = this.length) {
            const part = this.subarray(sourceStart, Math.min(sourceEnd, sourceStart + target.length - targetStart));
            target.set(part, targetStart);
            return part.length;
        }
        equals(other) { return this.compare(other) === 0; }
        fill(value, offset = 0, end = this.length, encoding = 'utf8') {
            if (typeof value === 'number') return super.fill(value, offset, end);
            const pattern = bytesOf(value, encoding);
            for (let i = offset; i < end && pattern.length; i++) this[i] = pattern[(i - offset) % pattern.length];
            return this;
        }
        includes(value, byteOffset, encoding) { return this.indexOf(value, byteOffset, encoding) !== -1; }
        indexOf(value, byteOffset = 0, encoding = 'utf8') {
            const wanted = typeof value === 'number' ? [value & 255] : bytesOf(value, encoding);
            for (let i = byteOffset; i + wanted.length <= this.length; i++) {
                let j = 0;
                while (j < wanted.length && this[i + j] === wanted[j]) j++;
                if (j === wanted.length) return i;
            }
            return -1;
        }
        subarray(start, end) { return Buffer.from(super.subarray(start, end).buffer, ...span(this, start, end)); }
        toJSON() { return { type: 'Buffer', data: list(this) }; }
        toString(encoding = 'utf8', start = 0, end = this.length) { return encode(bytesOf(this.subarray(start, end)), encoding); }
        write(string, offset = 0, length = this.length - offset, encoding = 'utf8') {
            const bytes = bytesOf(string, encoding).subarray(0, Math.min(length, this.length - offset));
            this.set(bytes, offset);
            return bytes.length;
        }
    }
    const clamp = (at, length) => Math.max(0, Math.min(at < 0 ? length + at : at, length));
    const span = (view, start = 0, end = view.length) => {
        const from = clamp(start, view.length), to = Math.max(from, clamp(end, view.length));
        return [view.byteOffset + from, to - from];
    };
    // readInt16BE, writeDoubleLE etc. are DataView's getters and setters.
    const numbers = { Int16: 2, Int32: 4, UInt16: 2, UInt32: 4, Float: 4, Double: 8 };
    const viewNames = { UInt16: 'Uint16', UInt32: 'Uint32', Float: 'Float32', Double: 'Float64' };
    for (const [name, size] of [...Object.entries(numbers), ['Int8', 1], ['UInt8', 1]]) {
        for (const order of size === 1 ? [''] : ['BE', 'LE']) {
            const kind = viewNames[name] ?? (name === 'UInt8' ? 'Uint8' : name);
            const view = (buffer) => new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
            Buffer.prototype[`read${name}${order}`] = function (offset = 0) { return view(this)[`get${kind}`](offset, order === 'LE'); };
            Buffer.prototype[`write${name}${order}`] = function (value, offset = 0) {
                view(this)[`set${kind}`](offset, value, order === 'LE');
                return offset + size;
            };
        }
    }

    class Digest {
        #algorithm; #key; #parts = [];
        constructor(algorithm, key) {
            if (!['md5', 'sha1', 'sha256'].includes(algorithm)) throw new TypeError(`not supported algorithm: "${algorithm}"`);
            this.#algorithm = algorithm;
            this.#key = key === undefined ? undefined : bytesOf(key);
        }
        update(data) {
            if (!this.#parts) throw new TypeError('Digest already called');
            this.#parts.push(bytesOf(data));
            return this;
        }
        digest(encoding) {
            if (!this.#parts) throw new TypeError('Digest already called');
            const bytes = host.digest(this.#algorithm, list(this.#key), list(Buffer.concat(this.#parts)));
            this.#parts = undefined;
            return encoding === undefined ? Buffer.from(bytes) : encode(bytes, encoding);
        }
    }
    const crypto = {
        createHash: (algorithm) => new Digest(algorithm),
        createHmac: (algorithm, key) => {
            if (key === undefined || key === null) throw new TypeError('a secret key is needed');
            return new Digest(algorithm, key);
        },
    };

    const unescape = (text) => {
        try { return decodeURIComponent(text); } catch { return encode(decode(text, 'percent'), 'utf8'); }
    };
    const querystring = {
        escape: (text) => encodeURIComponent(text),
        unescape,
        parse(text, separator = '&', equal = '=', options = {}) {
            const decodeText = options.decodeURIComponent ?? unescape, maxKeys = options.maxKeys ?? 1000, found = {};
            let parts = text === '' ? [] : text.split(separator);
            if (maxKeys > 0) parts = parts.slice(0, maxKeys);
            for (const part of parts) {
                const at = part.indexOf(equal);
                const [name, value] = (at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + equal.length)])
                    .map((side) => decodeText(side.replace(/\+/g, ' ')));
                if (!Object.prototype.hasOwnProperty.call(found, name)) found[name] = value;
                else found[name] = [].concat(found[name], value);
            }
            return found;
        },
        stringify(object, separator = '&', equal = '=', options = {}) {
            const encodeText = options.encodeURIComponent ?? encodeURIComponent;
            return Object.entries(object)
                .map(([name, value]) => [].concat(value).map((one) => encodeText(name) + equal + encodeText(one)).join(separator))
                .join(separator);
        },
    };
    querystring.decode = querystring.parse;
    querystring.encode = querystring.stringify;

    const parsers = { string: (value) => value, json: JSON.parse, bytes: (value) => Buffer.from(value) };
    const cloudfront = {
        kvs(id) {
            const error = host.storeError(id);
            if (error) throw new Error(error);
            return {
                async get(key, options) {
                    const format = options?.format ?? 'string';
                    if (!Object.prototype.hasOwnProperty.call(parsers, format)) throw new TypeError(`unknown format "${format}"`);
                    const value = host.storeGet(String(key));
                    if (value === undefined) throw new Error('KeyNotFound');
                    return parsers[format](value);
                },
                async exists(key) { return host.storeGet(String(key)) !== undefined; },
                async meta() { return JSON.parse(host.storeMeta()); },
            };
        },
    };

    class TextEncoder {
        encode(text = '') { return decode(String(text), 'utf8'); }
        encodeInto(text, target) {
            let read = 0, written = 0;
            for (const character of text) {
                const bytes = decode(character, 'utf8');
                if (written + bytes.length > target.length) break;
                target.set(bytes, written);
                written += bytes.length;
                read += character.length;
            }
            return { read, written };
        }
    }
    class TextDecoder {
        constructor(label = 'utf-8', options = {}) {
            if (!['utf-8', 'utf8'].includes(label.toLowerCase())) throw new RangeError(`unsupported encoding "${label}"`);
            this.encoding = 'utf-8';
            this.fatal = Boolean(options.fatal);
            this.ignoreBOM = Boolean(options.ignoreBOM);
        }
        decode(value = new Uint8Array(0)) {
            const text = encode(bytesOf(value), this.fatal ? 'utf8-strict' : 'utf8');
            return !this.ignoreBOM && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
        }
    }
    const latin = (text) => {
        const codes = [...text].map((character) => character.codePointAt(0));
        if (codes.some((code) => code > 255)) throw new TypeError('invalid character (>= U+00FF)');
        return new Uint8Array(codes);
    };

    const modules = { crypto, querystring, buffer: { Buffer } };
    const require = (name) => {
        if (!Object.prototype.hasOwnProperty.call(modules, name)) throw new Error(`Cannot load module "${name}"`);
        return modules[name];
    };
    const console = {
        log(...values) {
            if (values.length !== 1) throw new TypeError('console.log takes one value in CloudFront Functions');
            host.log(typeof values[0] === 'string' ? values[0] : (JSON.stringify(values[0]) ?? String(values[0])));
        },
    };

    // The time is that of the function's start.
    class FrozenDate extends Date {
        constructor(...parts) { if (parts.length) super(...parts); else super(host.now()); }
        static now() { return host.now(); }
    }

    const forbidden = (what) => function () { throw new TypeError(`${what} is not supported in CloudFront Functions`); };
    const constructors = [(() => {}), (async () => {}), (function* () {}), (async function* () {})].map((f) => Object.getPrototypeOf(f));
    for (const prototype of constructors) {
        Object.defineProperty(prototype, 'constructor', { value: forbidden('a Function constructor') });
    }
    Object.assign(globalThis, {
        Buffer, TextEncoder, TextDecoder, console, require,
        Date: FrozenDate,
        Function: forbidden('a Function constructor'),
        eval: forbidden('eval'),
        atob: (text) => [...decode(text, 'base64')].map((byte) => String.fromCharCode(byte)).join(''),
        btoa: (text) => encode(latin(String(text)), 'base64'),
    });
    return { cloudfront, ...modules };
}
