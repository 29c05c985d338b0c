// Removes the built-ins of the bare engine that the documentation of runtime 2.0 does not list, so that a function which uses
// one fails here as on AWS: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
// (`charCodeAt`, `toString` and `valueOf` are not listed, but AWS's examples use them.) Symbols stay.
(() => {
    'use strict';
    const split = (text) => text.trim().split(/\s+/);
    const object = 'constructor hasOwnProperty isPrototypeOf propertyIsEnumerable toString valueOf __proto__ is setPrototypeOf';
    const typedArray = `constructor copyWithin every fill filter find findIndex forEach includes indexOf join lastIndexOf map
        reduce reduceRight reverse some set slice sort subarray toString buffer byteLength byteOffset length`;
    const documented = [
        [globalThis, `globalThis NaN Infinity undefined Object Function Array String Boolean Number Math Date RegExp JSON Promise
            Symbol ArrayBuffer DataView Float32Array Float64Array Int8Array Int16Array Int32Array Uint8Array Uint8ClampedArray
            Uint16Array Uint32Array TextDecoder TextEncoder Buffer console require Error EvalError InternalError RangeError
            ReferenceError SyntaxError TypeError URIError decodeURI decodeURIComponent encodeURI encodeURIComponent isFinite isNaN
            parseFloat parseInt atob btoa eval`],
        [Object, `length name prototype create defineProperties defineProperty freeze getOwnPropertyDescriptor
            getOwnPropertyDescriptors getOwnPropertyNames getPrototypeOf isExtensible isFrozen isSealed keys preventExtensions seal
            assign entries values`],
        [Object.prototype, object],
        [String, 'length name prototype fromCharCode fromCodePoint'],
        [String.prototype, `length constructor charAt charCodeAt concat indexOf lastIndexOf match replace search slice split substr
            substring toLowerCase trim toUpperCase codePointAt endsWith includes repeat startsWith padStart padEnd trimStart trimEnd
            replaceAll toString valueOf`],
        [Array, 'length name prototype isArray of'],
        [Array.prototype, `length constructor concat every filter forEach indexOf join lastIndexOf map pop push reduce reduceRight
            reverse shift slice some sort splice unshift copyWithin fill find findIndex includes toString`],
        [Object.getPrototypeOf(Uint8Array), 'length name prototype from of'],
        [Object.getPrototypeOf(Uint8Array.prototype), typedArray],
        [Uint8Array, 'length name prototype BYTES_PER_ELEMENT'],
        [Uint8Array.prototype, 'constructor BYTES_PER_ELEMENT'],
        [ArrayBuffer, 'length name prototype isView'],
        [ArrayBuffer.prototype, 'constructor byteLength slice'],
        [Promise, 'length name prototype all allSettled any reject resolve race'],
        [Promise.prototype, 'constructor catch finally then'],
        [Symbol, 'length name prototype for keyFor iterator'],
        [JSON, 'parse stringify'],
    ].map(([owner, names]) => [owner, split(names)]);
    const { getOwnPropertyNames, getOwnPropertyDescriptor } = Object;
    for (const [owner, names] of documented) {
        for (const name of getOwnPropertyNames(owner)) {
            if (!names.includes(name) && getOwnPropertyDescriptor(owner, name).configurable) delete owner[name];
        }
    }
})()
