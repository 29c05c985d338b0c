"""`local/tools/build`: the progress that `make` shows while it compiles without a terminal."""

import os
import select
import subprocess

import pytest
from conftest import PROJECT

LINES = "\n".join(f"   Compiling crate-{n} v1.0.0" for n in range(65))


@pytest.fixture
def build(tmp_path):
    """Runs the script in a folder whose `cargo` says `output` and ends with `status`."""

    def run(output, status):
        (tmp_path / "Cargo.lock").write_text('name = "a"\n' * 100)
        (tmp_path / "output").write_text(output)
        cargo = tmp_path / "cargo"
        cargo.write_text(f"#!/bin/sh\ncat {tmp_path}/output >&2\nexit {status}\n")
        cargo.chmod(0o755)
        return subprocess.run(
            [str(PROJECT / "local/tools/build")],
            cwd=tmp_path,
            env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
        )

    return run


def test_it_shows_its_progress(build):
    done = build(LINES + "\n    Finished `dev` profile\n", 0)

    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "compiling Marquee: 5 to 20 minutes the first time, seconds later",
        "  compiled 30 of at most 100 packages",
        "  compiled 60 of at most 100 packages",
    ]


def test_it_shows_its_progress_at_once(tmp_path):
    (tmp_path / "Cargo.lock").write_text('name = "a"\n')
    (tmp_path / "output").write_text(LINES + "\n")
    cargo = tmp_path / "cargo"
    cargo.write_text("#!/bin/sh\ncat output\nuntil [ -e go ]; do sleep 0.05; done\n")
    cargo.chmod(0o755)
    command = [str(PROJECT / "local/tools/build")]
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}

    with subprocess.Popen(command, cwd=tmp_path, env=path, stderr=subprocess.PIPE) as process:
        output = b""
        while b"compiled 60" not in output and select.select([process.stderr], [], [], 10)[0]:
            output += os.read(process.stderr.fileno(), 4096)
        (tmp_path / "go").touch()

    assert b"compiled 60" in output


def test_errors_are_shown_whole_and_end_the_build(build):
    done = build("   Compiling crate v1.0.0\nerror[E0425]: cannot find *value* `x`\n  --> src/lib.rs:1:1\n", 101)

    assert done.returncode != 0
    assert "error[E0425]: cannot find *value* `x`\n  --> src/lib.rs:1:1\n" in done.stderr


@pytest.mark.parametrize("line", ["  built x", "built"])
def test_no_line_of_a_failed_build_passes_for_success(build, line):
    done = build(f"{line}\n", 101)

    assert done.returncode != 0
    assert f"{line}\n" in done.stderr
