"""Every download is pinned by a digest, a commit or a hash, since a tag can be moved to other content."""

import json
import re

import pytest
from transformed import PROJECT

DIGEST = re.compile(r"@sha256:[0-9a-f]{64}$")
COMMIT = re.compile(r"@[0-9a-f]{40}$")
WORKFLOWS = sorted((PROJECT / ".github/workflows").glob("*.yml"))


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actions_and_containers_are_named_by_digest(workflow):
    text = workflow.read_text()
    actions = re.findall(r"uses: *(\S+)", text)
    containers = re.findall(r"(?:container|image): *(\S+)", text)

    assert actions and containers
    assert not [action for action in actions if not COMMIT.search(action)]
    assert not [image for image in containers if not DIGEST.search(image)]


def test_base_images_are_named_by_digest():
    images = re.findall(r"^FROM +(\S+)", (PROJECT / "recommender/Dockerfile").read_text(), re.MULTILINE)

    assert "scratch" in images
    assert not [image for image in images if image != "scratch" and not DIGEST.search(image)]


def test_python_packages_are_named_by_hash():
    requirements = (PROJECT / "local/requirements.txt").read_text().replace("\\\n", "")
    packages = [line for line in requirements.splitlines() if line and not line.startswith("#")]

    assert len(packages) > 50
    assert not [line for line in packages if "==" not in line or "--hash=sha256:" not in line]


@pytest.mark.parametrize("lock", ["web/package-lock.json", "local/tools/package-lock.json"])
def test_npm_packages_are_named_by_hash(lock):
    packages = json.loads((PROJECT / lock).read_text())["packages"]
    fetched = {
        name: package for name, package in packages.items() if "node_modules/" in name and not package.get("link")
    }

    assert fetched
    assert not [name for name, package in fetched.items() if "integrity" not in package and not package.get("inBundle")]
