"""Functions whose code comes from the same package each have a copy of it in memory."""

from patches.wrap import wrap


def apply():
    from ministack.services import lambda_svc

    wrap(lambda_svc, "_fetch_code_from_s3", _fetch)


def _fetch(original, *args, **kwargs):
    from ministack.services import lambda_svc

    code = original(*args, **kwargs)
    for function in list(lambda_svc._functions._data.values()):
        loaded = function.get("code_zip")
        if loaded == code:
            return loaded
    return code
