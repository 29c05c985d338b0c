"""Any web page may use the emulator: it answers under whatever name leads to it (DNS rebinding), and lets pages of
every origin read its answers.

Only names of this machine and of AWS are answered. A page's request (it has an `Origin`) is taken where the product
needs it: parts of uploads, which go to S3 with signed addresses, and the HTTP API behind its own CORS settings.
"""

OWN = ("localhost", "127.0.0.1", "[::1]")
BELOW = (".localhost", ".amazonaws.com", ".cloudfront.net", ".on.aws", ".api.aws")
HTTP_API = "/_aws/execute-api/"
# What a distribution serves is for pages; which page may read it, its policies say.
DISTRIBUTION = ".cloudfront."
SIGNED_FOR_S3 = (b"%2fs3%2faws4_request", b"/s3/aws4_request")


def apply():
    from ministack import app as module

    original = module.app

    async def app(scope, receive, send):
        why = _refusal(scope) if scope["type"] == "http" else None
        if why is None:
            return await original(scope, receive, send)
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
    return name in OWN or name.endswith(BELOW)


def _is_for_pages(scope, host):
    query = scope.get("query_string", b"").lower()
    served = scope["path"].startswith(HTTP_API) or any(mark in query for mark in SIGNED_FOR_S3)
    return served or DISTRIBUTION in host.lower()
