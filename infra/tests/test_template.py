"""What holds for the stacks as CloudFormation gets them. AWS refuses what the emulator accepts."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from transformed import PROJECT, source, stacks, transformed

# A stack takes 500. What is left is for the next change.
RESOURCES = 400
ROUTES = 110
BYTES = 900_000

# Deployed last: it imports from every other stack.
EDGE = "stacks/edge.yaml"

# Names that belong to the whole account, whatever the region: two regions may not have the same.
GLOBAL = ("AWS::CloudFront::", "AWS::IAM::", "AWS::S3::Bucket")

# Where a type has its name. What has none listed here is named by CloudFormation, or inside something that has a name.
NAMES = {
    "AWS::ApiGatewayV2::Api": "Name",
    "AWS::CloudFront::CachePolicy": "CachePolicyConfig.Name",
    "AWS::CloudFront::Function": "Name",
    "AWS::CloudFront::KeyValueStore": "Name",
    "AWS::CloudFront::OriginAccessControl": "OriginAccessControlConfig.Name",
    "AWS::CloudFront::OriginRequestPolicy": "OriginRequestPolicyConfig.Name",
    "AWS::CloudFront::ResponseHeadersPolicy": "ResponseHeadersPolicyConfig.Name",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::Cognito::UserPool": "UserPoolName",
    "AWS::Cognito::UserPoolDomain": "Domain",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::ECR::Repository": "RepositoryName",
    "AWS::Events::EventBus": "Name",
    "AWS::Events::Rule": "Name",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SSM::Parameter": "Name",
    "AWS::SageMaker::Endpoint": "EndpointName",
    "AWS::SageMaker::EndpointConfig": "EndpointConfigName",
    "AWS::SageMaker::Model": "ModelName",
    "AWS::Scheduler::Schedule": "Name",
    "AWS::Scheduler::ScheduleGroup": "Name",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
    "AWS::WAFv2::WebACL": "Name",
}
# Types without a name of their own, or whose name matters only inside their parent.
UNNAMED = {
    "AWS::ApiGatewayV2::Stage",
    "AWS::CertificateManager::Certificate",
    "AWS::CloudFront::Distribution",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolGroup",
    "AWS::IAM::Policy",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Permission",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
}

# What bills while nobody uses it, or costs a great deal by mistake.
BILLS_AT_REST = {
    "AWS::CloudTrail::Trail",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::EC2::NatGateway",
    "AWS::EC2::VPC",
    "AWS::EC2::VPCEndpoint",
    "AWS::ECS::Service",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::KMS::Key",
    "AWS::Kinesis::Stream",
    "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::SageMaker::Endpoint",
    "AWS::SecretsManager::Secret",
    "AWS::WAFv2::WebACL",
}

# What an attribute of a user pool says of itself.
ATTRIBUTE = {"Name", "AttributeDataType", "Required", "Mutable", "StringAttributeConstraints"}

# Services that write to the operators' topic.
OPERATORS_SERVICES = {"budgets.amazonaws.com", "cloudwatch.amazonaws.com", "events.amazonaws.com"}


@pytest.fixture(scope="module", params=stacks())
def stack(request):
    """Each stack's template."""
    return transformed(request.param)


@pytest.fixture(scope="module")
def template():
    """All stacks as one: what holds for the application holds however it is cut."""
    exports = {
        output["Export"]["Name"]["Fn::Sub"].removeprefix("${AWS::StackName}"): output["Value"]
        for path in stacks()
        for output in source(path)["Outputs"].values()
        if "Export" in output
    }
    whole = {section: {} for section in ("Parameters", "Conditions", "Resources", "Outputs")}
    for path in stacks():
        one = resolved(transformed(path), exports)
        for section, all_of_them in whole.items():
            both = all_of_them.keys() & one.get(section, {}).keys()
            assert section != "Resources" or not both, f"{path}: another stack has {both} too"
            all_of_them.update(one.get(section, {}))
    return whole


@pytest.fixture(scope="module")
def infra():
    """The stacks that only AWS has, by file."""
    paths = sorted((PROJECT / "infra").glob("*.yaml"))
    return {path.name: source(path.relative_to(PROJECT)) for path in paths}


def resolved(value, exports):
    """A template with what is exported where it is imported."""
    if isinstance(value, list):
        return [resolved(inner, exports) for inner in value]
    if not isinstance(value, dict):
        return value
    if "Fn::ImportValue" in value:
        name = value["Fn::ImportValue"]
        # SAM has put the default of `Core` into some of them.
        name = name["Fn::Sub"].removeprefix("${Core}") if isinstance(name, dict) else name.removeprefix("marquee")
        return exports.get(name) or exports["-" + name.rsplit("-", 1)[1]]
    return {key: resolved(inner, exports) for key, inner in value.items()}


def of_type(template, kind):
    return {id: r.get("Properties", {}) for id, r in template["Resources"].items() if r["Type"] == kind}


def test_routes_belong_to_the_document_of_their_api(template):
    # AWS takes no route of an API that has a `Body`, as SAM's has, from elsewhere, and drops it with the next update.
    foreign = {"AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Authorizer"}
    assert of_type(template, "AWS::ApiGatewayV2::Api")
    assert not [id for id, resource in template["Resources"].items() if resource["Type"] in foreign]


def at(properties, path):
    for key in path.split("."):
        properties = properties.get(key) if isinstance(properties, dict) else None
    return properties


def statements(policy):
    found = policy["PolicyDocument"]["Statement"]
    return found if isinstance(found, list) else [found]


def as_list(value):
    return value if isinstance(value, list) else [value]


def test_what_a_stack_imports_is_exported_by_one_before_it():
    core, *areas = (path for path in stacks() if path != EDGE)
    order = [[core], areas, [EDGE]]
    known = set()
    for group in order:
        exports = set()
        for path in group:
            text = source(path)
            assert path == core or text["Parameters"]["Core"]["Default"] == "marquee", path
            assert imports(text) <= known, f"{path} imports what no stack before it exports"
            suffix = "" if path == core else "-" + Path(path).stem
            exports |= {
                suffix + output["Export"]["Name"]["Fn::Sub"].removeprefix("${AWS::StackName}")
                for output in text["Outputs"].values()
                if "Export" in output
            }
        known |= exports
    # An export that is in use is locked: what nobody imports should not be one.
    used = set().union(*(imports(source(path)) for path in stacks()))
    assert known == used


def imports(value):
    """The names that a template imports, without that of the core's stack."""
    if isinstance(value, dict):
        if "Fn::ImportValue" in value:
            return {value["Fn::ImportValue"]["Fn::Sub"].removeprefix("${Core}")}
        value = list(value.values())
    return set().union(*map(imports, value)) if isinstance(value, list) else set()


def test_routes_of_an_area_have_its_prefix():
    """The distribution sends a path to the API that its behaviours name: a route elsewhere would never be asked."""
    edge = source(EDGE)["Resources"]["Distribution"]["Properties"]["DistributionConfig"]
    behaviours = [(b["PathPattern"], b["TargetOriginId"]) for b in edge["CacheBehaviors"]]
    for path in stacks():
        name = "api" if path == "template.yaml" else Path(path).stem
        for id, api in of_type(transformed(path), "AWS::ApiGatewayV2::Api").items():
            for route in api["Body"]["paths"]:
                if route.removeprefix("/") == "$default":
                    continue
                decided = next(target for pattern, target in behaviours if route.startswith(pattern.removesuffix("*")))
                assert decided == name, f"{path}: {id} has {route}, which the distribution sends to {decided}"


def test_it_fits_into_a_stack(stack):
    template = stack
    count = len(template["Resources"])
    size = len(json.dumps(template))
    apis = of_type(template, "AWS::ApiGatewayV2::Api").values()
    routes = sum(len(methods) for api in apis for methods in api["Body"]["paths"].values())
    print(f"{count} resources, {size // 1000} kB, {routes} routes")

    assert count <= RESOURCES, "the next area gets a stack of its own (docs/adr/0031)"
    assert routes <= ROUTES, "the next area gets a stack of its own (docs/adr/0031)"
    assert size <= BYTES, "CloudFormation takes 1 MB"


def test_cfn_lint_finds_nothing(stack, tmp_path):
    # The written template hides what only the transformed one shows: unused parameters, mistakes in the machines.
    file = tmp_path / "template.json"
    file.write_text(json.dumps(stack))
    lint = subprocess.run(
        # W1020: SAM has put the default of `Core` into some names, where nothing is left to substitute then.
        [
            Path(sys.executable).with_name("cfn-lint"),
            "--non-zero-exit-code",
            "informational",
            "--ignore-checks",
            "W1020",
            "--",
            file,
        ],
        capture_output=True,
        text=True,
    )

    assert lint.returncode == 0, lint.stdout + lint.stderr


def test_two_environments_do_not_share_a_name(template, infra):
    """A name without the stack's fails the second stack of an account; one without the region's the second region."""
    for file, one in {"template.yaml": template, **infra}.items():
        for id, resource in one["Resources"].items():
            kind = resource["Type"]
            if kind in UNNAMED:
                continue
            assert kind in NAMES, f"{file}: where is the name of a {kind} ({id})? Say so in NAMES or UNNAMED"
            name = at(resource.get("Properties", {}), NAMES[kind])
            if name is None:
                continue
            name = json.dumps(name)
            assert "AWS::StackName" in name or "${Core}" in name, (
                f"{file}: another stack would want the name of {id} too: {name}"
            )
            assert not kind.startswith(GLOBAL) or "AWS::Region" in name, (
                f"{file}: the same stack in another region would want the name of {id} too: {name}"
            )


def test_a_global_name_is_short_enough(template):
    # 64 characters, of which the stack may have 32 and the region's name has at most 14.
    for kind in (kind for kind in NAMES if kind.startswith("AWS::CloudFront::")):
        for id, properties in of_type(template, kind).items():
            name = at(properties, NAMES[kind])["Fn::Sub"]
            rest = name.replace("${AWS::StackName}", "").replace("${AWS::Region}", "")
            assert len(rest) + 32 + 14 <= 64, f"{id}: {name}"


def test_attributes_of_a_user_pool_are_complete(template):
    """CloudFormation compares what it gets with what the pool has, and updates of half said attributes have failed."""
    for id, pool in of_type(template, "AWS::Cognito::UserPool").items():
        for attribute in pool["Schema"]:
            missing = ATTRIBUTE - attribute.keys()
            assert not missing, f"{id}: the attribute {attribute['Name']} has no {missing}"


def test_operators_hear_of_alarms_budgets_and_events(template):
    policies = of_type(template, "AWS::SNS::TopicPolicy").values()
    (policy,) = (policy for policy in policies if policy["Topics"] == [{"Ref": "OperatorsTopic"}])
    allowed = [s for s in statements(policy) if s["Effect"] == "Allow" and "Service" in as_list(s["Principal"])[0]]
    services = {service for s in allowed for service in as_list(s["Principal"]["Service"])}

    assert services == OPERATORS_SERVICES
    for statement in allowed:
        # Or any account's alarm could write here.
        assert statement["Condition"]["StringEquals"]["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}
        assert as_list(statement["Action"]) == ["sns:Publish"]


def test_what_people_entrusted_is_not_deleted_by_mistake(template):
    protection = {"Fn::If": ["HasDeletionProtection", True, False]}
    for id, table in of_type(template, "AWS::DynamoDB::Table").items():
        assert table["DeletionProtectionEnabled"] == protection, id
        assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], id
    for id, pool in of_type(template, "AWS::Cognito::UserPool").items():
        assert pool["DeletionProtection"] == {"Fn::If": ["HasDeletionProtection", "ACTIVE", "INACTIVE"]}, id
    assert template["Parameters"]["DeletionProtection"]["Default"] == "on"
    for kind in ("AWS::DynamoDB::Table", "AWS::Cognito::UserPool", "AWS::S3::Bucket"):
        for id in of_type(template, kind):
            resource = template["Resources"][id]
            assert resource.get("DeletionPolicy") == "RetainExceptOnCreate", id
            assert resource.get("UpdateReplacePolicy") == "Retain", id


def test_what_cannot_be_made_again_is_versioned(template):
    """Sources of films and the site: a mistake can be undone for a while, and then is not paid for any more."""
    for id in ("UploadBucket", "SiteBucket"):
        bucket = of_type(template, "AWS::S3::Bucket")[id]
        enabled, none = bucket["VersioningConfiguration"]["Fn::If"][1:]
        assert enabled == {"Status": "Enabled"} and none == {"Ref": "AWS::NoValue"}, id
        rules = bucket["LifecycleConfiguration"]["Rules"]
        assert any("NoncurrentVersionExpiration" in rule for rule in rules), f"{id} keeps every version for ever"


def test_buckets_refuse_plain_http(template):
    policies = of_type(template, "AWS::S3::BucketPolicy").values()
    for id in of_type(template, "AWS::S3::Bucket"):
        denied = [
            s
            for policy in policies
            if policy["Bucket"] == {"Ref": id}
            for s in statements(policy)
            if s["Effect"] == "Deny" and s.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
        ]
        assert len(denied) == 1, f"{id} answers without TLS"
        assert denied[0]["Action"] == "s3:*" and denied[0]["Principal"] == "*"
        assert denied[0]["Resource"] in (
            [{"Fn::GetAtt": [id, "Arn"]}, {"Fn::Sub": f"${{{id}.Arn}}/*"}],
            [{"Fn::GetAtt": [id, "Arn"]}, {"Fn::Sub": ["${Bucket}/*", {"Bucket": {"Fn::GetAtt": [id, "Arn"]}}]}],
        )


def test_nothing_bills_at_rest(template):
    billing = {id: r["Type"] for id, r in template["Resources"].items() if r["Type"] in BILLS_AT_REST}

    assert not billing, "it costs money while nobody watches, and belongs in infra/"


def test_an_endpoint_that_is_not_there_is_not_asked(template):
    asking = [
        id.removesuffix("Role")
        for id, role in of_type(template, "AWS::IAM::Role").items()
        if "sagemaker:InvokeEndpoint" in json.dumps(role)
    ]
    # This one runs in a retraining, which is refused where there is no recommender.
    asking.remove("SmokeTestModelFunction")
    assert "GetHomeFunction" in asking
    for id in asking:
        endpoint = template["Resources"][id]["Properties"]["Environment"]["Variables"]["RECOMMENDATIONS_ENDPOINT"]
        assert endpoint == {"Fn::If": ["HasRecommender", {"Ref": "RecommendationsEndpoint"}, ""]}, id


def test_images_in_use_are_never_expired(infra):
    (registry,) = of_type(infra["recommendations.yaml"], "AWS::ECR::Repository").values()
    rules = json.loads(registry["LifecyclePolicy"]["LifecyclePolicyText"])["rules"]

    # Every tagged image may be one that a model names; a rule over all images counts those too.
    assert [rule["selection"]["tagStatus"] for rule in rules] == ["untagged"]
    assert registry["EmptyOnDelete"] is True, "a registry with images in it cannot be deleted with its stack"
