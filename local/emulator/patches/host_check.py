"""Any web page may use the emulator: it answers requests for any host name (DNS rebinding), and lets pages of every
origin read its answers.

With this patch it answers only to host names of this machine and of AWS. A page's request (it has an `Origin`) is
accepted where the product needs it: parts of uploads, which go to S3 with presigned URLs, the HTTP API behind its own
CORS settings, and the content of a distribution. The emulator's own endpoints (`/_ministack/reset` deletes everything)
accept no request of a page.
"""

import re
from urllib.parse import parse_qs

OWN_NAMES = ("localhost", "127.0.0.1", "[::1]")
BELOW = (".localhost", ".amazonaws.com", ".cloudfront.net", ".on.aws", ".api.aws")
OWN_ADDRESSES = "/_"
HTTP_API = re.compile(r"/_aws/execute-api/[a-z0-9]+/")
UPLOADING = ("PUT", "OPTIONS")
SIGNATURE = re.compile(r"[0-9a-f]{64}")
SIGNED_FOR_S3 = re.compile(r"[^/]+/[0-9]{8}/[^/]+/s3/aws4_request")


def apply():
    from ministack import app as module

    original = module.app

    async def app(scope, receive, send):
        refusal = _refusal(scope) if scope["type"] in ("http", "websocket") else None
        if refusal is None:
            return await original(scope, receive, send)
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": 1008})
        headers = [(b"content-type", b"text/plain; charset=utf-8")]
        await send({"type": "http.response.start", "status": refusal[0], "headers": headers})
        await send({"type": "http.response.body", "body": refusal[1]})

    module.app = app


def _refusal(scope):
    headers = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.lower(), []).append(value.decode("latin-1"))
    hosts = headers.get(b"host", [])
    if len(hosts) != 1 or not _is_known(hosts[0]):
        return 421, b"This machine does not answer under this name.\n"
    if b"origin" in headers and not _is_allowed_for_pages(scope, hosts[0]):
        return 403, b"Web pages may not use this address.\n"
    return None


def _is_known(host):
    name = host.lower()
    head, colon, port = name.rpartition(":")
    if colon and port.isdigit():
        name = head
    return name in OWN_NAMES or name.endswith(BELOW)


def _is_allowed_for_pages(scope, host):
    if scope["type"] != "http":
        return False
    path = scope["path"]
    if path.startswith(OWN_ADDRESSES):
        return bool(HTTP_API.match(path)) and ".." not in path.split("/")
    return _is_distribution(host) or _is_part_of_an_upload(scope)


def _is_distribution(host):
    """The distribution's own policies decide which pages may read its content."""
    from ministack import app as module
    from ministack.services import cloudfront

    label = module._parse_cloudfront_dataplane_host(host)
    return label is not None and cloudfront.find_distribution_for_label(label) is not None


def _is_part_of_an_upload(scope):
    """Whether the URL has the form of one that is presigned for S3; S3 verifies the signature itself."""
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    signed = (("X-Amz-Signature", SIGNATURE), ("X-Amz-Credential", SIGNED_FOR_S3))
    return scope["method"] in UPLOADING and all(
        len(query.get(name, [])) == 1 and form.fullmatch(query[name][0]) for name, form in signed
    )
