"""A minimal distribution with the parts of the template's: a site, media behind tokens, and an HTTP origin that the
tests run themselves."""

import http.server
import re
import threading
import time
from pathlib import Path

FUNCTIONS = Path(__file__).resolve().parents[2] / "edge"
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
# Larger than the largest object that the edge caches.
HUGE = 65 * 1024 * 1024
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"


class Origin:
    """An origin for tests. The path segment after /api or /cached selects the response; it records the requests."""

    def __init__(self):
        self.seen = []
        origin = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self):
                length = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(length)
                origin.seen.append((self.command, self.path, dict(self.headers.items()), body))
                status, headers, content = origin.answer(self.command, self.path, self.headers, body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = _answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, method, path, headers, body):
        path = path.split("?")[0]
        if path.startswith("/cached/slow"):
            time.sleep(0.5)
        if path.startswith("/cached/revalidated"):
            if headers.get("if-none-match") == '"v1"':
                return 304, {"etag": '"v1"'}, b""
            return 200, {"etag": '"v1"', "cache-control": "max-age=1", "content-type": "text/plain"}, b"version one"
        if path.startswith("/cached/huge"):
            range_header = re.fullmatch(r"bytes=(\d+)-(\d+)", headers.get("range") or "")
            first, last = map(int, range_header.groups()) if range_header else (0, HUGE - 1)
            content_range = {"content-range": f"bytes {first}-{last}/{HUGE}"} if range_header else {}
            return (206 if range_header else 200), content_range, bytes(last - first + 1)
        if path.startswith("/cached/private"):
            return 200, {"set-cookie": "a=b", "cache-control": "private, no-store"}, b"mine"
        if path.startswith(("/cached/cookie", "/forwarded/cookie")):
            return 200, {"set-cookie": "a=b", "cache-control": "max-age=60"}, b"with a cookie"
        if path.startswith("/cached/text"):
            return 200, {"content-type": "text/css", "etag": '"css"', "cache-control": "max-age=60"}, b"a { } " * 1000
        if path.startswith("/api/missing"):
            return 404, {"content-type": "application/problem+json"}, b'{"status":404}'
        if path.startswith("/cached/refused"):
            return 405, {}, b"no"
        if path.startswith("/cached/missing"):
            return 404, {}, b"none"
        return 200, {"cache-control": "max-age=60", "content-type": "text/plain"}, f"{method} {path} ".encode() + body

    def count(self, beginning):
        return sum(1 for _, path, _, _ in self.seen if path.startswith(beginning))


def template(origin_port):
    def function(name, **config):
        return {
            "Type": "AWS::CloudFront::Function",
            "Properties": {
                "Name": name,
                "AutoPublish": True,
                "FunctionCode": (FUNCTIONS / f"{name}.js").read_text(),
                "FunctionConfig": {"Comment": name, "Runtime": "cloudfront-js-2.0", **config},
            },
        }

    def runs(function):
        arn = {"Fn::GetAtt": [function, "FunctionMetadata.FunctionARN"]}
        return [{"EventType": "viewer-request", "FunctionARN": arn}]

    def bucket_policy(bucket, actions):
        distribution = {"Fn::Sub": "arn:aws:cloudfront::${AWS::AccountId}:distribution/${Distribution}"}
        arn = {"Fn::GetAtt": [bucket, "Arn"]}
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": actions,
            "Resource": [arn, {"Fn::Join": ["", [arn, "/*"]]}],
            "Condition": {"StringEquals": {"aws:SourceArn": distribution}},
        }
        document = {"Version": "2012-10-17", "Statement": [statement]}
        return {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": bucket}, "PolicyDocument": document}}

    def behaviour(pattern, target, policy=CACHING_OPTIMIZED, **more):
        return {
            "PathPattern": pattern,
            "TargetOriginId": target,
            "ViewerProtocolPolicy": "https-only",
            "CachePolicyId": policy,
            **more,
        }

    bucket_origin = {
        "OriginAccessControlId": {"Fn::GetAtt": ["Access", "Id"]},
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    every_method = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    distribution = {
        "Enabled": True,
        "CustomErrorResponses": [{"ErrorCode": 405, "ErrorCachingMinTTL": 0}],
        "Origins": [
            {"Id": "site", "DomainName": {"Fn::GetAtt": ["Site", "RegionalDomainName"]}, **bucket_origin},
            {"Id": "media", "DomainName": {"Fn::GetAtt": ["Media", "RegionalDomainName"]}, **bucket_origin},
            {"Id": "generous", "DomainName": {"Fn::GetAtt": ["Media", "RegionalDomainName"]}, **bucket_origin},
            {
                "Id": "own",
                "DomainName": "127.0.0.1",
                "CustomOriginConfig": {"OriginProtocolPolicy": "http-only", "HTTPPort": origin_port},
            },
        ],
        "CacheBehaviors": [
            behaviour(
                "/api/*",
                "own",
                CACHING_DISABLED,
                AllowedMethods=every_method,
                OriginRequestPolicyId=ALL_VIEWER_EXCEPT_HOST,
            ),
            behaviour("/cached/private*", "own", {"Ref": "NoFloor"}),
            behaviour("/cached/shared*", "own", ResponseHeadersPolicyId={"Ref": "Shared"}),
            behaviour("/cached/*", "own", Compress=True),
            behaviour("/media/*", "media", AllowedMethods=["GET", "HEAD"], FunctionAssociations=runs("MediaToken")),
            # A behaviour that allows more methods than the bucket policy.
            behaviour("/generous/media/*", "generous", AllowedMethods=every_method),
            behaviour("/forwarded/*", "own", CACHING_DISABLED, OriginRequestPolicyId={"Ref": "Forwarded"}),
        ],
        "DefaultCacheBehavior": {
            "TargetOriginId": "site",
            "ViewerProtocolPolicy": "redirect-to-https",
            "CachePolicyId": CACHING_OPTIMIZED,
            "ResponseHeadersPolicyId": {"Ref": "Headers"},
            "FunctionAssociations": runs("SpaRewrite"),
        },
    }
    return {
        "Resources": {
            "Site": {"Type": "AWS::S3::Bucket"},
            "Media": {"Type": "AWS::S3::Bucket"},
            "SitePolicy": bucket_policy("Site", ["s3:GetObject", "s3:ListBucket"]),
            "MediaPolicy": bucket_policy("Media", ["s3:GetObject"]),
            "Access": {
                "Type": "AWS::CloudFront::OriginAccessControl",
                "Properties": {
                    "OriginAccessControlConfig": {
                        "Name": "access",
                        "OriginAccessControlOriginType": "s3",
                        "SigningBehavior": "always",
                        "SigningProtocol": "sigv4",
                    }
                },
            },
            "Keys": {"Type": "AWS::CloudFront::KeyValueStore", "Properties": {"Name": "keys"}},
            "Headers": {
                "Type": "AWS::CloudFront::ResponseHeadersPolicy",
                "Properties": {
                    "ResponseHeadersPolicyConfig": {
                        "Name": "headers",
                        "SecurityHeadersConfig": {"FrameOptions": {"FrameOption": "DENY", "Override": True}},
                    }
                },
            },
            "Forwarded": {
                "Type": "AWS::CloudFront::OriginRequestPolicy",
                "Properties": {
                    "OriginRequestPolicyConfig": {
                        "Name": "forwarded",
                        "HeadersConfig": {
                            "HeaderBehavior": "whitelist",
                            "Headers": ["CloudFront-Viewer-Country", "CloudFront-Viewer-Address"],
                        },
                        "CookiesConfig": {"CookieBehavior": "all"},
                        "QueryStringsConfig": {"QueryStringBehavior": "none"},
                    }
                },
            },
            "Shared": {
                "Type": "AWS::CloudFront::ResponseHeadersPolicy",
                "Properties": {
                    "ResponseHeadersPolicyConfig": {
                        "Name": "shared",
                        "CorsConfig": {
                            "AccessControlAllowCredentials": False,
                            "AccessControlAllowHeaders": {"Items": ["*"]},
                            "AccessControlAllowMethods": {"Items": ["GET"]},
                            "AccessControlAllowOrigins": {"Items": ["https://a.example"]},
                            "OriginOverride": True,
                        },
                    }
                },
            },
            "NoFloor": {
                "Type": "AWS::CloudFront::CachePolicy",
                "Properties": {
                    "CachePolicyConfig": {
                        "Name": "no-floor",
                        "MinTTL": 0,
                        "DefaultTTL": 60,
                        "MaxTTL": 60,
                        "ParametersInCacheKeyAndForwardedToOrigin": {
                            "EnableAcceptEncodingGzip": False,
                            "HeadersConfig": {"HeaderBehavior": "none"},
                            "CookiesConfig": {"CookieBehavior": "none"},
                            "QueryStringsConfig": {"QueryStringBehavior": "whitelist", "QueryStrings": ["v"]},
                        },
                    }
                },
            },
            "MediaToken": function(
                "media-token", KeyValueStoreAssociations=[{"KeyValueStoreARN": {"Fn::GetAtt": ["Keys", "Arn"]}}]
            ),
            "SpaRewrite": function("spa-rewrite"),
            "Distribution": {
                "Type": "AWS::CloudFront::Distribution",
                "Properties": {"DistributionConfig": distribution},
            },
        },
        "Outputs": {
            "Site": {"Value": {"Ref": "Site"}},
            "Media": {"Value": {"Ref": "Media"}},
            "Keys": {"Value": {"Fn::GetAtt": ["Keys", "Arn"]}},
            "Distribution": {"Value": {"Ref": "Distribution"}},
        },
    }
