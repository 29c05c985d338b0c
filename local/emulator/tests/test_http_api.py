import json

from conftest import python_function, still_needed

CODE = """
import json
def handler(event, context):
    claims = event["requestContext"].get("authorizer", {}).get("jwt", {}).get("claims", {})
    return {"statusCode": 200, "body": json.dumps({"route": event["routeKey"], "client": claims.get("client_id")})}
"""
ORIGIN = "https://site.example"


def template(paths):
    """An API whose routes need a JWT, except those below `/open`."""

    def event(path):
        properties = {"ApiId": {"Ref": "Api"}, "Method": "GET", "Path": path}
        if path.startswith("/open"):
            properties["Auth"] = {"Authorizer": "NONE"}
        return {"Type": "HttpApi", "Properties": properties}

    issuer = {"Fn::Sub": "https://cognito-idp.${AWS::Region}.amazonaws.com/${Pool}"}
    authorizer = {
        "IdentitySource": "$request.header.Authorization",
        "JwtConfiguration": {"issuer": issuer, "audience": [{"Ref": "Client"}]},
    }
    events = {f"Route{number}": event(path) for number, path in enumerate(paths)}
    return {
        "Resources": {
            "Api": {
                "Type": "AWS::Serverless::HttpApi",
                "Properties": {
                    "Auth": {"DefaultAuthorizer": "People", "Authorizers": {"People": authorizer}},
                    "CorsConfiguration": {"AllowOrigins": [ORIGIN], "AllowMethods": ["GET"]},
                },
            },
            "Function": python_function(CODE, Events=events),
            "Pool": {"Type": "AWS::Cognito::UserPool", "Properties": {}},
            "Client": {
                "Type": "AWS::Cognito::UserPoolClient",
                "Properties": {"UserPoolId": {"Ref": "Pool"}, "ExplicitAuthFlows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]},
            },
        },
        "Outputs": {name: {"Value": {"Ref": name}} for name in ("Api", "Pool", "Client")},
    }


def token(emulator, outputs):
    cognito = emulator.client("cognito-idp")
    person = {"UserPoolId": outputs["Pool"], "Username": "ada"}
    cognito.admin_create_user(**person, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**person, Password="Secret-123", Permanent=True)
    signed_in = cognito.admin_initiate_auth(
        UserPoolId=outputs["Pool"],
        ClientId=outputs["Client"],
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": "Secret-123"},
    )
    return signed_in["AuthenticationResult"]["AccessToken"]


def probe(emulator):
    outputs = emulator.deploy("http-api", template(["/open/{id}", "/closed"]))
    base = f"/_aws/execute-api/{outputs['Api']}/$default"

    status, _, body = emulator.http("GET", f"{base}/open/7")
    assert (status, json.loads(body)["route"]) == (200, "GET /open/{id}")

    assert emulator.http("GET", f"{base}/closed")[0] == 401
    bearer = {"Authorization": f"Bearer {token(emulator, outputs)}"}
    status, _, body = emulator.http("GET", f"{base}/closed", headers=bearer)
    assert (status, json.loads(body)["client"]) == (200, outputs["Client"])

    preflight = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}
    status, headers, _ = emulator.http("OPTIONS", f"{base}/open/7", headers=preflight)
    assert (status, headers.get("access-control-allow-origin")) == (204, ORIGIN)

    outputs = emulator.deploy("http-api", template(["/open/{id}", "/open/new"]))
    assert json.loads(emulator.http("GET", f"{base}/open/new")[2])["route"] == "GET /open/new"
    assert json.loads(emulator.http("GET", f"{base}/open/7")[2])["route"] == "GET /open/{id}"
    assert emulator.http("GET", f"{base}/closed", headers=bearer)[0] == 404


def test_routes_authorizer_and_cors_come_from_the_template(emulator):
    probe(emulator)


def test_still_needed(plain):
    with still_needed():
        probe(plain)
