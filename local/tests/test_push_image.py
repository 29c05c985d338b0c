"""`local/tools/push-image` with a fake docker and a fake aws that record their calls."""

import os
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
REGISTRY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/marquee-recommendations"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


@pytest.fixture
def push(tmp_path):
    """Runs the script in a checkout with one commit, and returns the finished process and its calls."""
    checkout = tmp_path / "checkout"
    tools = checkout / "local/tools"
    tools.mkdir(parents=True)
    (tools / "push-image").write_text((PROJECT / "local/tools/push-image").read_text())
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "one"]):
        subprocess.run([*git, *command], cwd=checkout, check=True)

    def push(media_type=DOCKER_MANIFEST, **more):
        bin = tmp_path / "bin"
        bin.mkdir(exist_ok=True)
        calls = tmp_path / "calls"
        for name, output in (("docker", ""), ("aws", media_type)):
            (bin / name).write_text(f'#!/bin/sh\ncat > /dev/null\necho "{name} $*" >> {calls}\necho "{output}"\n')
            (bin / name).chmod(0o755)
        environment = {"PATH": f"{bin}:{os.environ['PATH']}", "REGISTRY": REGISTRY, "REGION": "eu-west-1", **more}
        done = subprocess.run(
            ["bash", "local/tools/push-image"], cwd=checkout, env=environment, input="", capture_output=True, text=True
        )
        return done, calls.read_text().splitlines() if calls.exists() else []

    push.checkout = checkout
    return push


def test_the_image_is_one_that_sagemaker_takes(push):
    done, calls = push()

    assert done.returncode == 0, done.stderr
    (build,) = [call for call in calls if call.startswith("docker buildx build")]
    for option in ("--platform linux/amd64", "--provenance=false", "--sbom=false", "oci-mediatypes=false", "push=true"):
        assert option in build
    image = done.stdout.splitlines()[-1]
    assert image.startswith(f"{REGISTRY}:") and f"name={image}," in build
    login = next(call for call in calls if call.startswith("docker login"))
    assert login.endswith("123456789012.dkr.ecr.eu-west-1.amazonaws.com")


def test_an_image_that_sagemaker_refuses_is_found_before_it_is_used(push):
    done, _ = push(OCI_MANIFEST)

    assert done.returncode == 1
    assert OCI_MANIFEST in done.stderr
    assert REGISTRY not in done.stdout


def test_it_acts_in_the_account_of_the_environment(push):
    _, calls = push(PROFILE="work")

    aws_calls = [call for call in calls if call.startswith("aws ")]
    assert aws_calls and all(call.startswith("aws --region eu-west-1 --profile work ecr ") for call in aws_calls)


def test_a_tag_names_what_it_was_built_from(push):
    (push.checkout / "changed").write_text("")
    done, calls = push()

    assert done.returncode == 2 and not calls
