"""`local/tools/advisories` with a fake cargo-deny and a fake npm."""

import os
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
UNREACHABLE = "2026-11-28 18:29:16 [ERROR] failed to fetch advisory database https://github.com/RustSec/advisory-db"
VULNERABLE = "error[vulnerability]: an integer overflow\n= ID: RUSTSEC-2026-0001"
NO_AUDIT = '{ "message": "405 Method Not Allowed", "statusCode": 405 }'
AUDITED = '{ "auditReportVersion": 2, "vulnerabilities": {} }'
CLEAN = (0, "advisories ok"), (0, AUDITED)


def program(folder, name, code, output):
    file = folder / name
    file.write_text(f"#!/bin/sh\ncat << 'END'\n{output}\nEND\nexit {code}\n")
    file.chmod(0o755)


@pytest.fixture
def run(tmp_path):
    def run(cargo_deny, npm):
        program(tmp_path, "cargo-deny", *cargo_deny)
        program(tmp_path, "npm", *npm)
        path = f"{tmp_path}:{os.environ['PATH']}"
        return subprocess.run(
            [PROJECT / "local/tools/advisories"], env={"PATH": path}, cwd=PROJECT, capture_output=True, text=True
        )

    return run


def test_nothing_known_passes(run):
    done = run(*CLEAN)

    assert done.returncode == 0
    assert "SKIPPED" not in done.stdout
    assert done.stdout.count("no known vulnerability") == 4


def test_what_cannot_be_asked_is_said_and_passes(run):
    done = run((1, UNREACHABLE), (1, NO_AUDIT))

    assert done.returncode == 0
    assert done.stdout.count("SKIPPED") == 4
    assert "no known vulnerability" not in done.stdout


def test_a_vulnerable_crate_fails(run):
    done = run((1, VULNERABLE), CLEAN[1])

    assert done.returncode == 1
    assert "RUSTSEC-2026-0001" in done.stdout


def test_a_vulnerable_package_fails(run):
    done = run(CLEAN[0], (1, AUDITED))

    assert done.returncode == 1
    assert "auditReportVersion" in done.stdout
