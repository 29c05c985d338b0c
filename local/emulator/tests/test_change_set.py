"""`aws cloudformation deploy`, by which `make up` deploys, polls the state of a stack every thirty seconds."""

import json

CHANGES = [{"DelaySeconds": 1}, {"DelaySeconds": 2}]


def test_a_change_set_has_been_executed_at_the_first_poll(emulator):
    cloudformation = emulator.client("cloudformation")
    for number, properties in enumerate(CHANGES):
        kind = "UPDATE" if number else "CREATE"
        change = cloudformation.create_change_set(
            StackName="polled",
            ChangeSetName=f"change-{number}",
            ChangeSetType=kind,
            TemplateBody=json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": properties}}}),
        )
        described = cloudformation.describe_change_set(ChangeSetName=change["Id"])
        assert described["Status"] == "CREATE_COMPLETE"

        cloudformation.execute_change_set(ChangeSetName=change["Id"])

        (stack,) = cloudformation.describe_stacks(StackName="polled")["Stacks"]
        assert stack["StackStatus"] == f"{kind}_COMPLETE"
