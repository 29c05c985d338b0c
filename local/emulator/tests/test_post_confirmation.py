import json

from conftest import eventually, python_function, still_needed

CODE = """
import json, os, boto3
def handler(event, context):
    boto3.client("ssm").put_parameter(Name="/confirmed", Value=json.dumps(event), Type="String", Overwrite=True)
    return event
"""
PERSON = "ada@example.com"
TEMPLATE = {
    "Resources": {
        "Function": python_function(
            CODE,
            Policies=[{"Statement": [{"Effect": "Allow", "Action": "ssm:PutParameter", "Resource": "*"}]}],
        ),
        "Pool": {
            "Type": "AWS::Cognito::UserPool",
            "Properties": {
                "UsernameAttributes": ["email"],
                "AutoVerifiedAttributes": ["email"],
                "LambdaConfig": {"PostConfirmation": {"Fn::GetAtt": ["Function", "Arn"]}},
            },
        },
        "Client": {"Type": "AWS::Cognito::UserPoolClient", "Properties": {"UserPoolId": {"Ref": "Pool"}}},
    },
    "Outputs": {"Pool": {"Value": {"Ref": "Pool"}}, "Client": {"Value": {"Ref": "Client"}}},
}


def probe(emulator):
    outputs = emulator.deploy("post-confirmation", TEMPLATE)
    cognito = emulator.client("cognito-idp")
    signed_up = cognito.sign_up(ClientId=outputs["Client"], Username=PERSON, Password="Secret-123")
    cognito.confirm_sign_up(
        ClientId=outputs["Client"],
        Username=PERSON,
        ConfirmationCode=mailed_code(emulator),
        ClientMetadata={"sent": "by the client"},
    )

    ssm = emulator.client("ssm")
    event = json.loads(ssm.get_parameter(Name="/confirmed")["Parameter"]["Value"])
    assert event["triggerSource"] == "PostConfirmation_ConfirmSignUp"
    assert event["userPoolId"] == outputs["Pool"]
    assert event["request"]["clientMetadata"] == {"sent": "by the client"}
    attributes = event["request"]["userAttributes"]
    assert (attributes["email"], attributes["sub"]) == (PERSON, signed_up["UserSub"])


def mailed_code(emulator):
    def newest():
        messages = json.loads(emulator.http("GET", "/_ministack/ses/messages")[2])["messages"]
        to_person = [mail for mails in messages.values() for mail in mails if PERSON in mail["To"]]
        return to_person and to_person[-1]["BodyText"]

    return "".join(filter(str.isdigit, eventually(newest)))


def test_the_trigger_gets_the_confirmed_user(emulator):
    probe(emulator)


def test_still_needed(plain):
    with still_needed():
        probe(plain)
