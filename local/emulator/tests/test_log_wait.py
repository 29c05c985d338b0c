from patches import log_wait


def test_the_wait_for_a_first_line_is_still_long_and_the_patch_makes_it_short():
    from ministack.core.lambda_runtime import Worker

    first_line, _idle, _longest = Worker._drain_stderr_bounded.__defaults__
    assert first_line > 0.01, "short in the emulator itself: remove the patch"
    log_wait.apply()
    assert Worker._drain_stderr_bounded.__defaults__[0] == log_wait.FIRST_LINE_SECONDS
