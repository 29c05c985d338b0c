// CloudFront Function (runtime 2.0, viewer request) of `/media/*`: lets a viewer through to a film's files when the path
// carries a valid token, and takes the token out of the path, so that all viewers share one cache entry per file.
//
//   /media/<kid>.<exp>.<viewer>.<lease>.<sig>/<asset>/<attempt>/hls/master.m3u8  ->  /media/<asset>/<attempt>/hls/master.m3u8
//
// The signature binds key id, asset, attempt, expiry, viewer and lease (see docs of the signer, functions/playback). The
// keys are in the associated KeyValueStore under their ids; two of them, so that one can be replaced while links that the
// other signed still play. A signed link is refused all the same when the store has an entry `a:<asset>` or `v:<viewer>`
// with a time (in ms) that is later than the link: the film was taken down, or the account closed. The function runs before
// the cache, so that this also holds for what the cache has (ADR 23).
import cf from 'cloudfront';
const crypto = require('crypto');

const keys = cf.kvs();

// kid . expiry . viewer . lease . signature / asset / attempt / file. A file's path is made by us: plain names only, so
// no `..`, no empty or hidden names, nothing percent-encoded.
const TOKEN = '(k[01])\\.([1-9][0-9]{9,10})\\.([0-9a-f]{16})\\.([0-9a-f]{32})\\.([A-Za-z0-9_-]{43})';
const ASSET = '([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/([1-9][0-9]{0,8})';
const FILE = '([A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*)';
const LINK = new RegExp('^/media/' + TOKEN + '/' + ASSET + '/' + FILE + '$');
const LONGEST = 1024;

async function handler(event) {
    const request = event.request;
    // Files are read and nothing else, whatever the behaviour allows: another method must never reach the bucket.
    if (request.method !== 'GET' && request.method !== 'HEAD') {
        return refuse(405, 'Method Not Allowed', 'Only GET and HEAD are allowed.');
    }
    const link = request.uri.length > LONGEST ? null : LINK.exec(request.uri);
    if (!link) return forbid('This link is not valid.');
    const prefix = '/media/' + link[6] + '/' + link[7] + '/';
    request.uri = prefix + link[8];

    const key = await find(link[1]);
    const message = 'v1\n' + link[1] + '\n' + prefix + '\n' + link[2] + '\n' + link[3] + '\n' + link[4];
    if (!key || !same(link[5], crypto.createHmac('sha256', key).update(message).digest('base64url'))) {
        return forbid('This link is not valid.');
    }
    // Said only about a link that we signed.
    if (Number(link[2]) * 1000 <= Date.now()) return forbid('This link has expired.');
    // A lease is a UUID of version 7, which begins with the time in ms.
    const issued = parseInt(link[4].slice(0, 12), 16);
    if ((await revoked('a:' + link[6], issued)) || (await revoked('v:' + link[3], issued))) {
        return forbid('This film is not available any more.');
    }
    return request;
}

// `exists` first: a store that fails must not let anybody in, and `get` fails alike for what is not there.
async function revoked(key, issued) {
    return (await keys.exists(key)) && issued < Number(await keys.get(key));
}

async function find(kid) {
    try {
        return await keys.get(kid);
    } catch (error) {
        console.log('no key ' + kid + ': ' + error);
        return '';
    }
}

// Looks at every character, however early two differ.
function same(left, right) {
    let difference = left.length ^ right.length;
    for (let i = 0; i < left.length; i++) difference |= left.codePointAt(i) ^ right.codePointAt(i);
    return difference === 0;
}

function forbid(why) {
    return refuse(403, 'Forbidden', why);
}

function refuse(status, description, why) {
    return {
        statusCode: status,
        statusDescription: description,
        headers: {
            'cache-control': { value: 'no-store' },
            'content-type': { value: 'text/plain; charset=utf-8' },
            'x-content-type-options': { value: 'nosniff' },
        },
        body: { encoding: 'text', data: why + '\n' },
    };
}
