"""A stack's template as CloudFormation sees it: after SAM's transformation, with the state machines' definitions in it.

    python infra/tests/transformed.py stacks/recommender.yaml OUT.json

writes it to a file. What is counted, named and billed on AWS is this and not what we write.
"""

import json
import os
import sys
from pathlib import Path
from unittest import mock

import boto3
from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform

PROJECT = Path(__file__).resolve().parents[2]
# The transformation resolves managed policies by their names; the template names none.
MANAGED_POLICIES = mock.Mock(load=dict)


def source(path="template.yaml"):
    """A template as it is written, with `!Ref x` as `{"Ref": "x"}`."""
    return yaml_parse((PROJECT / path).read_text())


def stacks():
    """The files of all stacks: the core's, then the others'."""
    return ["template.yaml", *sorted(str(path.relative_to(PROJECT)) for path in (PROJECT / "stacks").glob("*.yaml"))]


def transformed(path="template.yaml"):
    """A template as CloudFormation gets it."""
    template = source(path)
    if "Transform" not in template:
        return json.loads(json.dumps(template))
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Serverless::Function":
            # `sam deploy` puts the package into a bucket first.
            properties["CodeUri"] = {"Bucket": "packages", "Key": properties["CodeUri"]}
        if resource["Type"] == "AWS::Serverless::StateMachine" and "DefinitionUri" in properties:
            definition = (PROJECT / path).parent / properties.pop("DefinitionUri")
            properties["Definition"] = yaml_parse(definition.read_text())
    # The transformation asks for the region and partition only; nothing is called.
    with mock.patch.dict(os.environ, {"AWS_DEFAULT_REGION": "us-east-1"}):
        boto3.setup_default_session(region_name="us-east-1")
        result = transform(template, {}, MANAGED_POLICIES)
    return json.loads(json.dumps(result))


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(transformed(sys.argv[1]), indent=1))
