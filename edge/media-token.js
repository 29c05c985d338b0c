// CloudFront Function (runtime 2.0, viewer request) of `/media/*`: lets a viewer through to a film's files when the path
// carries a valid token, and takes the token out of the path, so that all viewers share one cache entry per file.
//
//   /media/<kid>.<exp>.<viewer>.<lease>.<sig>/<asset>/<attempt>/hls/master.m3u8  ->  /media/<asset>/<attempt>/hls/master.m3u8
//
// The signature binds key id, asset, attempt, expiry, viewer and lease (see docs of the signer, functions/playback). The
// keys are in the associated KeyValueStore under their ids; two of them, so that one can be replaced while links that the
// other signed still play.
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
    const link = request.uri.length > LONGEST ? null : LINK.exec(request.uri);

    // A preflight carries no secret and gets no content.
    if (!link) return request.method === 'OPTIONS' ? request : refuse('This link is not valid.');
    const prefix = '/media/' + link[6] + '/' + link[7] + '/';
    request.uri = prefix + link[8];
    if (request.method === 'OPTIONS') return request;

    const key = await find(link[1]);
    const message = 'v1\n' + link[1] + '\n' + prefix + '\n' + link[2] + '\n' + link[3] + '\n' + link[4];
    if (!key || !same(link[5], crypto.createHmac('sha256', key).update(message).digest('base64url'))) {
        return refuse('This link is not valid.');
    }
    // Only told to who holds a link that we signed.
    if (Number(link[2]) * 1000 <= Date.now()) return refuse('This link has expired.');
    return request;
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

function refuse(why) {
    return {
        statusCode: 403,
        statusDescription: 'Forbidden',
        headers: { 'content-type': { value: 'text/plain; charset=utf-8' }, 'cache-control': { value: 'no-store' } },
        body: { encoding: 'text', data: why + '\n' },
    };
}
