from conftest import still_needed

CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"


def template(name, actions):
    arn = {"Fn::GetAtt": ["Site", "Arn"]}
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": actions,
        "Resource": [arn, {"Fn::Join": ["", [arn, "/*"]]}],
        "Condition": {
            "StringEquals": {
                "aws:SourceArn": {"Fn::Sub": "arn:aws:cloudfront::${AWS::AccountId}:distribution/${Distribution}"}
            }
        },
    }
    access = {
        "Name": name,
        "OriginAccessControlOriginType": "s3",
        "SigningBehavior": "always",
        "SigningProtocol": "sigv4",
    }
    origin = {
        "Id": "site",
        "DomainName": {"Fn::GetAtt": ["Site", "RegionalDomainName"]},
        "OriginAccessControlId": {"Fn::GetAtt": ["Access", "Id"]},
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    behaviour = {
        "TargetOriginId": "site",
        "ViewerProtocolPolicy": "allow-all",
        "AllowedMethods": ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"],
        "CachePolicyId": CACHING_OPTIMIZED,
    }
    distribution = {"Enabled": True, "Origins": [origin], "DefaultCacheBehavior": behaviour}
    return {
        "Resources": {
            "Site": {"Type": "AWS::S3::Bucket"},
            "SitePolicy": {
                "Type": "AWS::S3::BucketPolicy",
                "Properties": {
                    "Bucket": {"Ref": "Site"},
                    "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
                },
            },
            "Access": {
                "Type": "AWS::CloudFront::OriginAccessControl",
                "Properties": {"OriginAccessControlConfig": access},
            },
            "Distribution": {
                "Type": "AWS::CloudFront::Distribution",
                "Properties": {"DistributionConfig": distribution},
            },
        },
        "Outputs": {
            "Domain": {"Value": {"Fn::GetAtt": ["Distribution", "DomainName"]}},
            "Bucket": {"Value": {"Ref": "Site"}},
        },
    }


def missing(emulator, name, actions):
    """The statuses of a GET and a HEAD of a missing file."""
    domain = emulator.deploy(name, template(name, actions))["Domain"]
    return [emulator.http(method, "/missing.js", headers={"Host": domain})[0] for method in ("GET", "HEAD")]


def test_with_the_right_to_list_a_missing_file_is_404(emulator):
    assert missing(emulator, "listed", ["s3:GetObject", "s3:ListBucket"]) == [404, 404]


def test_without_the_right_a_missing_file_is_403(emulator):
    assert missing(emulator, "unlisted", ["s3:GetObject"]) == [403, 403]


def test_only_get_and_head_read(emulator):
    outputs = emulator.deploy("methods", template("methods", ["s3:GetObject"]))
    content = b"the film"
    emulator.client("s3").put_object(Bucket=outputs["Bucket"], Key="film.ts", Body=content)

    def ask(method):
        return emulator.http(method, "/film.ts", headers={"Host": outputs["Domain"]})

    assert ask("GET")[2].encode() == content
    for method in ("OPTIONS", "POST", "PUT", "PATCH", "DELETE"):
        status, _, body = ask(method)
        assert status == 403 and content.decode() not in body, method
    assert ask("GET")[2].encode() == content


def test_still_needed(plain):
    with still_needed():
        assert missing(plain, "listed", ["s3:GetObject", "s3:ListBucket"]) == [404, 404]
