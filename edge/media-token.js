// CloudFront Function (runtime 2.0, viewer request) of `/media/*`: allows requests for a film's files whose path has a
// valid token, and removes the token from the path, so that all viewers share one cache entry per file.
//
//   /media/<kid>.<exp>.<viewer>.<lease>.<sig>/<asset>/<attempt>/hls/master.m3u8  ->  /media/<asset>/<attempt>/hls/master.m3u8
//
// The signature covers key id, asset, attempt, expiry, viewer and lease (see the signer, `domain::playback::token`). The
// keys are in the associated KeyValueStore under their ids. There are two, so that one can be replaced while links that the
// other signed still play. A signed link is refused if the store has an entry `a:<asset>` or `v:<viewer>` with a time
// (in ms) after the link was issued: the film was taken down, or the account disabled. The function runs before the cache
// lookup, so that cached files are refused too (ADR 23).
import cf from 'cloudfront';
const crypto = require('crypto');

const keys = cf.kvs();

// kid . expiry . viewer . lease . signature / asset / attempt / file. We choose the paths of files, so only plain names
// are valid: no `..`, no empty or hidden names, no percent-encoding.
const TOKEN = '(k[01])\\.([1-9][0-9]{9,10})\\.([0-9a-f]{16})\\.([0-9a-f]{32})\\.([A-Za-z0-9_-]{43})';
const ASSET = '([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/([1-9][0-9]{0,8})';
const FILE = '([A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*)';
const LINK = new RegExp('^/media/' + TOKEN + '/' + ASSET + '/' + FILE + '$');
const MAX_URI_LENGTH = 1024;

async function handler(event) {
    const request = event.request;
    // Files are only read, whichever methods the behaviour allows: no other method may reach the bucket.
    if (request.method !== 'GET' && request.method !== 'HEAD') {
        return refuse(405, 'Method Not Allowed', 'Only GET and HEAD are allowed.');
    }
    const link = request.uri.length > MAX_URI_LENGTH ? null : LINK.exec(request.uri);
    if (!link) return forbid('This link is not valid.');
    const prefix = '/media/' + link[6] + '/' + link[7] + '/';
    request.uri = prefix + link[8];

    const key = await signingKey(link[1]);
    const message = 'v1\n' + link[1] + '\n' + prefix + '\n' + link[2] + '\n' + link[3] + '\n' + link[4];
    if (!key || !constantTimeEqual(link[5], crypto.createHmac('sha256', key).update(message).digest('base64url'))) {
        return forbid('This link is not valid.');
    }
    // Only a link that we signed is reported as expired.
    if (Number(link[2]) * 1000 <= Date.now()) return forbid('This link has expired.');
    // A lease is a UUIDv7, which begins with the time of issue in ms.
    const issued = parseInt(link[4].slice(0, 12), 16);
    if ((await revoked('a:' + link[6], issued)) || (await revoked('v:' + link[3], issued))) {
        return forbid('This film is not available any more.');
    }
    return request;
}

// `exists` comes first, because `get` fails for a missing entry as it does when the store fails, and a failure must refuse.
async function revoked(key, issued) {
    return (await keys.exists(key)) && issued < Number(await keys.get(key));
}

async function signingKey(kid) {
    try {
        return await keys.get(kid);
    } catch (error) {
        console.log('no key ' + kid + ': ' + error);
        return '';
    }
}

// Compares every character, however early two differ.
function constantTimeEqual(left, right) {
    let difference = left.length ^ right.length;
    for (let i = 0; i < left.length; i++) difference |= left.codePointAt(i) ^ right.codePointAt(i);
    return difference === 0;
}

function forbid(text) {
    return refuse(403, 'Forbidden', text);
}

function refuse(status, description, text) {
    return {
        statusCode: status,
        statusDescription: description,
        headers: {
            'cache-control': { value: 'no-store' },
            'content-type': { value: 'text/plain; charset=utf-8' },
            'x-content-type-options': { value: 'nosniff' },
        },
        body: { encoding: 'text', data: text + '\n' },
    };
}
