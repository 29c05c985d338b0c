"""Shared by the SageMaker tests: a stand-in with roles and buckets, and functions that wait."""

import json
from functools import partial
from pathlib import Path

import access
from access import allow, client
from conftest import StandIn, eventually

CONTAINER = Path(__file__).with_name("container.py")
IMAGE = "000000000000.dkr.ecr.us-east-1.amazonaws.com/marquee-recommender:1"
BUCKET = "recommendations"
METRICS = [
    {"Name": name, "Regex": f"metric {name}=([0-9.eE+-]+)"} for name in ("ndcg_at_100", "held_out_people", "coverage")
]

make_role = partial(access.make_role, trusted="sagemaker.amazonaws.com")


def started(emulator, home):
    return StandIn("sagemaker", emulator, home, MARQUEE_RECOMMENDER=str(CONTAINER)).start("/health")


class Lab:
    """A stand-in with its emulator: a bucket with data, a role with access to it, a queue of the events."""

    def __init__(self, emulator, home):
        self.emulator, self.home = emulator, home
        self.s3, self.iam = emulator.client("s3"), emulator.client("iam")
        self.s3.create_bucket(Bucket=BUCKET)
        for key in ("titles/dt=2026-01-01/a.jsonl", "interactions/dt=2026-01-01/b.jsonl"):
            self.s3.put_object(Bucket=BUCKET, Key=key, Body=key.encode())
        self.role = make_role(
            self.iam,
            "training",
            allow(
                ("s3:ListBucket", f"arn:aws:s3:::{BUCKET}"),
                ("s3:GetObject", f"arn:aws:s3:::{BUCKET}/*"),
                ("s3:PutObject", f"arn:aws:s3:::{BUCKET}/models/*"),
            ),
        )
        self.sqs = emulator.client("sqs")
        self.queue = self.sqs.create_queue(QueueName="events")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        bus = emulator.client("events")
        bus.put_rule(Name="states", EventPattern=json.dumps({"source": ["marquee.sagemaker"]}))
        bus.put_targets(Rule="states", Targets=[{"Id": "1", "Arn": arn}])
        self.received = []
        self.stand_in = started(emulator, home)
        self.connect()

    def connect(self):
        self.control, self.runtime = client(self.stand_in, "sagemaker"), client(self.stand_in, "sagemaker-runtime")

    def restart(self, kill=False):
        (self.stand_in.process.kill if kill else self.stand_in.process.terminate)()
        self.stand_in.process.wait(30)
        self.stand_in = started(self.emulator, self.home)
        self.connect()

    def job_request(self, name, **change):
        source = {"S3DataType": "S3Prefix", "S3DataDistributionType": "FullyReplicated"}
        request = {
            "TrainingJobName": name,
            "AlgorithmSpecification": {
                "TrainingImage": IMAGE,
                "TrainingInputMode": "File",
                "MetricDefinitions": METRICS,
            },
            "RoleArn": self.role,
            "InputDataConfig": [
                {
                    "ChannelName": channel,
                    "DataSource": {"S3DataSource": {**source, "S3Uri": f"s3://{BUCKET}/{channel}/"}},
                }
                for channel in ("titles", "interactions")
            ],
            "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
            "StoppingCondition": {"MaxRuntimeInSeconds": 300},
        }
        return {**request, **change}

    def train(self, name, hyperparameters=None, **change):
        change = {"HyperParameters": hyperparameters or {}, **change}
        self.control.create_training_job(**self.job_request(name, **change))

    def job(self, name):
        return self.control.describe_training_job(TrainingJobName=name)

    def ended(self, name):
        return eventually(
            lambda: (job := self.job(name))["TrainingJobStatus"] not in ("InProgress", "Stopping") and job
        )

    def training(self, name):
        log = self.home / "sagemaker/logs" / f"{name}.log"
        return eventually(lambda: log.exists() and "training" in log.read_text())

    def create(self, name, image=IMAGE, concurrency=2, **container):
        """Creates a model, and an endpoint configuration for it."""
        self.control.create_model(ModelName=name, PrimaryContainer={"Image": image, **container})
        serverless = {"MemorySizeInMB": 1024, "MaxConcurrency": concurrency}
        variant = {"VariantName": "AllTraffic", "ModelName": name, "ServerlessConfig": serverless}
        self.control.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])

    def endpoint(self, name):
        return self.control.describe_endpoint(EndpointName=name)

    def settled(self, name):
        return eventually(
            lambda: (found := self.endpoint(name))["EndpointStatus"] not in ("Creating", "Updating") and found
        )

    def invoke(self, endpoint, **instruction):
        answer = self.runtime.invoke_endpoint(
            EndpointName=endpoint,
            ContentType="application/json",
            Accept="application/json",
            Body=json.dumps(instruction),
        )
        return answer, json.loads(answer["Body"].read())

    def events(self, name):
        """The received events about a job or an endpoint, oldest first."""
        while messages := self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self.received.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return [
            event
            for event in self.received
            if name in (event["detail"].get("TrainingJobName"), event["detail"].get("EndpointName"))
        ]

    def stop(self):
        self.stand_in.stop()
