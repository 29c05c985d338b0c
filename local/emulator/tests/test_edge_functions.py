import pytest
from conftest import still_needed

FUNCTION = """
import cf from 'cloudfront';
async function handler(event) { return { statusCode: 418, statusDescription: 'teapot' }; }
"""
TEMPLATE = {
    "Resources": {
        "Site": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "edge-functions"}},
        "SitePolicy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {
                "Bucket": {"Ref": "Site"},
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "cloudfront.amazonaws.com"},
                            "Action": "s3:GetObject",
                            "Resource": "arn:aws:s3:::edge-functions/*",
                        }
                    ],
                },
            },
        },
        "Access": {
            "Type": "AWS::CloudFront::OriginAccessControl",
            "Properties": {
                "OriginAccessControlConfig": {
                    "Name": "edge-functions",
                    "OriginAccessControlOriginType": "s3",
                    "SigningBehavior": "always",
                    "SigningProtocol": "sigv4",
                }
            },
        },
        "Keys": {"Type": "AWS::CloudFront::KeyValueStore", "Properties": {"Name": "edge-functions"}},
        "Function": {
            "Type": "AWS::CloudFront::Function",
            "Properties": {
                "Name": "edge-functions",
                "AutoPublish": True,
                "FunctionCode": FUNCTION,
                "FunctionConfig": {
                    "Comment": "",
                    "Runtime": "cloudfront-js-2.0",
                    "KeyValueStoreAssociations": [{"KeyValueStoreARN": {"Fn::GetAtt": ["Keys", "Arn"]}}],
                },
            },
        },
        "Distribution": {
            "Type": "AWS::CloudFront::Distribution",
            "Properties": {
                "DistributionConfig": {
                    "Enabled": True,
                    "Origins": [
                        {
                            "Id": "site",
                            "DomainName": {"Fn::GetAtt": ["Site", "RegionalDomainName"]},
                            "OriginAccessControlId": {"Fn::GetAtt": ["Access", "Id"]},
                            "S3OriginConfig": {"OriginAccessIdentity": ""},
                        }
                    ],
                    "DefaultCacheBehavior": {
                        "TargetOriginId": "site",
                        "ViewerProtocolPolicy": "allow-all",
                        "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
                        "FunctionAssociations": [
                            {
                                "EventType": "viewer-request",
                                "FunctionARN": {"Fn::GetAtt": ["Function", "FunctionARN"]},
                            }
                        ],
                    },
                }
            },
        },
    },
    "Outputs": {"Domain": {"Value": {"Fn::GetAtt": ["Distribution", "DomainName"]}}},
}


def deployed(emulator):
    domain = emulator.deploy("edge-functions", TEMPLATE)["Domain"]
    emulator.client("s3").put_object(Bucket="edge-functions", Key="page.html", Body=b"hello")
    return domain


@pytest.fixture(scope="module")
def domain(emulator):
    return deployed(emulator)


def test_a_request_whose_functions_have_run_reaches_its_origin(emulator, domain):
    headers = {"Host": domain, "x-marquee-edge-functions": "done"}
    assert emulator.http("GET", "/page.html", headers=headers)[::2] == (200, "hello")


def test_without_the_header_the_function_is_not_skipped(emulator, domain):
    assert emulator.http("GET", "/page.html", headers={"Host": domain})[0] != 200


def test_still_needed(plain):
    with still_needed():
        assert plain.http("GET", "/page.html", headers={"Host": deployed(plain)})[0] == 418
