// Runs the functions' vectors on Node; the local edge runs them on QuickJS: `node --test edge/`.
// Node's own `crypto` and a KeyValueStore with the vectors' keys replace CloudFront's.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');

/** The function's handler, with the store and the clock that CloudFront would provide. */
function load(name, keys, now) {
    const body = read(`${name}.js`).replace("import cf from 'cloudfront';", '');
    const store = {
        get: async (key) => keys[key] ?? Promise.reject(new Error(`no key ${key}`)),
        exists: async (key) => Object.hasOwn(keys, key),
    };
    const cf = { kvs: () => store };
    const require = (module) => (module === 'crypto' ? { createHmac } : assert.fail(`no module ${module}`));
    const date = { now: () => now * 1000 };
    const log = { log() {} };
    return new Function('cf', 'require', 'Date', 'console', `'use strict';${body}; return handler;`)(cf, require, date, log);
}

for (const name of ['media-token', 'poster', 'spa-rewrite']) {
    const vectors = JSON.parse(read(`vectors/${name}.json`));
    for (const { name: title, method = 'GET', uri, keys = vectors.keys, expect } of vectors.requests) {
        test(`${name}: ${title}`, async () => {
            const handler = load(name, keys, vectors.now);
            const answer = await handler({ request: { method, uri, querystring: {}, headers: {}, cookies: {} } });
            if (expect.uri !== undefined) return assert.equal(answer.uri, expect.uri);
            assert.equal(answer.statusCode, expect.status);
            assert.equal(answer.body.data, expect.text);
            assert.equal(answer.headers['cache-control'].value, 'no-store');
        });
    }
}
