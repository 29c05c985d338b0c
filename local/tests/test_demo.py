"""`local/tools/demo` with a fake `marquee` that records its calls."""

import json
import os
import subprocess
import sys

import pytest
from conftest import PROJECT

MARQUEE = """#!/bin/sh
echo "$*" >> "$CALLS"
case "$*" in
*"$FAILS"*) echo "error: no" >&2; exit 2 ;;
titles*) [ -z "$PUBLISHED" ] || echo "$PUBLISHED" ;;
*--watch) [ "$1" = timeline ] || printf 'title: id-of-it\\nwatch: http://x\\npublished in 1 s\\n' ;;
ingest*) printf 'id-of-%s\\nnext: marquee timeline\\n' "$4" ;;
esac
"""


@pytest.fixture
def demo(tmp_path):
    """Runs the script in a checkout where `marquee` fails if its arguments contain `fails`."""

    def write(path, text, mode=0o755):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    write(tmp_path / "local/tools/demo", (PROJECT / "local/tools/demo").read_text())
    write(tmp_path / "local/tools/demo-film", '#!/bin/sh\ntouch "$3"\n')
    write(tmp_path / "target/debug/marquee", MARQUEE)
    write(tmp_path / ".venv/bin/python", f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    write(tmp_path / ".marquee/admin.json", json.dumps({"email": "admin@example.org", "password": "p"}))

    def demo(fails="nothing", published="", **environment):
        calls = tmp_path / "calls"
        environment = {"PATH": os.environ["PATH"], "CALLS": str(calls), **environment}
        environment |= {"FAILS": fails, "PUBLISHED": published and json.dumps({"name": published, "title_id": "old"})}
        done = subprocess.run(["local/tools/demo"], cwd=tmp_path, env=environment, capture_output=True, text=True)
        return done, calls.read_text().splitlines()

    return demo


def test_a_film_of_your_own_is_published_and_checked(demo):
    done, calls = demo(FILE="my film.mp4", TITLE="Mine")

    assert done.returncode == 0, done.stderr
    assert calls[1:] == ["ingest my film.mp4 --title Mine --watch", "play id-of-it --check"]


def test_the_films_are_published_by_name(demo):
    done, calls = demo(FILMS="3", published="Weather")

    assert done.returncode == 0, done.stderr
    assert "film 1 of 3: Weather is published already" in done.stderr
    assert "waiting until Shoreline is published" in done.stderr
    assert "id-of" not in done.stderr
    assert "timeline id-of-Shoreline --watch" in calls
    assert calls[-1] == "play id-of-it --check"


@pytest.mark.parametrize(
    "fails, environment",
    [
        ("ingest bad.mp4", {"FILE": "bad.mp4"}),
        ("weather.mp4", {}),
        ("timeline", {}),
        ("aurora.mp4", {"FILMS": "1"}),
        ("titles", {"FILMS": "1"}),
        ("titles", {"FILMS": "2"}),
    ],
)
def test_the_first_error_ends_it(demo, fails, environment):
    done, calls = demo(fails=fails, **environment)

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "error: no"
    assert fails in calls[-1]
