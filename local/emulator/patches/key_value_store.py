"""IAM sees requests for a CloudFront key value store without their resource, so that only `*` allows them."""

from urllib.parse import unquote

from patches.wrap import wrap

SERVICE = "cloudfront-keyvaluestore"
STORES = "/key-value-stores/"


def apply():
    from ministack.core import iam_actions

    wrap(iam_actions, "extract_resource_arn", _with_store)


def _with_store(original, service, method, path, *rest):
    if service != SERVICE or not path.startswith(STORES):
        return original(service, method, path, *rest)
    # The store's name is the last part of its ARN; `/keys…` may follow.
    return unquote(path.removeprefix(STORES)).split("/keys", 1)[0]
