"""The MediaConvert stand-in's API with boto3: its errors, its access checks, its lists."""

import urllib.error
import urllib.request

import pytest
from access import allow, client, make_user
from botocore.exceptions import ClientError
from conftest import alter_after_signing
from mediaconvert import INBOX, ROLE, Studio, audio, cmaf, make_film, settings, video

FILM = f"s3://{INBOX}/film"


@pytest.fixture(scope="module")
def studio(emulator, tmp_path_factory):
    studio = Studio(emulator, tmp_path_factory.mktemp("mediaconvert"))
    studio.put(make_film(tmp_path_factory.mktemp("films") / "film.mp4", seconds=2), "film")
    yield studio
    studio.stop()


@pytest.fixture(scope="module")
def mediaconvert(studio):
    return studio.mediaconvert


def refused(call, *arguments, **named):
    """The error's code and message."""
    with pytest.raises(ClientError) as error:
        call(*arguments, **named)
    answer = error.value.response["Error"]
    return answer["Code"], answer["Message"]


def job_refused(mediaconvert, job_settings, **more):
    code, message = refused(mediaconvert.create_job, Role=ROLE, Settings=job_settings, **more)
    assert code == "BadRequestException"
    return message


def with_codec(**codec):
    output = video("_v", 640, 360)
    output["VideoDescription"]["CodecSettings"] = codec
    return settings(FILM, cmaf("api", output))


@pytest.mark.parametrize(
    ("job_settings", "message"),
    [
        (
            with_codec(Codec="AV1", Av1Settings={"RateControlMode": "QVBR"}),
            "/outputGroups/0/outputs/0/videoDescription/codecSettings/av1Settings: Is not supported by the local",
        ),
        (
            settings(FILM, cmaf("api", video("_v", 641, 360))),
            "/outputGroups/0/outputs/0/videoDescription/width: Should be a multiple of 2",
        ),
        (
            settings(FILM, cmaf("api", video("_v", 640, 360, NumberReferenceFrames=9))),
            "h264Settings/numberReferenceFrames: Should be less than or equal to 6",
        ),
        (
            settings(FILM, cmaf("api", video("_v", 640, 360, CodecProfile="TALL"))),
            'h264Settings/codecProfile: Should be equal to one of the allowed values in ["BASELINE","HIGH",',
        ),
        (
            settings(FILM, cmaf("api", video("_v", 640, 360, Bitrate=1_000_000))),
            "Rate control mode, Bitrate, and Max bitrate",
        ),
        (
            settings(FILM, cmaf("api", video("_v", 640, 360, GopSize=2))),
            "h264Settings/gopSize: Leave GOP size blank",
        ),
        (
            settings(FILM, cmaf("api", video("_v", 640, 360, Telecine="HARD"))),
            "h264Settings/telecine: HARD is not supported by the local MediaConvert, only NONE",
        ),
        (
            settings(FILM, cmaf("api", video("_v", 640, 360), WriteDashManifest="ENABLED")),
            "cmafGroupSettings/writeDashManifest: ENABLED is not supported by the local MediaConvert",
        ),
        (
            settings(FILM, cmaf("api", video("_v", 640, 360), Encryption={"EncryptionMethod": "SAMPLE_AES"})),
            "cmafGroupSettings/encryption: Is not supported by the local MediaConvert",
        ),
        (
            settings(FILM, cmaf("api", video("_v", 640, 360), audio("_v"))),
            "/outputGroups/0/outputs/1/nameModifier: Should be unique",
        ),
        (
            settings(FILM, cmaf("api", {**video("_v", 640, 360), **audio("_v")})),
            "Each output in a CMAF output group may only contain a single video, audio, or caption output",
        ),
        (
            settings("file:///etc/passwd", cmaf("api", video("_v", 640, 360))),
            "/inputs/0/fileInput: Should match pattern",
        ),
        ({"Inputs": [{"FileInput": FILM}]}, "/outputGroups: Should have at least 1 items"),
    ],
)
def test_a_setting_is_refused_by_its_name(mediaconvert, job_settings, message):
    assert message in job_refused(mediaconvert, job_settings)


def test_dash_is_written_on_aws_unless_it_is_switched_off(mediaconvert):
    job_settings = settings(FILM, cmaf("api", video("_v", 640, 360)))
    del job_settings["OutputGroups"][0]["OutputGroupSettings"]["CmafGroupSettings"]["WriteDashManifest"]
    assert "writeDashManifest" in job_refused(mediaconvert, job_settings)


def test_request_members_around_the_settings_are_checked_too(mediaconvert):
    job_settings = settings(FILM, cmaf("api", video("_v", 640, 360)))
    assert "/priority: Should be less than or equal to 50" in job_refused(mediaconvert, job_settings, Priority=51)
    accelerated = job_refused(mediaconvert, job_settings, AccelerationSettings={"Mode": "ENABLED"})
    assert "/accelerationSettings/mode" in accelerated
    assert refused(mediaconvert.create_job, Role=ROLE, Settings=job_settings, Queue="nowhere")[0] == "NotFoundException"
    assert (
        refused(mediaconvert.create_job, Role=ROLE, Settings=job_settings, JobTemplate="none")[0] == "NotFoundException"
    )
    assert "preset" in job_refused(mediaconvert, settings(FILM, cmaf("api", {"NameModifier": "_v", "Preset": "none"})))


def test_unknown_resources_are_not_found(mediaconvert):
    assert refused(mediaconvert.get_job, Id="1700000000000-abc123")[0] == "NotFoundException"
    assert refused(mediaconvert.cancel_job, Id="1700000000000-abc123")[0] == "NotFoundException"
    assert refused(mediaconvert.get_queue, Name="none")[0] == "NotFoundException"
    assert refused(mediaconvert.get_preset, Name="none")[0] == "NotFoundException"
    assert refused(mediaconvert.probe, InputFiles=[{"FileUrl": f"s3://{INBOX}/none"}])[0] == "NotFoundException"
    # The error names an operation that the stand-in does not have.
    assert "policy is not supported" in refused(mediaconvert.get_policy)[1]


def test_queues_are_created_updated_and_deleted(mediaconvert):
    created = mediaconvert.create_queue(Name="night", Description="slow", Tags={"team": "a"})["Queue"]
    assert (created["Type"], created["PricingPlan"], created["Status"]) == ("CUSTOM", "ON_DEMAND", "ACTIVE")
    assert refused(mediaconvert.create_queue, Name="night")[0] == "ConflictException"
    assert "pricingPlan" in refused(mediaconvert.create_queue, Name="own", PricingPlan="RESERVED")[1]
    assert mediaconvert.update_queue(Name="night", Status="PAUSED")["Queue"]["Status"] == "PAUSED"
    assert [queue["Name"] for queue in mediaconvert.list_queues()["Queues"]] == ["Default", "night"]
    assert mediaconvert.list_tags_for_resource(Arn=created["Arn"])["ResourceTags"]["Tags"] == {"team": "a"}
    mediaconvert.tag_resource(Arn=created["Arn"], Tags={"cost": "b"})
    mediaconvert.untag_resource(Arn=created["Arn"], TagKeys=["team"])
    assert mediaconvert.list_tags_for_resource(Arn=created["Arn"])["ResourceTags"]["Tags"] == {"cost": "b"}
    mediaconvert.delete_queue(Name="night")
    assert refused(mediaconvert.delete_queue, Name="Default")[0] == "BadRequestException"


def test_the_endpoint_is_the_stand_in_itself(studio):
    assert studio.mediaconvert.describe_endpoints()["Endpoints"] == [{"Url": studio.stand_in.url}]


def test_probe_describes_a_film(mediaconvert):
    result = mediaconvert.probe(InputFiles=[{"FileUrl": FILM}])["ProbeResults"][0]
    container = result["Container"]
    assert (container["Format"], container["Duration"]) == ("mp4", 2.0)
    picture, sound = container["Tracks"]
    assert (picture["TrackType"], picture["Codec"], picture["Index"]) == ("video", "AVC", 1)
    properties = picture["VideoProperties"]
    assert (properties["Width"], properties["Height"]) == (640, 360)
    assert properties["FrameRate"] == {"Numerator": 24, "Denominator": 1}
    assert properties["CodecMetadata"]["ScanType"] == "Progressive"
    assert (sound["Codec"], sound["AudioProperties"]["SampleRate"]) == ("AAC", 44_100)
    assert result["TrackMappings"] == [{"VideoTrackIndexes": [1], "AudioTrackIndexes": [2], "DataTrackIndexes": []}]
    assert result["Metadata"]["FileSize"] > 0


def test_a_job_can_be_found_by_its_input(studio):
    job_settings = settings(FILM, cmaf("found", video("_v", 320, 180)))
    job = studio.run(job_settings, UserMetadata={"asset": "needle"})
    found = studio.mediaconvert.search_jobs(InputFile="film")["Jobs"]
    assert [item["UserMetadata"] for item in found] == [{"asset": "needle"}]
    assert studio.mediaconvert.search_jobs(InputFile="nothing")["Jobs"] == []
    assert studio.mediaconvert.list_jobs(Status="COMPLETE")["Jobs"][0]["Id"] == job["Id"]
    assert studio.mediaconvert.list_jobs(Queue="Default")["Jobs"][0]["Id"] == job["Id"]
    queue = job["Queue"]
    assert refused(studio.mediaconvert.list_jobs, Queue=queue)[0] == "BadRequestException", "it takes a name"
    assert studio.mediaconvert.search_jobs(Queue=queue)["Jobs"][0]["Id"] == job["Id"]
    assert "maxResults" in refused(studio.mediaconvert.list_jobs, MaxResults=21)[1]
    assert refused(studio.mediaconvert.list_jobs, NextToken="?")[0] == "BadRequestException"


def test_iam_decides_who_may_call(studio):
    iam = studio.iam
    ada = client(studio.stand_in, "mediaconvert", make_user(iam, "ada", allow(("mediaconvert:ListJobs", "*"))))
    job_settings = settings(FILM, cmaf("ada", video("_v", 320, 180)))
    queue = "arn:aws:mediaconvert:us-east-1:000000000000:queues/Default"

    def may(*statements):
        iam.put_user_policy(UserName="ada", PolicyName="all", PolicyDocument=allow(*statements))

    probe = {"InputFiles": [{"FileUrl": FILM}]}
    ada.list_jobs()
    assert refused(ada.probe, **probe)[0] == "ForbiddenException"
    may(("mediaconvert:Probe", "*"))
    assert "s3:GetObject" in refused(ada.probe, **probe)[1]
    may(("mediaconvert:Probe", "*"), ("s3:GetObject", f"arn:aws:s3:::{INBOX}/*"))
    ada.probe(**probe)
    may(("mediaconvert:CreateJob", queue))
    assert "iam:PassRole" in refused(ada.create_job, Role=ROLE, Settings=job_settings)[1]
    may(("mediaconvert:CreateJob", queue), ("iam:PassRole", ROLE))
    assert studio.ended(ada.create_job(Role=ROLE, Settings=job_settings)["Job"]["Id"])["Status"] == "COMPLETE"
    assert studio.keys("ada/")


def test_a_job_that_was_altered_after_signing_is_refused(studio):
    queue = "arn:aws:mediaconvert:us-east-1:000000000000:queues/Default"
    policy = allow(("mediaconvert:CreateJob", queue), ("mediaconvert:ListTagsForResource", "*"), ("iam:PassRole", ROLE))
    grace = client(studio.stand_in, "mediaconvert", make_user(studio.iam, "grace", policy))
    request = {
        "Role": ROLE,
        "Settings": settings(FILM, cmaf("grace", video("_v", 320, 180))),
        "UserMetadata": {"asset": "grace-1"},
    }
    job = grace.create_job(**request)["Job"]
    # The signature of an encoded path is accepted, too.
    assert grace.list_tags_for_resource(Arn=job["Arn"])["ResourceTags"]["Tags"] == {}

    alter_after_signing(grace, b"grace-1", b"grace-2")
    with pytest.raises(ClientError) as error:
        grace.create_job(**request)

    answer = error.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert "signature" in answer["Error"]["Message"].lower()
    jobs = studio.mediaconvert.list_jobs()["Jobs"]
    assert [job["UserMetadata"] for job in jobs if "grace" in str(job["UserMetadata"])] == [{"asset": "grace-1"}]


def test_a_request_that_is_not_signed_or_no_json_is_refused(studio):
    def status(path, body, **headers):
        request = urllib.request.Request(studio.stand_in.url + path, data=body, headers=headers, method="POST")
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(request)
        return error.value.code, error.value.headers["x-amzn-errortype"]

    signed = {"authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/mediaconvert/aws4_request, a=b"}
    assert status("/2017-08-29/jobs", b"{}") == (403, "ForbiddenException")
    assert status("/2017-08-29/jobs", b"{", **signed) == (400, "BadRequestException")
    assert status("/2017-08-29/jobs", b"[]", **signed) == (400, "BadRequestException")
    assert status("/2017-08-29/jobs", b"x" * (5 << 20), **signed) == (400, "BadRequestException")
