"""The edge in front of a real emulator with a deployed distribution."""

import base64
import concurrent.futures
import gzip
import hashlib
import hmac
import json
import time
import urllib.parse
import urllib.request

import pytest
from conftest import StandIn, eventually
from distribution import HUGE, Origin, template

ASSET = "0192f5a0-7b1c-7def-8a2b-3c4d5e6f7081"
OTHER = "0192f5a0-7b1c-7def-8a2b-3c4d5e6f7082"
K0 = "mJ0Yq3vT7cXw2LzR9bNfHkPs4uGdVaEx6oQi8tBy1Cg"
K1 = "7hRk2WnLpX0sZqTf5vJcBd9yGmEu3aQoIxKt6rNbVwM"
SEGMENT = bytes(range(256)) * 16


def token(key=K0, kid="k0", asset=ASSET, lifetime=600):
    expiry, viewer, lease = int(time.time()) + lifetime, "9f86d081884c7d65", "0" * 32
    message = f"v1\n{kid}\n/media/{asset}/1/\n{expiry}\n{viewer}\n{lease}"
    digest = hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()
    signature = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return f"{kid}.{expiry}.{viewer}.{lease}.{signature}"


def segment(of_token, asset=ASSET):
    return f"/media/{of_token}/{asset}/1/hls/segment.ts"


@pytest.fixture(scope="module")
def origin():
    return Origin()


@pytest.fixture(scope="module")
def edge(emulator, tmp_path_factory):
    home = tmp_path_factory.mktemp("edge")
    edge = StandIn("edge", emulator, home, MARQUEE_HOSTS="laptop.lan").start("/_edge/health")
    yield edge
    edge.stop()


@pytest.fixture(scope="module")
def stack(emulator, edge, origin):
    before = edge.http("GET", "/")
    assert before.status == 503 and b"not deployed yet: run `make up`" in before.body
    outputs = emulator.deploy("marquee-edge", template(origin.port))
    s3 = emulator.client("s3")
    put_key(emulator, outputs["Keys"], "k0", K0)
    put_key(emulator, outputs["Keys"], "k1", K1)
    for key, body, kind in [
        ("index.html", b"<h1>the app</h1>", "text/html"),
        ("assets/a.js", b"1;", "text/javascript"),
    ]:
        s3.put_object(Bucket=outputs["Site"], Key=key, Body=body, ContentType=kind)
    for asset in (ASSET, OTHER):
        key = f"media/{asset}/1/hls/segment.ts"
        s3.put_object(Bucket=outputs["Media"], Key=key, Body=SEGMENT, ContentType="video/mp2t")
    eventually(lambda: edge.http("GET", "/").status == 200)
    return outputs


def put_key(emulator, store, key, value):
    """The SDK cannot reach the store's data plane here (it puts the account before the host)."""
    scope = "test/20260101/us-east-1/cloudfront-keyvaluestore/aws4_request"
    credentials = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
    base = f"/key-value-stores/{urllib.parse.quote(store, safe='')}"
    _, headers, _ = emulator.http("GET", base, headers={"authorization": credentials})
    status, _, text = emulator.http(
        "PUT",
        f"{base}/keys/{key}",
        json.dumps({"Value": value}).encode(),
        {"authorization": credentials, "if-match": headers["etag"], "content-type": "application/json"},
    )
    assert status == 200, text


def test_page_paths_serve_the_app_and_file_paths_their_files(edge, stack):
    for path in ("/", "/titles/abc", "/admin/"):
        page = edge.http("GET", path)
        assert (page.status, page.body) == (200, b"<h1>the app</h1>"), path
    assert page.headers["x-frame-options"] == "DENY"
    assert edge.http("GET", "/assets/a.js").body == b"1;"
    assert edge.http("GET", "/assets/missing.js").status == 404


def test_media_needs_its_token(edge, stack):
    assert edge.http("GET", segment(token())).body == SEGMENT
    assert edge.http("GET", segment(token(K1, "k1"))).body == SEGMENT
    for path in (
        segment(token(key=K1)),
        segment(token(), OTHER),
        segment("nonsense"),
        f"/media/{ASSET}/1/hls/segment.ts",
        f"/%6dedia/{ASSET}/1/hls/segment.ts",
        f"/m%65dia/nonsense/{ASSET}/1/hls/segment.ts",
        f"/media/{token()}/{ASSET}/1/../../{OTHER}/1/hls/segment.ts",
    ):
        answer = edge.http("GET", path)
        assert (answer.status, answer.body) == (403, b"This link is not valid.\n"), path
        assert answer.headers["cache-control"] == "no-store"
    expired = edge.http("GET", segment(token(lifetime=-1)))
    assert (expired.status, expired.body) == (403, b"This link has expired.\n")


def test_all_viewers_share_the_cached_media(edge, stack):
    edge.http("GET", segment(token(lifetime=601)))
    second = edge.http("GET", segment(token(lifetime=602)))
    assert (second.status, second.cache, second.body) == (200, "Hit", SEGMENT)
    assert int(second.headers["age"]) >= 0

    part = edge.http("GET", segment(token()), headers={"range": "bytes=100-199"})
    assert (part.status, part.cache, part.body) == (206, "Hit", SEGMENT[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(SEGMENT)}"
    beyond = edge.http("GET", segment(token()), headers={"range": f"bytes={len(SEGMENT)}-"})
    assert (beyond.status, beyond.headers["content-range"]) == (416, f"bytes */{len(SEGMENT)}")
    head = edge.http("HEAD", segment(token()))
    assert (head.status, head.headers["content-length"], head.body) == (200, str(len(SEGMENT)), b"")
    known = edge.http("GET", segment(token()), headers={"if-none-match": second.headers["etag"]})
    assert known.status == 304


def test_a_range_of_an_unknown_object_is_cut_from_the_whole(edge, origin, stack):
    part = edge.http("GET", "/cached/ranged", headers={"range": "bytes=0-2"})
    assert (part.status, part.body) == (206, b"GET")
    assert edge.http("GET", "/cached/ranged").cache == "Hit"
    assert origin.count("/cached/ranged") == 1


def test_a_huge_object_is_passed_through(edge, origin, stack):
    whole = edge.http("GET", "/cached/huge")
    assert (whole.status, whole.cache, len(whole.body)) == (200, "Miss", HUGE)
    part = edge.http("GET", "/cached/huge", headers={"range": "bytes=10-19"})
    assert (part.status, part.cache, len(part.body)) == (206, "Miss", 10)
    assert part.headers["content-range"] == f"bytes 10-19/{HUGE}"
    assert edge.http("GET", "/cached/huger", headers={"range": "bytes=10-19"}).status == 206


def test_private_responses_are_not_shared(edge, origin, stack):
    for _ in range(2):
        assert edge.http("GET", "/cached/private").cache == "Miss"
    assert origin.count("/cached/private") == 2


def test_concurrent_requests_wait_for_one_response_of_the_origin(edge, origin, stack):
    with concurrent.futures.ThreadPoolExecutor(10) as viewers:
        answers = list(viewers.map(lambda _: edge.http("GET", "/cached/slow"), range(10)))
    assert {answer.body for answer in answers} == {b"GET /cached/slow "}
    assert sorted(answer.cache for answer in answers) == ["Hit"] * 9 + ["Miss"]
    assert origin.count("/cached/slow") == 1


def test_an_expired_object_is_revalidated(edge, origin, stack):
    assert edge.http("GET", "/cached/revalidated").cache == "Miss"
    refreshed = eventually(lambda: (answer := edge.http("GET", "/cached/revalidated")).cache != "Hit" and answer)
    assert (refreshed.cache, refreshed.status, refreshed.body) == ("RefreshHit", 200, b"version one")
    assert origin.seen[-1][2].get("if-none-match") or origin.seen[-1][2].get("If-None-Match")


def test_text_is_compressed_for_viewers_that_accept_it(edge, stack):
    packed = edge.http("GET", "/cached/text.css", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == b"a { } " * 1000
    assert packed.headers["etag"] == 'W/"css"'
    plain = edge.http("GET", "/cached/text.css", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.body == b"a { } " * 1000


def test_the_api_is_never_cached_and_passes_untouched(edge, origin, stack):
    for _ in range(2):
        answer = edge.http("GET", "/api/titles?limit=2", headers={"authorization": "Bearer x"})
        assert (answer.status, answer.cache) == (200, "Miss")
    assert origin.count("/api/titles?limit=2") == 2
    assert {name.lower(): value for name, value in origin.seen[-1][2].items()}["authorization"] == "Bearer x"

    posted = edge.http("POST", "/api/titles", b'{"name":"x"}', {"content-type": "application/json"})
    assert posted.body == b'POST /api/titles {"name":"x"}'
    unknown = edge.http("GET", "/api/missing")
    assert (unknown.status, unknown.headers["content-type"]) == (404, "application/problem+json")
    assert edge.http("POST", "/api/large", b"x" * (10 * 1024 * 1024 + 1)).status == 413


def test_a_behaviour_accepts_only_its_methods(edge, origin, stack):
    assert edge.http("POST", "/cached/x", b"").status == 403
    for method in ("OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE"):
        assert edge.http(method, segment(token())).status == 403, method
    assert origin.count("/cached/x") == 0


def test_only_get_and_head_read_from_a_bucket(emulator, edge, stack):
    path = f"/generous/media/{ASSET}.ts"
    emulator.client("s3").put_object(Bucket=stack["Media"], Key=path[1:], Body=SEGMENT, ContentType="video/mp2t")
    assert edge.http("GET", path).body == SEGMENT
    for method in ("OPTIONS", "POST", "PUT", "PATCH", "DELETE"):
        answer = edge.http(method, path)
        assert answer.status == 403 and SEGMENT[:64] not in answer.body, method


def test_viewer_headers_are_added_only_where_a_policy_names_them(edge, origin, stack):
    forged = {"cloudfront-viewer-country": "KP", "cloudfront-viewer-address": "192.0.2.1:1"}

    def seen(path, headers):
        edge.http("GET", path, headers=headers)
        return {name.lower(): value for name, value in origin.seen[-1][2].items() if name.lower().startswith("cloud")}

    assert seen("/api/where", forged) == {}, "no policy names them"
    address = seen("/forwarded/where", forged)["cloudfront-viewer-address"]
    assert address.startswith("127.0.0.1:") and "cloudfront-viewer-country" not in seen("/forwarded/where", forged)
    secret = json.loads((edge.home / "edge.json").read_text())["secret"]
    known = {"x-marquee-edge-viewer": f"{secret}; country=IS; address=203.0.113.7:4711"}
    expected = {"cloudfront-viewer-country": "IS", "cloudfront-viewer-address": "203.0.113.7:4711"}
    assert seen("/forwarded/where", known) == expected
    assert "x-marquee-edge-viewer" not in {name.lower() for name in origin.seen[-1][2]}


def test_headers_of_a_policy_are_not_cached_with_the_object(edge, stack):
    def allowed(origin=None):
        answer = edge.http("GET", "/cached/shared", headers={"origin": origin} if origin else {})
        return answer.headers.get("access-control-allow-origin")

    assert allowed() is None
    assert allowed("https://a.example") == "https://a.example", "though the cached object has no such header"
    assert allowed("https://evil.example") is None
    assert allowed() is None


def test_a_request_that_cloudfront_refuses_does_not_reach_the_origin(edge, origin, stack):
    assert edge.http("GET", "/api/with-body", b"{}").status == 403
    assert edge.http("GET", "/api/" + "a" * 8188).status == 413
    assert origin.count("/api/with-body") == origin.count("/api/aaaa") == 0


def test_only_names_of_this_machine_are_answered(edge, stack):
    assert edge.http("GET", "/", headers={"host": "evil.example"}).status == 421
    assert edge.http("GET", "/_edge/mail", headers={"host": "evil.example"}).status == 421
    assert edge.http("GET", "/", headers={"host": f"localhost:{edge.port}"}).status == 200


def test_a_name_of_the_settings_is_answered_but_gets_no_mails(edge, stack):
    laptop = {"host": f"laptop.lan:{edge.port}"}
    assert edge.http("GET", "/", headers=laptop).status == 200
    refused = edge.http("GET", "/_edge/mail", headers=laptop)
    assert refused.status == 421 and b"http://localhost" in refused.body
    assert edge.http("GET", "/_edge/mail", headers={"host": f"localhost:{edge.port}"}).status == 200


def test_cookies_are_returned_only_where_they_are_forwarded(edge, stack):
    for _ in range(2):
        assert "set-cookie" not in edge.http("GET", "/cached/cookie").headers
    assert edge.http("GET", "/forwarded/cookie").headers["set-cookie"] == "a=b"


def test_errors_are_cached_for_the_time_that_the_distribution_sets(edge, origin, stack):
    assert [edge.http("GET", "/cached/missing").status for _ in range(3)] == [404] * 3
    assert origin.count("/cached/missing") == 1
    assert [edge.http("GET", "/cached/refused").status for _ in range(3)] == [405] * 3
    assert origin.count("/cached/refused") == 3, "the distribution sets zero seconds"


def test_an_invalidation_removes_cached_objects(emulator, edge, stack):
    s3 = emulator.client("s3")
    assert edge.http("GET", "/").body == b"<h1>the app</h1>"
    s3.put_object(Bucket=stack["Site"], Key="index.html", Body=b"<h1>newer</h1>", ContentType="text/html")
    assert edge.http("GET", "/").body == b"<h1>the app</h1>"
    batch = {"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": "1"}
    emulator.client("cloudfront").create_invalidation(DistributionId=stack["Distribution"], InvalidationBatch=batch)
    eventually(lambda: edge.http("GET", "/").body == b"<h1>newer</h1>")


def test_a_rotated_key_is_used(emulator, edge, stack):
    newer = "Qf3yZ8uTnK1wVbXj6LmRs0GpHc5dEa9oWi2Jq7kNtYA"
    put_key(emulator, stack["Keys"], "k0", newer)
    eventually(lambda: edge.http("GET", segment(token(newer))).status == 200)
    assert edge.http("GET", segment(token(K0))).status == 403
    assert edge.http("GET", segment(token(K1, "k1"))).status == 200
    put_key(emulator, stack["Keys"], "k0", K0)
    eventually(lambda: edge.http("GET", segment(token(K0))).status == 200)


def test_a_newly_published_function_runs(emulator, edge, stack):
    cloudfront = emulator.client("cloudfront")

    def publish(source):
        def etag():
            return cloudfront.describe_function(Name="spa-rewrite", Stage="DEVELOPMENT")["ETag"]

        config = {"Comment": "", "Runtime": "cloudfront-js-2.0"}
        cloudfront.update_function(Name="spa-rewrite", IfMatch=etag(), FunctionConfig=config, FunctionCode=source)
        cloudfront.publish_function(Name="spa-rewrite", IfMatch=etag())

    before = cloudfront.get_function(Name="spa-rewrite", Stage="LIVE")["FunctionCode"].read()
    publish(b"function handler() { return { statusCode: 418, body: 'tea' }; }")
    eventually(lambda: edge.http("GET", "/").status == 418)
    publish(b"function handler() { throw new Error('ouch'); }")
    eventually(lambda: edge.http("GET", "/").status == 503)
    publish(before)
    eventually(lambda: edge.http("GET", "/").status == 200)


def test_the_log_has_a_line_per_request_and_no_token(edge, stack):
    secret = token()
    edge.http("GET", segment(secret) + "?secret=query")
    eventually(lambda: "/media/[token]/" in edge.log.read_text())
    log = edge.log.read_text()
    assert secret not in log and "secret=query" not in log


def test_the_edge_works_again_after_a_restart_of_the_emulator(emulator, edge, stack):
    emulator.stop()
    emulator.start()
    eventually(lambda: edge.http("GET", "/api/after-restart").status == 200)


def test_without_an_emulator_the_error_names_the_cause(emulator, edge, stack):
    emulator.stop()
    answer = edge.http("GET", "/api/titles")
    emulator.start()
    assert answer.status == 502 and b"cannot be reached" in answer.body
