"""A missing file is answered 403 even where the bucket's policy lets the distribution list the bucket, and any method
reads an object.

On AWS a missing file is 403 without that permission, so that callers do not learn which files exist, and 404 with it.
OPTIONS is a CORS preflight, whose answer never has an object, and other methods need permissions that no distribution
has here.
"""

from patches.wrap import wrap


def apply():
    from ministack.services import s3

    wrap(s3, "serve_cloudfront_origin_fetch", _fetch)


def _fetch(original, bucket, key, method, headers, source_arn="", oai_id=""):
    from ministack.services import s3

    if method not in ("GET", "HEAD"):
        return s3._error("AccessDenied", "Access Denied", 403, f"/{bucket}/{key}")
    answer = original(bucket, key, method, headers, source_arn=source_arn, oai_id=oai_id)
    found = s3._ensure_bucket(bucket)
    if answer[0] != 403 or found is None or key in found["objects"] or not _may_list(bucket, source_arn):
        return answer
    status, fields, body = s3._error("NoSuchKey", "The specified key does not exist.", 404, f"/{bucket}/{key}")
    return status, fields, b"" if method == "HEAD" else body


def _may_list(bucket, distribution):
    """Whether the bucket's policy allows `s3:ListBucket` to CloudFront for this distribution."""
    from ministack.core import iam_evaluator, responses
    from ministack.services import s3

    owner = s3._bucket_owner_account(bucket) or responses.get_account_id()
    policy = s3._bucket_policies.get_scoped(owner, None, bucket)
    if not policy or not distribution:
        return False
    context = iam_evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action="s3:ListBucket",
        resource_arn=f"arn:aws:s3:::{bucket}",
        region=responses.get_region(),
        service_context={"aws:sourcearn": distribution},
    )
    evaluation = iam_evaluator.evaluate_resource_policy(policy, context, service="cloudfront.amazonaws.com")
    return evaluation.decision == "Allow"
