// CloudFront Function (runtime 2.0, viewer request) of the default behaviour: every page of the web app is `index.html`.
//
// A path whose last segment has no extension is a page; a path with an extension is a file, which may be missing.
// A custom error response instead would replace the API's 404 by the app.
function handler(event) {
    const request = event.request;
    const name = request.uri.slice(request.uri.lastIndexOf('/') + 1);
    const wellKnown = request.uri.startsWith('/.well-known/');
    if (!wellKnown && !name.includes('.')) request.uri = '/index.html';
    return request;
}
