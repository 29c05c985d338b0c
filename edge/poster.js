// CloudFront Function (runtime 2.0, viewer request) of `/images/*`: posters need no token (ADR 9), but posters of private and
// archived titles are refused.
//
//   /images/<title>/<name>.jpg
//
// The store has an entry `t:<title>` for each such title. The function runs before the cache lookup (ADR 23).
import cf from 'cloudfront';

const store = cf.kvs();

const TITLE = '([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})';
const POSTER = new RegExp('^/images/' + TITLE + '/[A-Za-z0-9_-]+\\.jpg$');
const MAX_URI_LENGTH = 256;

async function handler(event) {
    const request = event.request;
    // Pictures are only read, whichever methods the behaviour allows.
    if (request.method !== 'GET' && request.method !== 'HEAD') {
        return refuse(405, 'Method Not Allowed', 'Only GET and HEAD are allowed.');
    }
    const poster = request.uri.length > MAX_URI_LENGTH ? null : POSTER.exec(request.uri);
    if (!poster || (await store.exists('t:' + poster[1]))) {
        return refuse(404, 'Not Found', 'There is no such picture.');
    }
    return request;
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
