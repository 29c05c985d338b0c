"""CloudFront Functions that import `cloudfront` (for its KeyValueStore) are refused with 503.

Our edge runs them itself, in an engine that has the module, and sends a header with the request. With that header the
distribution runs no function, and leaves the response headers policy to the edge, which also applies it to responses
from its cache. The header never reaches an origin.
"""

from patches.wrap import wrap

HEADER = "x-marquee-edge-functions"
DONE = "done"


def apply():
    from ministack.services import cloudfront

    wrap(cloudfront, "handle_viewer_request", _serve)
    wrap(cloudfront, "parse_distribution_dataplane_config", _without_functions)


class _Served(dict):
    """A distribution whose functions have run already."""


async def _serve(original, distribution, method, path, raw_uri, raw_query_string, headers, *rest, **more):
    if headers.get(HEADER) == DONE:
        distribution = _Served(distribution)
    headers = {name: value for name, value in headers.items() if name != HEADER}
    return await original(distribution, method, path, raw_uri, raw_query_string, headers, *rest, **more)


def _without_functions(original, distribution):
    parsed = original(distribution)
    if not isinstance(distribution, _Served):
        return parsed
    done = {"functions": {}, "response_headers_policy_id": None}
    return {
        **parsed,
        "default_behavior": {**parsed["default_behavior"], **done},
        "ordered_behaviors": [{**behavior, **done} for behavior in parsed["ordered_behaviors"]],
    }
