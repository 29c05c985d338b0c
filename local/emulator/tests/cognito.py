"""Shared by the tests of Cognito's patches: a pool with a confidential client, its users, and their mail."""

import base64
import hashlib
import hmac
import json

from botocore.exceptions import ClientError
from conftest import eventually

PASSWORD = "correct horse battery staple"


class Pool:
    """A user pool with a client like Marquee's `api`."""

    def __init__(self, emulator, **client):
        self.emulator = emulator
        self.cognito = emulator.client("cognito-idp")
        policy = {"MinimumLength": 12, "RequireLowercase": False, "RequireUppercase": False, "RequireNumbers": False}
        pool = self.cognito.create_user_pool(
            PoolName="people",
            UsernameAttributes=["email"],
            AutoVerifiedAttributes=["email"],
            Policies={"PasswordPolicy": {**policy, "RequireSymbols": False}},
        )
        self.id = pool["UserPool"]["Id"]
        settings = {
            "GenerateSecret": True,
            "ExplicitAuthFlows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            "PreventUserExistenceErrors": "ENABLED",
            **client,
        }
        client = self.cognito.create_user_pool_client(UserPoolId=self.id, ClientName="api", **settings)
        self.client = client["UserPoolClient"]["ClientId"]
        self.secret = client["UserPoolClient"]["ClientSecret"]

    def hash(self, username):
        proof = hmac.new(self.secret.encode(), (username + self.client).encode(), hashlib.sha256)
        return base64.b64encode(proof.digest()).decode()

    def call(self, name, email, **more):
        method = getattr(self.cognito, name)
        return method(ClientId=self.client, SecretHash=self.hash(email), Username=email, **more)

    def sign_up(self, email):
        attributes = [{"Name": "email", "Value": email}]
        return self.call("sign_up", email, Password=PASSWORD, UserAttributes=attributes)

    def confirmed(self, email):
        self.sign_up(email)
        self.call("confirm_sign_up", email, ConfirmationCode=self.codes(email, 1)[-1])

    def sign_in(self, email, password=PASSWORD):
        parameters = {"USERNAME": email, "PASSWORD": password, "SECRET_HASH": self.hash(email)}
        answer = self.cognito.admin_initiate_auth(
            UserPoolId=self.id,
            ClientId=self.client,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters=parameters,
        )
        return answer["AuthenticationResult"]

    def codes(self, email, count):
        """The codes that were mailed to an address, as soon as there are `count` of them."""

        def mailed():
            messages = json.loads(self.emulator.http("GET", "/_ministack/ses/messages")[2])["messages"]
            mails = [mail for mails in messages.values() for mail in mails if email in mail["To"]]
            codes = ["".join(filter(str.isdigit, mail["BodyText"])) for mail in mails]
            return codes if len(codes) >= count else None

        return eventually(mailed)


def refused(call, *args, **kwargs):
    """The code and the message of the error that a call ends with."""
    try:
        call(*args, **kwargs)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    raise AssertionError("it was not refused")


def another(code):
    return f"{(int(code) + 1) % 10**6:06}"
