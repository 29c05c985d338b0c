"""AWS::ApiGatewayV2::Api ignores `Body`, in which SAM puts all routes, authorizers and CORS of an HttpApi."""

from patches.wrap import wrap

INTEGRATION = "x-amazon-apigateway-integration"
AUTHORIZER = "x-amazon-apigateway-authorizer"
CORS = "x-amazon-apigateway-cors"
ANY_METHOD = "x-amazon-apigateway-any-method"
DEFAULT_PATHS = ("$default", "/$default")


def apply():
    from ministack.services.cloudformation import provisioners

    handlers = provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::Api"]
    wrap(handlers, "create", _create)
    wrap(handlers, "update", _update)


def _create(original, logical_id, properties, stack):
    result = original(logical_id, _completed(properties, logical_id), stack)
    _apply_body(result[0], properties)
    return result


def _update(original, api_id, old, new, stack, logical_id=None):
    result = original(api_id, _completed(old, logical_id), _completed(new, logical_id), stack, logical_id)
    _apply_body(result[0], new)
    return result


def _completed(properties, logical_id):
    """The properties with the name and protocol that AWS takes from the body."""
    title = ((properties.get("Body") or {}).get("info") or {}).get("title", logical_id)
    return {"ProtocolType": "HTTP", "Name": title, **properties}


def _apply_body(api_id, properties):
    from ministack.services import apigateway

    body = properties.get("Body") or {}
    cors = properties.get("CorsConfiguration") or body.get(CORS)
    if isinstance(cors, dict) and cors:
        apigateway._apis[api_id]["corsConfiguration"] = {
            name[:1].lower() + name[1:]: value for name, value in cors.items()
        }
    if not body:
        return
    for store in (apigateway._routes, apigateway._integrations, apigateway._authorizers):
        store[api_id] = {}
    authorizers = _create_authorizers(api_id, body)
    for path, operations in (body.get("paths") or {}).items():
        for method, operation in operations.items():
            if isinstance(operation, dict) and INTEGRATION in operation:
                _create_route(api_id, path, method, operation, authorizers)


def _create_authorizers(api_id, body):
    """Creates the authorizers of the body; returns name -> (id, authorization type of a route that uses it)."""
    from ministack.services.cloudformation import provisioners

    schemes = (body.get("components") or {}).get("securitySchemes") or {}
    created = {}
    for name, scheme in schemes.items():
        authorizer = scheme.get(AUTHORIZER)
        if not authorizer:
            continue
        properties = {"ApiId": api_id, "Name": name, "IdentitySource": _identity_source(authorizer)}
        if authorizer.get("type") == "jwt":
            jwt = authorizer["jwtConfiguration"]
            properties.update(
                AuthorizerType="JWT", JwtConfiguration={"Issuer": jwt["issuer"], "Audience": jwt["audience"]}
            )
            kind = "JWT"
        else:
            properties.update(
                AuthorizerType="REQUEST",
                AuthorizerUri=authorizer.get("authorizerUri"),
                AuthorizerPayloadFormatVersion=str(authorizer.get("authorizerPayloadFormatVersion", "2.0")),
                EnableSimpleResponses=authorizer.get("enableSimpleResponses", False),
                AuthorizerResultTtlInSeconds=authorizer.get("authorizerResultTtlInSeconds", 0),
            )
            kind = "CUSTOM"
        created[name] = (provisioners._apigw_v2_authorizer_create(name, properties, "")[0], kind)
    return created


def _identity_source(authorizer):
    source = authorizer.get("identitySource") or "$request.header.Authorization"
    return [source] if isinstance(source, str) else source


def _create_route(api_id, path, method, operation, authorizers):
    from ministack.services.cloudformation import provisioners

    integration = operation[INTEGRATION]
    integration_id = provisioners._apigw_v2_integration_create(
        method,
        {
            "ApiId": api_id,
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": integration["uri"],
            "PayloadFormatVersion": str(integration.get("payloadFormatVersion", "2.0")),
            "TimeoutInMillis": int(integration.get("timeoutInMillis", 30000)),
        },
        "",
    )[0]
    verb = "ANY" if method == ANY_METHOD else method.upper()
    key = "$default" if path in DEFAULT_PATHS else f"{verb} {path}"
    route = {"ApiId": api_id, "RouteKey": key, "Target": f"integrations/{integration_id}"}
    for requirement in operation.get("security") or []:
        for name, scopes in requirement.items():
            if name in authorizers:
                authorizer_id, kind = authorizers[name]
                route.update(AuthorizationType=kind, AuthorizerId=authorizer_id, AuthorizationScopes=scopes or [])
    provisioners._apigw_v2_route_create(key, route, "")
