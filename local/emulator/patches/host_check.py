"""Any web page may use the emulator: it answers under whatever name leads to it (DNS rebinding), and lets pages of
every origin read its answers.

Only names of this machine and of AWS are answered. A page's request (it has an `Origin`) is taken where the product
needs it: parts of uploads, which go to S3 with signed addresses, the HTTP API behind its own CORS settings, and what a
distribution serves. The emulator's own addresses (`/_ministack/reset` deletes everything) are for no page, whatever
else its request looks like.
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
        why = _refusal(scope) if scope["type"] in ("http", "websocket") else None
        if why is None:
            return await original(scope, receive, send)
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": 1008})
        headers = [(b"content-type", b"text/plain; charset=utf-8")]
        await send({"type": "http.response.start", "status": why[0], "headers": headers})
        await send({"type": "http.response.body", "body": why[1]})

    module.app = app


def _refusal(scope):
    headers = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.lower(), []).append(value.decode("latin-1"))
    hosts = headers.get(b"host", [])
    if len(hosts) != 1 or not _is_known(hosts[0]):
        return 421, b"This machine does not answer under this name.\n"
    if b"origin" in headers and not _is_for_pages(scope, hosts[0]):
        return 403, b"Web pages may not use this address.\n"
    return None


def _is_known(host):
    name = host.lower()
    head, colon, port = name.rpartition(":")
    if colon and port.isdigit():
        name = head
    return name in OWN_NAMES or name.endswith(BELOW)


def _is_for_pages(scope, host):
    if scope["type"] != "http":
        return False
    path = scope["path"]
    if path.startswith(OWN_ADDRESSES):
        return bool(HTTP_API.match(path)) and ".." not in path.split("/")
    return _is_distribution(host) or _is_part_of_an_upload(scope)


def _is_distribution(host):
    """Which page may read what a distribution serves, its own policies say."""
    from ministack import app as module
    from ministack.services import cloudfront

    label = module._parse_cloudfront_dataplane_host(host)
    return label is not None and cloudfront.find_distribution_for_label(label) is not None


def _is_part_of_an_upload(scope):
    """Whether the address is signed for S3, as far as one can see: whether it is signed well, S3 looks at."""
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    signed = (("X-Amz-Signature", SIGNATURE), ("X-Amz-Credential", SIGNED_FOR_S3))
    return scope["method"] in UPLOADING and all(
        len(query.get(name, [])) == 1 and form.fullmatch(query[name][0]) for name, form in signed
    )
