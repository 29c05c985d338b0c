// CloudFront Function (runtime 2.0, viewer request) of the default behaviour: every page of the web app is `index.html`.
//
// A path whose last name has no extension is a page; one with an extension is a file of its own, which may be missing.
// This is done before the cache and not by a custom error response, which would turn the API's 404 into the app.
function handler(event) {
    const request = event.request;
    const name = request.uri.slice(request.uri.lastIndexOf('/') + 1);
    const wellKnown = request.uri.startsWith('/.well-known/');
    if (!wellKnown && !name.includes('.')) request.uri = '/index.html';
    return request;
}
