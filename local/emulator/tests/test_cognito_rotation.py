from cognito import Pool, refused
from conftest import eventually, still_needed

ROTATION = {"Feature": "ENABLED", "RetryGracePeriodSeconds": 10}
TEMPLATE = {
    "Resources": {
        "Pool": {"Type": "AWS::Cognito::UserPool"},
        "Client": {
            "Type": "AWS::Cognito::UserPoolClient",
            "Properties": {"UserPoolId": {"Ref": "Pool"}, "RefreshTokenRotation": ROTATION},
        },
    },
    "Outputs": {"Pool": {"Value": {"Ref": "Pool"}}, "Client": {"Value": {"Ref": "Client"}}},
}


def rotated(emulator):
    pool = Pool(emulator, ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"], RefreshTokenRotation=ROTATION)
    pool.confirmed("rotated@example.com")
    first = pool.sign_in("rotated@example.com")["RefreshToken"]

    def refresh(token, secret=pool.secret):
        answer = pool.cognito.get_tokens_from_refresh_token(
            ClientId=pool.client, ClientSecret=secret, RefreshToken=token
        )
        return answer["AuthenticationResult"]

    assert refused(refresh, first, "another secret of this length")[0] == "NotAuthorizedException"
    second = refresh(first)["RefreshToken"]
    assert second != first
    # A response may be lost: within the grace period the same token is accepted.
    assert refresh(first)["AccessToken"]

    def reused():
        try:
            return refresh(first) and None
        except pool.cognito.exceptions.RefreshTokenReuseException as error:
            return error

    eventually(reused, 60)
    third = refresh(second)["RefreshToken"]
    pool.cognito.revoke_token(ClientId=pool.client, ClientSecret=pool.secret, Token=third)
    assert refused(refresh, third)[0] == "NotAuthorizedException"

    parameters = {"REFRESH_TOKEN": second, "SECRET_HASH": pool.hash("rotated@example.com")}
    old_flow = {"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": parameters}
    refusal = refused(pool.cognito.admin_initiate_auth, UserPoolId=pool.id, ClientId=pool.client, **old_flow)
    assert refusal[0] in ("InvalidParameterException", "NotAuthorizedException")


def provisioned(emulator):
    outputs = emulator.deploy("rotation", TEMPLATE)
    cognito = emulator.client("cognito-idp")
    client = cognito.describe_user_pool_client(UserPoolId=outputs["Pool"], ClientId=outputs["Client"])
    assert client["UserPoolClient"]["RefreshTokenRotation"] == ROTATION


def test_each_refresh_gives_the_next_token(emulator):
    rotated(emulator)


def test_cloudformation_switches_it_on(emulator):
    provisioned(emulator)


def test_still_needed(plain):
    for probe in (rotated, provisioned):
        with still_needed():
            probe(plain)
