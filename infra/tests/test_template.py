"""Tests of the stacks as CloudFormation gets them, since AWS refuses some templates that the emulator accepts."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from transformed import PROJECT, source, stacks, transformed

# A stack may have 500 resources. The rest is for later changes.
RESOURCES = 400
ROUTES = 110
BYTES = 900_000

CORE = "template.yaml"
# Deployed last: it imports from every other stack.
EDGE = "stacks/edge.yaml"

# Types whose names belong to the whole account: two regions may not use the same name.
GLOBAL = ("AWS::CloudFront::", "AWS::IAM::", "AWS::S3::Bucket")

# The property with the name of each type. If a resource does not set it, CloudFormation names the resource.
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

# Types that bill without any use, or that can become expensive by mistake.
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

# The properties that every attribute of a user pool states.
ATTRIBUTE = {"Name", "AttributeDataType", "Required", "Mutable", "StringAttributeConstraints"}

# Services that write to the operators' topic.
OPERATORS_SERVICES = {"budgets.amazonaws.com", "cloudwatch.amazonaws.com", "events.amazonaws.com"}


@pytest.fixture(scope="module", params=stacks())
def stack(request):
    """Each stack's template."""
    return transformed(request.param)


@pytest.fixture(scope="module")
def template():
    """All stacks merged into one template, with imports replaced by the exported values."""
    exported = {name: value for path in stacks() for name, value in exports(path).items()}
    merged = {section: {} for section in ("Parameters", "Conditions", "Resources", "Outputs")}
    for path in stacks():
        one = resolve_imports(transformed(path), exported)
        for section, entries in merged.items():
            duplicates = entries.keys() & one.get(section, {}).keys()
            assert section != "Resources" or not duplicates, f"{path}: another stack has {duplicates} too"
            entries.update(one.get(section, {}))
    return merged


@pytest.fixture(scope="module")
def infra():
    """The stacks that only AWS can have, by file."""
    paths = sorted((PROJECT / "infra").glob("*.yaml"))
    return {path.name: source(path.relative_to(PROJECT)) for path in paths}


def exports(path):
    """A stack's exports. Their names lack the core's stack name: `-TableName`, `-recommender-ApiId`."""
    area = "" if path == CORE else "-" + Path(path).stem
    return {
        area + output["Export"]["Name"]["Fn::Sub"].removeprefix("${AWS::StackName}"): output["Value"]
        for output in source(path)["Outputs"].values()
        if "Export" in output
    }


def imported_name(value):
    """The name in `Fn::ImportValue` without the core's stack name."""
    # SAM replaces `${Core}` by its default where it can.
    return value["Fn::Sub"].removeprefix("${Core}").removeprefix("marquee")


def imports(value):
    """The names that a template imports, each without the core's stack name."""
    if isinstance(value, dict):
        if "Fn::ImportValue" in value:
            return {imported_name(value["Fn::ImportValue"])}
        value = list(value.values())
    return set().union(*map(imports, value)) if isinstance(value, list) else set()


def resolve_imports(value, exported):
    """The template with each import replaced by the exported value."""
    if isinstance(value, list):
        return [resolve_imports(inner, exported) for inner in value]
    if not isinstance(value, dict):
        return value
    if "Fn::ImportValue" in value:
        return exported[imported_name(value["Fn::ImportValue"])]
    return {key: resolve_imports(inner, exported) for key, inner in value.items()}


def of_type(template, kind):
    return {id: r.get("Properties", {}) for id, r in template["Resources"].items() if r["Type"] == kind}


def test_routes_belong_to_the_document_of_their_api(template):
    # The next update of an API with a `Body`, as SAM's have, drops routes that are defined outside of it.
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


def test_a_stack_imports_only_what_an_earlier_stack_exports():
    areas = [path for path in stacks() if path not in (CORE, EDGE)]
    available = set()
    for group in ([CORE], areas, [EDGE]):
        for path in group:
            text = source(path)
            assert path == CORE or text["Parameters"]["Core"]["Default"] == "marquee", path
            assert imports(text) <= available, f"{path} imports what no earlier stack exports"
        available |= {name for path in group for name in exports(path)}
    # An export in use is locked, so an output without an import is not exported.
    used = set().union(*(imports(source(path)) for path in stacks()))
    assert available == used


def test_routes_of_an_area_have_its_prefix():
    """The distribution sends a path to the API that its behaviours name: a route of another API gets no requests."""
    edge = source(EDGE)["Resources"]["Distribution"]["Properties"]["DistributionConfig"]
    behaviours = [(b["PathPattern"], b["TargetOriginId"]) for b in edge["CacheBehaviors"]]
    for path in stacks():
        name = "api" if path == CORE else Path(path).stem
        for id, api in of_type(transformed(path), "AWS::ApiGatewayV2::Api").items():
            for route in api["Body"]["paths"]:
                if route.removeprefix("/") == "$default":
                    continue
                origin = next(target for pattern, target in behaviours if route.startswith(pattern.removesuffix("*")))
                assert origin == name, f"{path}: {id} has {route}, which the distribution sends to {origin}"


def test_a_stack_has_room_for_more_resources(stack):
    count = len(stack["Resources"])
    size = len(json.dumps(stack))
    apis = of_type(stack, "AWS::ApiGatewayV2::Api").values()
    routes = sum(len(methods) for api in apis for methods in api["Body"]["paths"].values())
    print(f"{count} resources, {size // 1000} kB, {routes} routes")

    assert count <= RESOURCES, "the next area gets a stack of its own (docs/adr/0031)"
    assert routes <= ROUTES, "the next area gets a stack of its own (docs/adr/0031)"
    assert size <= BYTES, "CloudFormation takes 1 MB"


def test_cfn_lint_finds_nothing(stack, tmp_path):
    # Only the transformed template shows unused parameters and errors in the state machines.
    file = tmp_path / "template.json"
    file.write_text(json.dumps(stack))
    lint = subprocess.run(
        # W1020: SAM has replaced `Core` in some names by its default, so that nothing is left to substitute.
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
    """A name needs the stack's, or a second stack in the account fails; a global name needs the region's too."""
    for file, one in {CORE: template, **infra}.items():
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
                f"{file}: the name of {id} would collide in another stack: {name}"
            )
            assert not kind.startswith(GLOBAL) or "AWS::Region" in name, (
                f"{file}: the name of {id} would collide in another region: {name}"
            )


def test_a_global_name_is_short_enough(template):
    # 64 characters, of which the stack may have 32 and the region's name has at most 14.
    for kind in (kind for kind in NAMES if kind.startswith("AWS::CloudFront::")):
        for id, properties in of_type(template, kind).items():
            name = at(properties, NAMES[kind])["Fn::Sub"]
            rest = name.replace("${AWS::StackName}", "").replace("${AWS::Region}", "")
            assert len(rest) + 32 + 14 <= 64, f"{id}: {name}"


def test_attributes_of_a_user_pool_are_complete(template):
    """CloudFormation compares attributes with the pool's, and updates with incompletely stated ones have failed."""
    for id, pool in of_type(template, "AWS::Cognito::UserPool").items():
        for attribute in pool["Schema"]:
            missing = ATTRIBUTE - attribute.keys()
            assert not missing, f"{id}: the attribute {attribute['Name']} has no {missing}"


def test_alarms_budgets_and_rules_may_write_to_the_operators_topic(template):
    policies = of_type(template, "AWS::SNS::TopicPolicy").values()
    (policy,) = (policy for policy in policies if policy["Topics"] == [{"Ref": "OperatorsTopic"}])
    allowed = [s for s in statements(policy) if s["Effect"] == "Allow" and "Service" in as_list(s["Principal"])[0]]
    services = {service for s in allowed for service in as_list(s["Principal"]["Service"])}

    assert services == OPERATORS_SERVICES
    for statement in allowed:
        # Without this condition, the alarms of any account could write to the topic.
        assert statement["Condition"]["StringEquals"]["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}
        assert as_list(statement["Action"]) == ["sns:Publish"]


def test_stored_data_is_protected_from_deletion(template):
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


def test_sources_and_the_site_are_versioned(template):
    """A deletion by mistake can be undone for some days; after that, old versions cost nothing any more."""
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

    assert not billing, "it costs money without any viewer, and belongs in infra/"


def test_functions_have_no_endpoint_without_a_recommender(template):
    callers = [
        id.removesuffix("Role")
        for id, role in of_type(template, "AWS::IAM::Role").items()
        if "sagemaker:InvokeEndpoint" in json.dumps(role)
    ]
    # It runs in a retraining, which is refused without a recommender.
    callers.remove("SmokeTestModelFunction")
    assert "GetHomeFunction" in callers
    for id in callers:
        endpoint = template["Resources"][id]["Properties"]["Environment"]["Variables"]["RECOMMENDATIONS_ENDPOINT"]
        assert endpoint == {"Fn::If": ["HasRecommender", {"Ref": "RecommendationsEndpoint"}, ""]}, id


def test_images_in_use_are_never_expired(infra):
    (registry,) = of_type(infra["recommendations.yaml"], "AWS::ECR::Repository").values()
    rules = json.loads(registry["LifecyclePolicy"]["LifecyclePolicyText"])["rules"]

    # A model may name any tagged image, and a rule over all images would count those too.
    assert [rule["selection"]["tagStatus"] for rule in rules] == ["untagged"]
    assert registry["EmptyOnDelete"] is True, "a registry with images in it cannot be deleted with its stack"
