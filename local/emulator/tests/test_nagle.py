import socketserver

from patches import nagle


def test_the_runtime_api_still_leaves_it_on_and_the_patch_turns_it_off():
    from ministack.core import lambda_runtime  # noqa: F401  (would set it, if it did)

    assert not socketserver.StreamRequestHandler.disable_nagle_algorithm, "set by the emulator: remove the patch"
    nagle.apply()
    assert socketserver.StreamRequestHandler.disable_nagle_algorithm
