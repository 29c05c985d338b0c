"""Jobs of the MediaConvert stand-in with boto3: from S3 to S3, as their role, with their events."""

import json
import math
import re
import signal
import subprocess
from itertools import pairwise

import pytest
from access import allow, client
from conftest import PROJECT, StandIn, eventually, free_port
from mediaconvert import (
    FFMPEG,
    INBOX,
    MEDIA,
    Studio,
    audio,
    cmaf,
    ffmpegs_of,
    make_film,
    make_role,
    settings,
    sound,
    video,
)


@pytest.fixture(scope="module")
def studio(emulator, tmp_path_factory):
    studio = Studio(emulator, tmp_path_factory.mktemp("mediaconvert"))
    yield studio
    studio.stop()


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    return tmp_path_factory.mktemp("films")


@pytest.fixture(scope="module")
def film(studio, films):
    return studio.put(make_film(films / "film.mp4"))


@pytest.fixture(scope="module")
def long_film(studio, films):
    return studio.put(make_film(films / "long.mp4", seconds=60, size="1280x720"), "long")


def slow(url, prefix):
    """Settings of a job that takes several seconds."""
    return settings(url, cmaf(prefix, video("_v", 1280, 720, QualityTuningLevel="MULTI_PASS_HQ"), audio("_a")))


def length(path):
    probe = [PROJECT / ".venv/bin/ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path]
    return float(subprocess.run(probe, capture_output=True, text=True, check=True).stdout)


DETAIL_TYPE = "MediaConvert Job State Change"
FAULTS = PROJECT / "tests/media-faults"


def pictures(path):
    """The number of pictures that FFmpeg decodes from the file."""
    arguments = [FFMPEG, "-v", "error", "-i", path, "-map", "0:v:0", "-f", "framecrc", "-"]
    lines = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout.splitlines()
    return len([line for line in lines if not line.startswith("#")])


@pytest.mark.parametrize(
    ("name", "rate", "seconds", "sounds"),
    [
        ("small-clock-restart-then-silent.ts", 25, 6.0, 1),
        ("clock-restart-with-sound.ts", 25, 6.04, 1),
        ("clock-restart.vob", 25, 6.0, 1),
        ("clock-restart-then-silent.flv", 25, 6.0, 1),
        ("small-vfr-sound.mkv", 30, 8.0, 1),
        ("small-vfr-live.webm", 30, 8.0, 1),
        ("vfr-silent.mkv", 30, 12.0, 0),
        ("resized.webm", 25, 8.0, 0),
        ("colours-change.ts", 25, 5.95, 0),
        ("sound-changes.ts", 25, 6.1, 1),
        ("lying-header.mp4", 2, 14.0, 0),
        ("anim.gif", 10, 3.0, 0),
        ("small-uneven-transparent.gif", 30, 3.96, 0),
    ],
)
def test_the_whole_film_is_encoded(studio, tmp_path, name, rate, seconds, sounds):
    url = studio.put(FAULTS / name, name)
    exact = {"FramerateControl": "SPECIFIED", "FramerateNumerator": rate, "FramerateDenominator": 1}
    outputs = [video("_v", 160, 120, **exact)] + [audio("_a")] * sounds
    still = {"FramerateNumerator": 1, "FramerateDenominator": 1, "MaxCaptures": 5, "Quality": 80}
    stills = {
        "OutputGroupSettings": {
            "Type": "FILE_GROUP_SETTINGS",
            "FileGroupSettings": {"Destination": f"s3://{MEDIA}/{name}/still"},
        },
        "Outputs": [
            {
                "Extension": "jpg",
                "ContainerSettings": {"Container": "RAW"},
                "VideoDescription": {
                    "Width": 160,
                    "Height": 120,
                    "CodecSettings": {"Codec": "FRAME_CAPTURE", "FrameCaptureSettings": still},
                },
            }
        ],
    }
    job = studio.run(settings(url, cmaf(name, *outputs), stills, PadVideo="BLACK" if sounds else "DISABLED"))

    assert job["Status"] == "COMPLETE", job
    lengths = [output["DurationInMs"] / 1000 for output in job["OutputGroupDetails"][0]["OutputDetails"]]
    assert all(abs(length - seconds) <= 0.15 for length in lengths), lengths
    assert max(lengths) - min(lengths) <= 0.1, lengths
    folder = studio.download(f"{name}/", tmp_path / "encoded")
    decoded = pictures(folder / "master.m3u8")
    assert abs(decoded / rate - lengths[0]) < 0.001, "the number of pictures is the reported one"
    assert len([key for key in studio.keys(f"{name}/still")]) == min(5, math.ceil(seconds))


def test_a_still_picture_lasts_as_long_as_its_sound(studio, tmp_path):
    song = studio.put(FAULTS / "cover.mp3", "song")
    cover = tmp_path / "cover.png"
    draw = [FFMPEG, "-v", "error", "-i", FAULTS / "cover.mp3", "-map", "0:v", cover]
    subprocess.run(draw, check=True)
    generator = {"Duration": 3056, "FramerateNumerator": 10, "FramerateDenominator": 1, "Width": 200, "Height": 150}
    exact = {"FramerateControl": "SPECIFIED", "FramerateNumerator": 10, "FramerateDenominator": 1}
    shown = settings(song, cmaf("song", video("_v", 200, 150, **exact), audio("_a")))
    [source] = shown["Inputs"]
    del source["FileInput"]
    source["VideoGenerator"] = {**generator, "ImageInput": studio.put(cover, "cover.png")}
    source["AudioSelectors"]["Audio Selector 1"]["ExternalAudioFileInput"] = song
    job = studio.run(shown)

    assert job["Status"] == "COMPLETE", job
    lengths = [output["DurationInMs"] / 1000 for output in job["OutputGroupDetails"][0]["OutputDetails"]]
    assert all(abs(length - 3.056) <= 0.1 for length in lengths), lengths
    folder = studio.download("song/", tmp_path / "encoded")
    decoded = pictures(folder / "master.m3u8")
    assert decoded == pytest.approx(30, abs=1)
    last = tmp_path / "last"
    at = ["-ss", "2.5", "-i", folder / "master.m3u8", "-frames:v", "1", "-vf", "scale=1:1"]
    grey = ["-f", "rawvideo", "-pix_fmt", "gray", last]
    subprocess.run([FFMPEG, "-v", "error", *at, *grey], check=True)
    assert last.read_bytes()[0] > 40, "not black"


def test_no_output_is_longer_than_the_clip(studio, film, tmp_path):
    clipped = settings(film, cmaf("clipped", video("_v", 320, 180), audio("_a")), PadVideo="BLACK")
    clipped["Inputs"][0]["InputClippings"] = [{"EndTimecode": "00:00:02:23"}]
    job = studio.run(clipped)

    assert job["Status"] == "COMPLETE", job
    lengths = [output["DurationInMs"] for output in job["OutputGroupDetails"][0]["OutputDetails"]]
    # Sound ends with a complete frame of its codec.
    assert lengths[0] == 3000
    assert 2950 <= lengths[1] <= 3025, lengths
    assert pictures(studio.download("clipped/", tmp_path / "clipped") / "master.m3u8") == 72


def test_a_ladder_plays_and_is_reported(studio, film, tmp_path):
    ladder = cmaf("ladder", video("_360", 640, 360), video("_180", 320, 180), audio("_sound"))
    job = studio.run(settings(film, ladder), UserMetadata={"asset": "a-1"})

    assert job["Status"] == "COMPLETE", job
    assert job["JobPercentComplete"] == 100
    assert job["Timing"]["SubmitTime"] <= job["Timing"]["StartTime"] <= job["Timing"]["FinishTime"]
    assert job["OutputGroupDetails"][0]["OutputDetails"][0] == {
        "DurationInMs": 8000,
        "VideoDetails": {"WidthInPx": 640, "HeightInPx": 360},
    }

    names = [key.removeprefix("ladder/") for key in studio.keys("ladder/")]
    for modifier, extension in (("_360", "cmfv"), ("_180", "cmfv"), ("_sound", "cmfa")):
        assert f"master{modifier}init.{extension}" in names
        assert [f"master{modifier}_{number:09}.{extension}" for number in range(1, 5)] == [
            name for name in names if re.match(rf"master{modifier}_\d", name)
        ]
    master = studio.read("ladder/master.m3u8").decode()
    assert re.search(r'CODECS="avc1\.4d40\w\w,mp4a\.40\.2".*RESOLUTION=640x360,FRAME-RATE=24\.000,AUDIO="', master)
    assert 'URI="master_sound.m3u8"' in master
    head = studio.s3.head_object(Bucket=MEDIA, Key="ladder/master.m3u8")
    assert head["ContentType"] == "application/vnd.apple.mpegurl"

    folder = studio.download("ladder/", tmp_path / "ladder")
    decode = [
        FFMPEG,
        "-v",
        "warning",
        "-i",
        folder / "master.m3u8",
        "-map",
        "0",
        "-f",
        "null",
        "-",
    ]
    decoded = subprocess.run(decode, capture_output=True, text=True)
    assert (decoded.returncode, decoded.stderr) == (0, "")

    events = studio.events_of(job["Id"], "COMPLETE")
    assert [event["detail"]["status"] for event in events] == ["PROGRESSING", "INPUT_INFORMATION", "COMPLETE"]
    for event in events:
        assert event["detail-type"] == DETAIL_TYPE
        assert event["resources"] == [job["Arn"]]
        assert event["detail"]["userMetadata"] == {"asset": "a-1"}
        assert event["detail"]["queue"] == job["Queue"]
    found = events[1]["detail"]["inputDetails"][0]
    assert (found["video"][0]["codec"], found["video"][0]["width"], found["audio"][0]["codec"]) == ("H_264", 640, "AAC")
    group = events[2]["detail"]["outputGroupDetails"][0]
    assert group["type"] == "CMAF_GROUP"
    assert group["playlistFilePaths"] == [f"s3://{MEDIA}/ladder/master.m3u8"]


def test_all_packagings_in_one_job(studio, film, tmp_path):
    stream = {**video("_v", 640, 360, "M3U8"), "AudioDescriptions": sound()}
    hls = {"Destination": f"s3://{MEDIA}/all/hls", "SegmentLength": 4, "MinSegmentLength": 0}
    file = {**video("-file", 640, 360, "MP4", RateControlMode="VBR", Bitrate=500_000), "AudioDescriptions": sound()}
    del file["VideoDescription"]["CodecSettings"]["H264Settings"]["QvbrSettings"]
    capture = {"FramerateNumerator": 1, "FramerateDenominator": 3, "MaxCaptures": 10, "Quality": 80}
    pictures = video("-picture", 320, 180, "RAW")
    pictures["VideoDescription"]["CodecSettings"] = {"Codec": "FRAME_CAPTURE", "FrameCaptureSettings": capture}
    groups = [
        {"OutputGroupSettings": {"Type": "HLS_GROUP_SETTINGS", "HlsGroupSettings": hls}, "Outputs": [stream]},
        {
            "OutputGroupSettings": {
                "Type": "FILE_GROUP_SETTINGS",
                "FileGroupSettings": {"Destination": f"s3://{MEDIA}/all/"},
            },
            "Outputs": [file, pictures],
        },
    ]
    job = studio.run(settings(film, *groups))

    assert job["Status"] == "COMPLETE", job
    assert studio.keys("all/") == [
        "all/hls.m3u8",
        "all/hls_v.m3u8",
        "all/hls_v_00001.ts",
        "all/hls_v_00002.ts",
        "all/source-file.mp4",
        *[f"all/source-picture.{number:07}.jpg" for number in range(3)],
    ]
    details = studio.events_of(job["Id"], "COMPLETE")[-1]["detail"]["outputGroupDetails"]
    assert (details[0]["type"], details[0]["outputDetails"][0]["outputFilePaths"]) == (
        "HLS_GROUP",
        [f"s3://{MEDIA}/all/hls_v.m3u8"],
    )
    assert details[1]["outputDetails"][0]["outputFilePaths"] == [f"s3://{MEDIA}/all/source-file.mp4"]
    folder = studio.download("all/", tmp_path / "all")
    assert abs(length(folder / "source-file.mp4") - 8) < 0.1
    assert studio.read("all/source-picture.0000000.jpg")[:2] == b"\xff\xd8"


def test_key_frames_have_a_playlist(studio, film):
    picture = video("_v", 640, 360)
    picture["ContainerSettings"]["CmfcSettings"] = {"IFrameOnlyManifest": "INCLUDE"}
    job = studio.run(settings(film, cmaf("keys", picture, SegmentLength=4)))

    assert job["Status"] == "COMPLETE", job
    playlist = studio.read("keys/master_v_I-Frame.m3u8").decode()
    assert "#EXT-X-I-FRAMES-ONLY" in playlist
    ranges = re.findall(r"#EXTINF:2,\n#EXT-X-BYTERANGE:(\d+)@(\d+)\n(\S+)", playlist)
    assert len(ranges) == 4
    for size, offset, name in ranges:
        assert studio.read(f"keys/{name}")[int(offset) :][4:8] == b"moof"
        assert int(size) > 100
    assert "#EXT-X-I-FRAME-STREAM-INF:" in studio.read("keys/master.m3u8").decode()


def test_separate_sound_in_transport_streams(studio, film, tmp_path):
    picture = {**video("_v", 640, 360, "M3U8"), "OutputSettings": {"HlsSettings": {"AudioRenditionSets": "sound"}}}
    alone = {
        "NameModifier": "_a",
        "ContainerSettings": {"Container": "M3U8"},
        "OutputSettings": {"HlsSettings": {"AudioGroupId": "sound", "AudioOnlyContainer": "M2TS"}},
        "AudioDescriptions": [sound()[0] | {"StreamName": "English", "CustomLanguageCode": "en"}],
    }
    hls = {"Destination": f"s3://{MEDIA}/separate/main", "SegmentLength": 4, "MinSegmentLength": 0}
    group = {
        "OutputGroupSettings": {"Type": "HLS_GROUP_SETTINGS", "HlsGroupSettings": hls},
        "Outputs": [picture, alone],
    }
    job = studio.run(settings(film, group))

    assert job["Status"] == "COMPLETE", job
    master = studio.read("separate/main.m3u8").decode()
    assert re.search(r'CODECS="avc1\.\w+,mp4a\.40\.2",.*AUDIO="sound"\nmain_v\.m3u8', master)
    assert 'GROUP-ID="sound",LANGUAGE="en",NAME="English"' in master
    folder = studio.download("separate/", tmp_path / "separate")
    starts = []
    for name in ("main_v_00001.ts", "main_a_00001.ts"):
        probe = [PROJECT / ".venv/bin/ffprobe", "-v", "error", "-show_entries", "format=start_time", "-of", "csv=p=0"]
        clean = {"GCONV_PATH": "/nonexistent"}
        found = subprocess.run([*probe, folder / name], capture_output=True, text=True, check=True, env=clean)
        starts.append(float(found.stdout))
    assert abs(starts[0] - starts[1]) < 0.03, "sound and picture start together"


def test_a_rotated_film_is_encoded_upright(studio, films):
    make_film(films / "upright.mp4", seconds=2)
    turned = films / "turned.mp4"
    command = [".venv/bin/ffmpeg", "-v", "error", "-y", "-display_rotation", "-90", "-i", films / "upright.mp4"]
    subprocess.run([*command, "-c", "copy", turned], cwd=PROJECT, check=True)
    url = studio.put(turned, "turned")

    tracks = studio.mediaconvert.probe(InputFiles=[{"FileUrl": url}])["ProbeResults"][0]["Container"]["Tracks"]
    assert tracks[0]["VideoProperties"]["Rotation"] == 90
    picture = video("_v", 360, 640)
    picture["VideoDescription"].pop("Width")
    job = studio.run(settings(url, cmaf("turned", picture), Rotate="AUTO"))
    sizes = job["OutputGroupDetails"][0]["OutputDetails"][0]["VideoDetails"]
    assert (sizes["WidthInPx"], sizes["HeightInPx"]) == (360, 640)


def test_a_running_job_reports_its_progress_and_can_be_canceled(studio, long_film):
    job = studio.create(slow(long_film, "canceled"), StatusUpdateInterval="SECONDS_10")
    studio.busy(job["Id"])
    eventually(lambda: studio.keys("canceled/"), 60)
    eventually(lambda: studio.job(job["Id"]).get("JobPercentComplete", 0) > 0, 60)
    assert len(ffmpegs_of(job["Id"])) == 1

    studio.mediaconvert.cancel_job(Id=job["Id"])

    assert studio.job(job["Id"])["Status"] == "CANCELED"
    eventually(lambda: not ffmpegs_of(job["Id"]))
    assert studio.keys("canceled/"), "what was written stays, as on AWS"
    assert studio.events_of(job["Id"], "CANCELED")[-1]["detail"]["status"] == "CANCELED"
    with pytest.raises(studio.mediaconvert.exceptions.ConflictException):
        studio.mediaconvert.cancel_job(Id=job["Id"])


def test_a_killed_stand_in_starts_its_job_again_and_leaves_no_ffmpeg(studio, long_film):
    job = studio.create(slow(long_film, "killed"))
    studio.busy(job["Id"])
    eventually(lambda: ffmpegs_of(job["Id"]))

    studio.stand_in.process.send_signal(signal.SIGKILL)
    studio.stand_in.process.wait()

    eventually(lambda: not ffmpegs_of(job["Id"]))
    studio.stand_in.start("/health")
    assert studio.ended(job["Id"])["Status"] == "COMPLETE"
    statuses = [event["detail"]["status"] for event in studio.events_of(job["Id"], "COMPLETE")]
    assert statuses.count("PROGRESSING") == 2
    assert statuses.count("COMPLETE") == 1
    assert len([key for key in studio.keys("killed/") if key.endswith(".cmfv")]) == 31


def test_a_request_token_is_valid_for_a_minute(studio, film):
    job_settings = settings(film, cmaf("token", video("_v", 320, 180)))
    first = studio.create(job_settings, ClientRequestToken="t-1")
    assert studio.create(job_settings, ClientRequestToken="t-1")["Id"] == first["Id"]
    studio.advance_clock(61)
    assert studio.create(job_settings, ClientRequestToken="t-1")["Id"] != first["Id"]


def test_jobs_of_a_paused_queue_wait_and_start_by_priority(studio, film):
    studio.mediaconvert.create_queue(Name="weekend", Status="PAUSED", ConcurrentJobs=1)
    ids = []
    for number, priority in enumerate((0, -5, 7)):
        job_settings = settings(film, cmaf(f"queue/{number}", video("_v", 320, 180)))
        ids.append(studio.create(job_settings, Queue="weekend", Priority=priority)["Id"])
    queue = studio.mediaconvert.get_queue(Name="weekend")["Queue"]
    assert (queue["Status"], queue["SubmittedJobsCount"]) == ("PAUSED", 3)
    assert {studio.job(job_id)["Status"] for job_id in ids} == {"SUBMITTED"}
    listed = studio.mediaconvert.list_jobs(Queue="weekend", Status="SUBMITTED", Order="ASCENDING", MaxResults=2)
    rest = studio.mediaconvert.list_jobs(
        Queue="weekend", Status="SUBMITTED", Order="ASCENDING", MaxResults=2, NextToken=listed["NextToken"]
    )
    assert [job["Id"] for job in listed["Jobs"] + rest["Jobs"]] == ids
    assert "NextToken" not in rest

    studio.mediaconvert.update_queue(Name="weekend", Status="ACTIVE")

    starts = [(studio.events_of(job_id, "COMPLETE")[0]["detail"]["timestamp"], job_id) for job_id in ids]
    assert [studio.job(job_id)["Priority"] for _, job_id in sorted(starts)] == [7, 0, -5]
    studio.mediaconvert.delete_queue(Name="weekend")


def test_a_template_and_a_preset_make_a_job(studio, film):
    preset = {"ContainerSettings": {"Container": "CMFC"}, "VideoDescription": video("", 320, 180)["VideoDescription"]}
    studio.mediaconvert.create_preset(Name="small", Settings=preset)
    template = settings(film, cmaf("template", {"NameModifier": "_v", "Preset": "small"}))
    del template["Inputs"][0]["FileInput"]
    studio.mediaconvert.create_job_template(Name="house", Settings=template, Priority=3)
    job = studio.run({"Inputs": [{"FileInput": film}]}, JobTemplate="house")

    assert (job["Status"], job["Priority"], job["JobTemplate"]) == ("COMPLETE", 3, "house")
    assert job["OutputGroupDetails"][0]["OutputDetails"][0]["VideoDetails"] == {"WidthInPx": 320, "HeightInPx": 180}
    assert [item["Name"] for item in studio.mediaconvert.list_job_templates()["JobTemplates"]] == ["house"]
    assert studio.mediaconvert.get_preset(Name="small")["Preset"]["Settings"] == preset


def failed(studio, job_settings, **more):
    job = studio.run(job_settings, **more)
    assert job["Status"] == "ERROR"
    error = studio.events_of(job["Id"], "ERROR")[-1]["detail"]
    assert (error["errorCode"], error["errorMessage"]) == (job["ErrorCode"], job["ErrorMessage"])
    return job["ErrorCode"], job["ErrorMessage"]


def test_a_job_with_a_wrong_role_fails_as_on_aws(studio, film):
    job_settings = settings(film, cmaf("role", video("_v", 320, 180)))
    reads, writes = ("s3:GetObject", f"arn:aws:s3:::{INBOX}/*"), ("s3:PutObject", f"arn:aws:s3:::{MEDIA}/*")
    for name, policy, trusted, code in (
        ("writes-only", allow(writes), "mediaconvert.amazonaws.com", 1401),
        ("reads-only", allow(reads), "mediaconvert.amazonaws.com", 1401),
        ("of-functions", allow(reads, writes), "lambda.amazonaws.com", 1434),
    ):
        role = make_role(studio.iam, name, policy, trusted=trusted)
        assert failed(studio, job_settings, role=role)[0] == code, name
    assert failed(studio, job_settings, role="arn:aws:iam::000000000000:role/unknown")[0] == 1433
    nowhere = cmaf("role", video("_v", 320, 180), Destination="s3://there-is-no-such-bucket/role/master")
    assert failed(studio, settings(film, nowhere))[0] == 1404
    assert studio.keys("role/") == []


def test_bad_inputs_fail_with_their_reason(studio, film, films):
    outputs = cmaf("bad", video("_v", 320, 180))
    assert failed(studio, settings(f"s3://{INBOX}/nothing", outputs))[0] == 1404

    bytes_of_film = (films / "film.mp4").read_bytes()
    (films / "text").write_text("no film")
    assert failed(studio, settings(studio.put(films / "text", "text"), outputs))[0] == 1010

    front = make_film(films / "front.mp4", options=("-movflags", "+faststart")).read_bytes()
    (films / "half").write_bytes(front[: len(front) // 2])
    code, message = failed(studio, settings(studio.put(films / "half", "half"), outputs))
    assert (code, "Is file truncated?" in message) == (1076, True)

    song = films / "song.m4a"
    subprocess.run(
        [FFMPEG, "-v", "error", "-y", "-f", "lavfi", "-i", "sine=duration=2", "-c:a", "aac", song], check=True
    )
    assert failed(studio, settings(studio.put(song, "song"), outputs))[0] == 1020

    mute = studio.put(make_film(films / "mute.mp4", seconds=2, sound=False), "mute")
    assert "Audio track [1] not found" in failed(studio, settings(mute, cmaf("bad", audio("_a"))))[1]

    odd = studio.put(
        make_film(films / "odd.mp4", seconds=2, options=("-vf", "format=yuv444p,crop=201:101", "-pix_fmt", "yuv444p")),
        "odd",
    )
    natural = video("_v", 320, 180)
    del natural["VideoDescription"]["Width"], natural["VideoDescription"]["Height"]
    assert "only even values are supported" in failed(studio, settings(odd, cmaf("bad", natural)))[1]
    assert bytes_of_film


def test_outputs_are_never_deleted(studio, film):
    """The job role needs no right to s3:DeleteObject."""
    studio.s3.put_object(Bucket=MEDIA, Key="undo/tiny_v_000000001.cmfv", Body=b"the good old output")
    good, nowhere = cmaf("undo", video("_v", 320, 180)), cmaf("undo", video("_v", 320, 180))
    nowhere["OutputGroupSettings"]["CmafGroupSettings"]["Destination"] = "s3://there-is-no-such-bucket/x/master"

    assert failed(studio, settings(film, good, nowhere))[0] == 1404

    assert "undo/tiny_v_000000001.cmfv" in studio.keys("undo/")


def plays(path):
    clean = {"GCONV_PATH": "/nonexistent"}
    options = ["-v", "error", "-allowed_extensions", "ALL", "-extension_picky", "0", "-i", path, "-f", "null", "-"]
    return subprocess.run([FFMPEG, *options], capture_output=True, text=True, env=clean)


def test_sound_without_pictures_plays(studio, film, tmp_path):
    job = studio.run(settings(film, cmaf("alone", audio("_a"), audio("_b"))))

    assert job["Status"] == "COMPLETE", job
    master = studio.read("alone/master.m3u8").decode()
    assert master.count("#EXT-X-STREAM-INF") == 2 and "#EXT-X-MEDIA" not in master, master
    played = plays(studio.download("alone/", tmp_path / "alone") / "master.m3u8")
    assert (played.returncode, played.stderr) == (0, ""), played.stderr


@pytest.fixture(scope="module")
def two_tones(studio, films):
    """440 Hz in the first track, 880 Hz in the second."""
    path = films / "tones.mp4"
    tones = [f"sine=frequency={hertz}:duration=3:sample_rate=48000" for hertz in (440, 880)]
    inputs = [
        part
        for source in ("testsrc2=size=320x180:rate=24:duration=3", *tones)
        for part in ("-f", "lavfi", "-i", source)
    ]
    maps = ["-map", "0", "-map", "1", "-map", "2", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"]
    subprocess.run([FFMPEG, "-v", "error", "-y", *inputs, *maps, path], check=True)
    return studio.put(path, "tones")


def hertz(path):
    """Zero crossings of each channel, counted from a second in; 0 for silence."""
    command = [FFMPEG, "-v", "error", "-ss", "1", "-i", path, "-t", "1", "-f", "s16le", "-ac", "2", "-ar", "48000", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    samples = [int.from_bytes(raw[at : at + 2], "little", signed=True) for at in range(0, len(raw), 2)]
    tones = []
    for channel in (samples[0::2], samples[1::2]):
        loud = [sample for sample in channel if abs(sample) > 100]
        crossings = sum(1 for one, two in pairwise(loud) if (one < 0) != (two < 0))
        tones.append(round(crossings / 2 / 10) * 10)
    return tones


@pytest.mark.parametrize(
    ("selectors", "name", "tones"),
    [
        (
            {"Audio Selector 1": {"Tracks": [1]}, "Audio Selector 2": {"Tracks": [2], "DefaultSelection": "DEFAULT"}},
            None,
            440,
        ),
        (
            {"Audio Selector 1": {"Tracks": [1]}, "Audio Selector 2": {"Tracks": [2], "DefaultSelection": "DEFAULT"}},
            "none",
            880,
        ),
        ({"Audio Selector 1": {"Tracks": [1]}, "Audio Selector 2": {"Tracks": [2]}}, "none", 0),
        ({"Audio Selector 1": {"Tracks": [1, 2]}}, "Audio Selector 1", (440, 880)),
    ],
)
def test_the_documented_audio_selector_is_used(studio, two_tones, tmp_path, selectors, name, tones):
    described = sound()[0]
    del described["AudioSourceName"]
    if name:
        described["AudioSourceName"] = name
    output = {"Extension": "mp4", "ContainerSettings": {"Container": "MP4"}, "AudioDescriptions": [described]}
    group = {
        "OutputGroupSettings": {
            "Type": "FILE_GROUP_SETTINGS",
            "FileGroupSettings": {"Destination": f"s3://{MEDIA}/tones/heard"},
        },
        "Outputs": [output],
    }
    job_settings = settings(two_tones, group)
    job_settings["Inputs"][0]["AudioSelectors"] = selectors

    job = studio.run(job_settings)

    assert job["Status"] == "COMPLETE", job
    heard = hertz(studio.download("tones/", tmp_path / "tones") / "heard.mp4")
    assert heard == (list(tones) if isinstance(tones, tuple) else [tones, tones])


def test_each_sound_without_a_group_gets_its_own_group(studio, two_tones):
    job = studio.run(settings(two_tones, cmaf("groups", video("_v", 320, 180), audio("_a"), audio("_b"))))

    assert job["Status"] == "COMPLETE", job
    master = studio.read("groups/master.m3u8").decode()
    assert re.findall(r'TYPE=AUDIO,GROUP-ID="(\w+)"', master) == ["program_audio_0", "program_audio_1"]
    assert re.findall(r'AUDIO="(\w+)"\nmaster_v.m3u8', master) == ["program_audio_0", "program_audio_1"]


def test_a_playlist_in_disguise_reads_no_other_file(studio, films):
    secret = films / "film.mp4"
    for name, text in (
        ("list.mp4", f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:8,\nfile://{secret}\n#EXT-X-ENDLIST\n"),
        ("concat.mp4", f"ffconcat version 1.0\nfile '{secret}'\n"),
    ):
        (films / name).write_text(text)
        url = studio.put(films / name, name)
        assert failed(studio, settings(url, cmaf("disguise", video("_v", 320, 180))))[0] == 1010
        with pytest.raises(client(studio.stand_in, "mediaconvert").exceptions.ClientError) as refusal:
            studio.mediaconvert.probe(InputFiles=[{"FileUrl": url}])
        assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 422)


def test_an_event_is_delivered_after_a_restart(studio, film, emulator, tmp_path):
    """A job file has an undelivered event, as after a kill, and the emulator is not reachable at first."""
    done = studio.run(settings(film, cmaf("late", video("_v", 320, 180))))
    studio.events_of(done["Id"], "COMPLETE")
    stored = json.loads((studio.stand_in.log.parent / "mediaconvert/jobs" / f"{done['Id']}.json").read_text())
    assert stored["outbox"] == []
    detail = {"jobId": "1700000000000-latest", "status": "COMPLETE"}
    arn = done["Arn"].replace(done["Id"], "restored")
    stored["outbox"] = [{"time": "2026-01-01T00:00:00Z", "resource": arn, "detail_type": DETAIL_TYPE, "detail": detail}]
    (tmp_path / "mediaconvert/jobs").mkdir(parents=True)
    job_file = tmp_path / "mediaconvert/jobs/restored.json"
    job_file.write_text(json.dumps(stored | {"id": "restored"}))

    unreachable = StandIn("mediaconvert", emulator, tmp_path, MARQUEE_EMULATOR_PORT=str(free_port())).start("/health")
    eventually(lambda: "EventBridge did not accept an event" in unreachable.log.read_text())
    unreachable.stop()
    assert json.loads(job_file.read_text())["outbox"] != []

    reachable = StandIn("mediaconvert", emulator, tmp_path).start("/health")
    assert studio.events_of("1700000000000-latest", "COMPLETE")
    eventually(lambda: json.loads(job_file.read_text())["outbox"] == [])
    reachable.stop()
