"""The Makefile passes the values that people give as data: no part of one is run, by a shell or by make."""

import os
import subprocess

import pytest
from conftest import PROJECT

# Prints its name, its arguments and the variables that the scripts read.
PROGRAM = """#!/bin/sh
printf '%s\\n' "${0##*/}" "$@"
[ "${0##*/}" = marquee-local ] || printf '%s\\n' "${FILE-}" "${DIR-}" "${REGISTRY-}"
"""
CODE = [
    "x; touch pwned",
    '"; touch pwned; "',
    "'; touch pwned; '",
    "`touch pwned`",
    "$(touch pwned)",
    "$(shell touch pwned)",
    "$HOME and $$",
    "two  words",
]


@pytest.fixture
def make(tmp_path):
    """Runs a command of the Makefile in a folder of fake programs, without what the command needs first."""

    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    write("Makefile", (PROJECT / "Makefile").read_text())
    programs = ["target/debug/marquee-local", "local/tools/demo", "local/tools/media-check", "local/tools/push-image"]
    for program in [*programs, "bin/cargo"]:
        write(program, PROGRAM)
    write("local/tools/with-marquee", "#!/bin/sh\nexec bash -eu\n")
    (tmp_path / "web").mkdir()

    def make(*arguments, **environment):
        done = subprocess.run(
            ["make", "--old-file=build", "--old-file=up", *arguments],
            cwd=tmp_path,
            env={"PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "HOME": "/", **environment},
            capture_output=True,
            text=True,
        )
        assert not (tmp_path / "pwned").exists(), arguments
        return done

    return make


def lines(done):
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("value", CODE)
def test_a_value_is_passed_as_it_is(make, value):
    assert lines(make("logs", f"REQUEST={value}")) == ["marquee-local", "logs", "--", value]
    assert lines(make("logs", REQUEST=value)) == ["marquee-local", "logs", "--", value]
    assert lines(make("deploy", f"ENV={value}")) == ["marquee-local", "deploy", f"--environment={value}"]
    undeploy = ["marquee-local", "undeploy", f"--environment={value}", f"--confirm={value}"]
    assert lines(make("undeploy", f"ENV={value}", f"CONFIRM={value}")) == undeploy
    assert value in lines(make("demo", f"FILE={value}"))
    assert value in lines(make("media-check", f"DIR={value}"))
    assert value in lines(make("image", f"REGISTRY={value}"))
    rank = lines(make("rank", f"SPLIT={value}", f"OUT={value}"))
    assert rank[rank.index("--split") :][:4] == ["--split", value, "--out", value]


def test_areas_are_words(make):
    assert lines(make("test-release"))[:5] == ["marquee-local", "deploy", "--release", "--only", "ingest"]
    assert lines(make("test-release", "AREAS="))[:4] == ["marquee-local", "deploy", "--release", "demo"]
    assert lines(make("test-release", "AREAS=a; touch pwned"))[3:7] == ["--only", "a;", "--only", "touch"]


def test_without_a_value(make):
    assert lines(make("logs")) == ["marquee-local", "logs"]
    assert lines(make("deploy", "ENV=local")) == ["marquee-local", "deploy", "--release"]
    assert lines(make("undeploy", "ENV=local")) == ["marquee-local", "undeploy"]
    assert lines(make("undeploy", "ENV=test")) == ["marquee-local", "undeploy", "--environment=test"]
    for command in ("deploy", "undeploy"):
        refused = make(command)
        assert refused.returncode != 0 and "ENV= takes an environment" in refused.stderr
