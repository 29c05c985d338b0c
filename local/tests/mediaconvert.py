"""Shared by the MediaConvert tests: a stand-in with roles and buckets, films, settings, and functions that wait."""

import json
import subprocess
from functools import partial

import access
from access import allow, client
from conftest import PROJECT, StandIn, eventually

FFMPEG = PROJECT / ".venv/bin/ffmpeg"
INBOX, MEDIA = "film-inbox", "film-media"
ROLE = "arn:aws:iam::000000000000:role/transcode"

make_role = partial(access.make_role, trusted="mediaconvert.amazonaws.com")


def make_film(path, seconds=8, size="640x360", rate=24, sound=True, options=()):
    """A test pattern with a tone."""
    inputs = ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}"]
    if sound:
        inputs += ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"]
    encoding = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    subprocess.run([FFMPEG, "-v", "error", "-y", *inputs, *encoding, *options, path], check=True)
    return path


class Studio:
    """A stand-in with its emulator: buckets, a role with access to them, a queue of the events."""

    def __init__(self, emulator, home):
        self.emulator = emulator
        self.stand_in = StandIn("mediaconvert", emulator, home).start("/health")
        self.s3, self.iam = client(emulator, "s3"), client(emulator, "iam")
        self.mediaconvert = client(self.stand_in, "mediaconvert")
        for bucket in (INBOX, MEDIA):
            self.s3.create_bucket(Bucket=bucket)
        reads, writes = f"arn:aws:s3:::{INBOX}/*", f"arn:aws:s3:::{MEDIA}/*"
        make_role(self.iam, "transcode", allow(("s3:GetObject", reads), ("s3:PutObject", writes)))
        self.sqs = client(emulator, "sqs")
        self.queue = self.sqs.create_queue(QueueName="events")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        bus = client(emulator, "events")
        bus.put_rule(Name="jobs", EventPattern=json.dumps({"source": ["marquee.mediaconvert"]}))
        bus.put_targets(Rule="jobs", Targets=[{"Id": "1", "Arn": arn}])
        self.received = []

    def put(self, path, key="source"):
        self.s3.upload_file(str(path), INBOX, key)
        return f"s3://{INBOX}/{key}"

    def create(self, settings, role=ROLE, **more):
        return self.mediaconvert.create_job(Role=role, Settings=settings, **more)["Job"]

    def job(self, job_id):
        return self.mediaconvert.get_job(Id=job_id)["Job"]

    def run(self, settings, **more):
        """The job after its end."""
        return self.ended(self.create(settings, **more)["Id"])

    def ended(self, job_id):
        final = ("COMPLETE", "ERROR", "CANCELED")
        return eventually(lambda: (job := self.job(job_id))["Status"] in final and job, 120)

    def busy(self, job_id):
        """The job once FFmpeg works on it."""
        return eventually(lambda: (job := self.job(job_id)).get("CurrentPhase") == "TRANSCODING" and job, 60)

    def events_of(self, job_id, last):
        """The job's events up to this status."""

        def found():
            for message in self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", []):
                self.received.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
            mine = [event for event in self.received if event["detail"]["jobId"] == job_id]
            return mine if any(event["detail"]["status"] == last for event in mine) else None

        return eventually(found)

    def keys(self, prefix):
        return [item["Key"] for item in self.s3.list_objects_v2(Bucket=MEDIA, Prefix=prefix).get("Contents", [])]

    def read(self, key):
        return self.s3.get_object(Bucket=MEDIA, Key=key)["Body"].read()

    def download(self, prefix, folder):
        folder.mkdir(parents=True, exist_ok=True)
        for key in self.keys(prefix):
            self.s3.download_file(MEDIA, key, str(folder / key.rsplit("/", 1)[-1]))
        return folder

    def advance_clock(self, seconds):
        answer = self.stand_in.http("POST", "/_marquee/clock", json.dumps({"advance_seconds": seconds}).encode())
        assert answer.status == 204

    def stop(self):
        self.stand_in.stop()


def h264(**more):
    quality = {"RateControlMode": "QVBR", "MaxBitrate": 2_000_000, "QvbrSettings": {"QvbrQualityLevel": 7}}
    return {"Codec": "H_264", "H264Settings": {**quality, **more}}


def video(modifier, width, height, container="CMFC", **more):
    return {
        "NameModifier": modifier,
        "ContainerSettings": {"Container": container},
        "VideoDescription": {"Width": width, "Height": height, "CodecSettings": h264(**more)},
    }


def sound():
    aac = {"Bitrate": 128_000, "SampleRate": 48_000, "CodingMode": "CODING_MODE_2_0"}
    return [{"AudioSourceName": "Audio Selector 1", "CodecSettings": {"Codec": "AAC", "AacSettings": aac}}]


def audio(modifier):
    return {"NameModifier": modifier, "ContainerSettings": {"Container": "CMFC"}, "AudioDescriptions": sound()}


def cmaf(prefix, *outputs, **more):
    settings = {
        "Destination": f"s3://{MEDIA}/{prefix}/master",
        "SegmentLength": 2,
        "FragmentLength": 2,
        "SegmentLengthControl": "EXACT",
        "WriteDashManifest": "DISABLED",
        **more,
    }
    return {
        "OutputGroupSettings": {"Type": "CMAF_GROUP_SETTINGS", "CmafGroupSettings": settings},
        "Outputs": list(outputs),
    }


def settings(url, *groups, **video_selector):
    source = {
        "FileInput": url,
        "AudioSelectors": {"Audio Selector 1": {"DefaultSelection": "DEFAULT"}},
        "VideoSelector": video_selector,
        "TimecodeSource": "ZEROBASED",
    }
    return {"Inputs": [source], "OutputGroups": list(groups)}


def ffmpegs_of(job_id):
    """The ids of the FFmpeg processes that work for a job."""
    found = subprocess.run(["pgrep", "-f", "--", "-protocol_whitelist file"], capture_output=True, text=True).stdout
    mine = []
    for process in found.split():
        folder = subprocess.run(["readlink", f"/proc/{process}/cwd"], capture_output=True, text=True).stdout
        if job_id in folder:
            mine.append(int(process))
    return mine
