"""A stack's template as CloudFormation sees it: after SAM's transformation, with the state machines' definitions in it.

    python infra/tests/transformed.py stacks/recommender.yaml OUT.json

writes it to a file. AWS counts, names and bills the resources of the transformed template.
"""

import functools
import json
import os
import sys
from pathlib import Path
from unittest import mock

import boto3
from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform

PROJECT = Path(__file__).resolve().parents[2]
# The transformation resolves managed policies by name; the templates name none.
MANAGED_POLICIES = mock.Mock(load=dict)


def source(path):
    """A template as it is written, with `!Ref x` as `{"Ref": "x"}`."""
    return yaml_parse((PROJECT / path).read_text())


def stacks():
    """The template files of all stacks, the core's first."""
    return ["template.yaml", *sorted(str(path.relative_to(PROJECT)) for path in (PROJECT / "stacks").glob("*.yaml"))]


@functools.cache
def transformed(path):
    """A template as CloudFormation gets it. Several tests read it; none may change it."""
    template = source(path)
    if "Transform" not in template:
        return json.loads(json.dumps(template))
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Serverless::Function":
            # `sam deploy` uploads the package to a bucket first.
            properties["CodeUri"] = {"Bucket": "packages", "Key": properties["CodeUri"]}
        if resource["Type"] == "AWS::Serverless::StateMachine" and "DefinitionUri" in properties:
            definition = (PROJECT / path).parent / properties.pop("DefinitionUri")
            properties["Definition"] = yaml_parse(definition.read_text())
    # The transformation reads only region and partition; it calls no service.
    with mock.patch.dict(os.environ, {"AWS_DEFAULT_REGION": "us-east-1"}):
        boto3.setup_default_session(region_name="us-east-1")
        result = transform(template, {}, MANAGED_POLICIES)
    return json.loads(json.dumps(result))


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(transformed(sys.argv[1]), indent=1))
