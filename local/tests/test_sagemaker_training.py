"""Training jobs of the SageMaker stand-in with boto3: from S3 to S3, as their role, with their events."""

import io
import itertools
import json
import os
import tarfile

import pytest
from access import allow, client, make_user, refusal
from conftest import alter_after_signing, eventually
from sagemaker import BUCKET, IMAGE, Lab, make_role


@pytest.fixture(scope="module")
def lab(emulator, tmp_path_factory):
    lab = Lab(emulator, tmp_path_factory.mktemp("sagemaker"))
    yield lab
    lab.stop()


def artefact(lab, url):
    """The files of a `model.tar.gz`, by name."""
    body = lab.s3.get_object(Bucket=BUCKET, Key=url.removeprefix(f"s3://{BUCKET}/"))["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body), mode="r:gz") as archive:
        files = [entry for entry in archive if entry.isfile()]
        return {os.path.normpath(entry.name): archive.extractfile(entry).read().decode() for entry in files}


def refused(lab, **change):
    return refusal(lab.control.create_training_job, **lab.job_request("refused", **change))["Error"]


def test_a_training_reads_its_channels_and_leaves_a_model(lab):
    lab.train("first", {"half_life_days": "30"}, Environment={"LOUD": "yes"})
    assert lab.job("first")["TrainingJobStatus"] == "InProgress"
    job = lab.ended("first")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Completed", "Completed")
    assert job["ModelArtifacts"] == {"S3ModelArtifacts": f"s3://{BUCKET}/models/first/output/model.tar.gz"}

    report = json.loads(artefact(lab, job["ModelArtifacts"]["S3ModelArtifacts"])["report.json"])
    assert report["files"] == {
        "SM_CHANNEL_TITLES": {"dt=2026-01-01/a.jsonl": "titles/dt=2026-01-01/a.jsonl"},
        "SM_CHANNEL_INTERACTIONS": {"dt=2026-01-01/b.jsonl": "interactions/dt=2026-01-01/b.jsonl"},
    }
    assert report["hyperparameters"] == {"half_life_days": "30"}
    assert report["environment"]["LOUD"] == "yes"
    assert report["environment"]["TRAINING_JOB_NAME"] == "first"
    assert not [name for name in report["environment"] if name.startswith("AWS_")]

    metrics = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    assert metrics == {"ndcg_at_100": pytest.approx(0.326), "held_out_people": 59.0}
    transitions = job["SecondaryStatusTransitions"]
    statuses = [transition["Status"] for transition in transitions]
    assert statuses == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    for one, next_one in itertools.pairwise(transitions):
        assert one["EndTime"] == next_one["StartTime"] and one["StatusMessage"]
    assert job["CreationTime"] <= job["TrainingStartTime"] <= job["TrainingEndTime"]
    assert job["BillableTimeInSeconds"] >= 1


def test_eventbridge_gets_an_event_for_every_stage(lab):
    lab.train("staged")
    lab.ended("staged")
    eventually(lambda: [event["detail"]["TrainingJobStatus"] for event in lab.events("staged")][-1:] == ["Completed"])
    events = lab.events("staged")
    stages = [event["detail"]["SecondaryStatus"] for event in events]
    assert stages == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    last = events[-1]
    assert (last["source"], last["detail-type"]) == ("marquee.sagemaker", "SageMaker Training Job State Change")
    assert last["resources"] == ["arn:aws:sagemaker:us-east-1:000000000000:training-job/staged"]
    detail = last["detail"]
    assert detail["RoleArn"] == lab.role
    assert detail["InputDataConfig"][0]["ChannelName"] == "titles"
    assert detail["CreationTime"] <= detail["TrainingStartTime"] <= detail["TrainingEndTime"]
    assert "FailureReason" not in detail


def test_a_manifest_fixes_what_is_read(lab):
    lab.s3.put_object(Bucket=BUCKET, Key="many/1", Body=b"one")
    lab.s3.put_object(Bucket=BUCKET, Key="many/2", Body=b"two")
    manifest = json.dumps([{"prefix": f"s3://{BUCKET}/many/"}, "2"])
    lab.s3.put_object(Bucket=BUCKET, Key="snapshots/a.manifest", Body=manifest.encode())
    source = {"S3DataType": "ManifestFile", "S3Uri": f"s3://{BUCKET}/snapshots/a.manifest"}
    channel = {"ChannelName": "many", "DataSource": {"S3DataSource": source}}
    lab.train("fixed", InputDataConfig=[channel])
    job = lab.ended("fixed")
    assert json.loads(artefact(lab, job["ModelArtifacts"]["S3ModelArtifacts"])["report.json"])["files"] == {
        "SM_CHANNEL_MANY": {"2": "two"}
    }


def test_what_fails_says_why(lab):
    lab.train("failing", {"do": "fail", "why": "titles/a.jsonl:3: missing field `name`"})
    job = lab.ended("failing")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Failed", "Failed")
    assert job["FailureReason"] == "AlgorithmError: titles/a.jsonl:3: missing field `name`, exit code: 3"
    eventually(lambda: lab.events("failing")[-1]["detail"]["TrainingJobStatus"] == "Failed")
    assert lab.events("failing")[-1]["detail"]["FailureReason"] == job["FailureReason"]

    lab.train("silent", {"do": "refuse"})
    assert lab.ended("silent")["FailureReason"] == "AlgorithmError: , exit code: 1"

    algorithm = {"TrainingImage": "another/image:1", "TrainingInputMode": "File"}
    lab.train("foreign", AlgorithmSpecification=algorithm)
    assert "another/image:1" in lab.ended("foreign")["FailureReason"]


def test_the_role_must_exist_and_have_the_rights(lab):
    error = refused(lab, RoleArn="arn:aws:iam::000000000000:role/unknown")
    assert error["Code"] == "ValidationException"
    assert error["Message"] == (
        "Could not assume role arn:aws:iam::000000000000:role/unknown. Please ensure that the role exists and allows "
        "principal 'sagemaker.amazonaws.com' to assume the role."
    )
    foreign = make_role(lab.iam, "foreign", allow(("s3:*", "*")), trusted="lambda.amazonaws.com")
    assert "Could not assume role" in refused(lab, RoleArn=foreign)["Message"]
    blind = make_role(lab.iam, "blind", allow(("s3:PutObject", f"arn:aws:s3:::{BUCKET}/models/*")))
    assert refused(lab, RoleArn=blind)["Message"].startswith(
        f'No S3 objects found under S3 URL "s3://{BUCKET}/titles/"'
    )

    listing = ("s3:ListBucket", f"arn:aws:s3:::{BUCKET}")
    make_role(lab.iam, "illiterate", allow(listing))
    lab.train("illiterate", RoleArn="arn:aws:iam::000000000000:role/illiterate")
    assert lab.ended("illiterate")["FailureReason"].startswith("ClientError: Data download failed: ")
    make_role(lab.iam, "mute", allow(listing, ("s3:GetObject", f"arn:aws:s3:::{BUCKET}/*")))
    lab.train("mute", RoleArn="arn:aws:iam::000000000000:role/mute")
    assert lab.ended("mute")["FailureReason"].startswith("ClientError: Artifact upload failed: ")


def test_bad_requests_are_refused_with_the_services_messages(lab):
    error = refused(lab, TrainingJobName="under_score")
    assert error["Code"] == "ValidationException"
    assert error["Message"] == (
        "1 validation error detected: Value 'under_score' at 'trainingJobName' failed to satisfy constraint: Member "
        "must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
    )
    assert "length less than or equal to 63" in refused(lab, TrainingJobName="a" * 64)["Message"]
    assert "arn:aws" in refused(lab, RoleArn="x" * 30)["Message"]
    machine = {"InstanceType": "ml.huge", "InstanceCount": 1, "VolumeSizeInGB": 1}
    assert "'resourceConfig.instanceType'" in refused(lab, ResourceConfig=machine)["Message"]
    assert "VpcConfig" in refused(lab, VpcConfig={"SecurityGroupIds": ["s"], "Subnets": ["s"]})["Message"]
    spot = refused(lab, EnableManagedSpotTraining=True)
    assert spot["Message"] == "the local SageMaker does not support this: EnableManagedSpotTraining"
    nothing = [
        {"ChannelName": "a", "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/none/"}}}
    ]
    assert "No S3 objects found" in refused(lab, InputDataConfig=nothing)["Message"]

    lab.train("twice")
    again = refusal(lab.control.create_training_job, **lab.job_request("twice"))["Error"]
    assert again["Code"] == "ResourceInUse" and "must be unique" in again["Message"]
    missing = refusal(lab.control.describe_training_job, TrainingJobName="unknown")["Error"]
    assert (missing["Code"], missing["Message"]) == ("ValidationException", "Requested resource not found.")


def test_a_job_is_stopped_before_its_grace_is_over(lab):
    lab.train("stopped", {"do": "last"})
    lab.training("stopped")
    lab.control.stop_training_job(TrainingJobName="stopped")
    # The grace period is two minutes.
    job = eventually(lambda: (job := lab.job("stopped"))["TrainingJobStatus"] == "Stopped" and job, 60)
    assert job["SecondaryStatus"] == "Stopped"
    again = refusal(lab.control.stop_training_job, TrainingJobName="stopped")["Error"]
    assert again["Message"] == "The request was rejected because the training job is in status Stopped."

    lab.train("saved", {"do": "save"})
    lab.training("saved")
    lab.train("queued")
    lab.control.stop_training_job(TrainingJobName="queued")
    assert lab.ended("queued")["TrainingJobStatus"] == "Stopped", "a waiting job is stopped, too"
    lab.control.stop_training_job(TrainingJobName="saved")
    job = lab.ended("saved")
    assert job["TrainingJobStatus"] == "Stopped"
    assert artefact(lab, job["ModelArtifacts"]["S3ModelArtifacts"]) == {"half": "half"}


def test_a_job_is_stopped_at_its_maximum_runtime(lab):
    lab.train("slow", {"do": "last"}, StoppingCondition={"MaxRuntimeInSeconds": 1})
    job = lab.ended("slow")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")


def test_jobs_are_listed(lab):
    for name in ("list-a", "list-b", "list-c"):
        lab.train(name)
    lab.ended("list-c")
    names = lambda **how: [  # noqa: E731
        job["TrainingJobName"]
        for job in lab.control.list_training_jobs(NameContains="list-", **how)["TrainingJobSummaries"]
    ]
    assert names() == ["list-a", "list-b", "list-c"]
    assert names(SortOrder="Descending", MaxResults=2) == ["list-c", "list-b"]
    first = lab.control.list_training_jobs(NameContains="list-", MaxResults=2)
    assert names(NextToken=first["NextToken"]) == ["list-c"]
    assert names(StatusEquals="Failed") == []
    created = lab.job("list-b")["CreationTime"]
    assert names(CreationTimeAfter=created) == ["list-c"]


def test_iam_decides_who_may_train_and_pass_the_role(lab):
    job = "arn:aws:sagemaker:us-east-1:000000000000:training-job/iam-*"
    idle = client(lab.stand_in, "sagemaker", make_user(lab.iam, "idle", allow(("sagemaker:CreateTrainingJob", job))))
    denied = refusal(idle.create_training_job, **lab.job_request("other"))["Error"]
    assert denied["Code"] == "AccessDeniedException" and "sagemaker:CreateTrainingJob" in denied["Message"]
    denied = refusal(idle.create_training_job, **lab.job_request("iam-1"))["Error"]
    assert denied["Code"] == "AccessDeniedException" and "iam:PassRole" in denied["Message"]

    policy = allow(("sagemaker:CreateTrainingJob", job), ("iam:PassRole", lab.role))
    may = client(lab.stand_in, "sagemaker", make_user(lab.iam, "may", policy))
    may.create_training_job(**lab.job_request("iam-1"))
    assert lab.ended("iam-1")["TrainingJobStatus"] == "Completed"


def test_a_job_that_was_altered_after_signing_is_refused(lab):
    policy = allow(("sagemaker:CreateTrainingJob", "*"), ("iam:PassRole", lab.role))
    signer = client(lab.stand_in, "sagemaker", make_user(lab.iam, "signer", policy))
    signer.create_training_job(**lab.job_request("altered-1"))

    alter_after_signing(signer, b"altered-1", b"altered-2")
    answer = refusal(signer.create_training_job, **lab.job_request("altered-1"))

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert answer["Error"]["Code"] == "InvalidSignatureException"
    assert "altered-2" not in str(lab.control.list_training_jobs(NameContains="altered")["TrainingJobSummaries"])


def test_a_job_outlives_the_stand_in(lab):
    lab.train("interrupted", {"do": "save"})
    lab.training("interrupted")
    lab.restart(kill=True)
    job = lab.job("interrupted")
    assert job["TrainingJobStatus"] == "InProgress"
    eventually(
        lambda: [t["Status"] for t in lab.job("interrupted")["SecondaryStatusTransitions"]].count("Training") == 2
    )
    lab.training("interrupted")
    lab.control.stop_training_job(TrainingJobName="interrupted")
    assert lab.ended("interrupted")["TrainingJobStatus"] == "Stopped"
    lab.restart()
    assert lab.job("interrupted")["TrainingJobStatus"] == "Stopped", "a final status does not change"
    assert lab.job("first")["FinalMetricDataList"]


def test_from_a_training_to_an_endpoint(lab):
    lab.train("road")
    url = lab.ended("road")["ModelArtifacts"]["S3ModelArtifacts"]
    reader = make_role(lab.iam, "model", allow(("s3:GetObject", f"arn:aws:s3:::{BUCKET}/models/*")))
    lab.control.create_model(
        ModelName="road", ExecutionRoleArn=reader, PrimaryContainer={"Image": IMAGE, "ModelDataUrl": url}
    )
    serverless = {"MemorySizeInMB": 1024, "MaxConcurrency": 2}
    variant = {"VariantName": "AllTraffic", "ModelName": "road", "ServerlessConfig": serverless}
    lab.control.create_endpoint_config(EndpointConfigName="road", ProductionVariants=[variant])
    lab.control.create_endpoint(EndpointName="road", EndpointConfigName="road")
    assert lab.settled("road")["EndpointStatus"] == "InService"
    assert lab.invoke("road", do="echo")[1]["files"] == ["report.json"]

    container = {"Image": IMAGE, "ModelDataUrl": f"s3://{BUCKET}/models/none/model.tar.gz"}
    lost = refusal(lab.control.create_model, ModelName="lost", ExecutionRoleArn=reader, PrimaryContainer=container)
    assert "model data at" in lost["Error"]["Message"]
    unknown = "arn:aws:iam::000000000000:role/unknown"
    lost = refusal(lab.control.create_model, ModelName="lost", ExecutionRoleArn=unknown, PrimaryContainer=container)
    assert lost["Error"]["Message"].startswith(f"Could not access model data at {container['ModelDataUrl']}.")
