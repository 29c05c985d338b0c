import json

import pytest
from botocore.exceptions import ClientError
from conftest import still_needed


def topic_and_publisher(emulator, action):
    """A topic, and an SNS client with the right to this action on it."""
    name = action.replace(":", "-")
    sns, iam = emulator.client("sns"), emulator.client("iam")
    topic = sns.create_topic(Name=name)["TopicArn"]
    statement = {"Effect": "Allow", "Action": action, "Resource": topic}
    iam.create_user(UserName=name)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return topic, emulator.client("sns", (key["AccessKeyId"], key["SecretAccessKey"]))


def publish(sns, topic):
    entries = [{"Id": str(n), "Message": f"message {n}"} for n in range(2)]
    return sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)["Successful"]


def probe(emulator):
    topic, sns = topic_and_publisher(emulator, "sns:Publish")
    assert len(publish(sns, topic)) == 2


def test_the_right_to_publish_allows_batches(emulator):
    probe(emulator)


def test_without_the_right_to_publish_batches_are_refused(emulator):
    topic, sns = topic_and_publisher(emulator, "sns:GetTopicAttributes")
    with pytest.raises(ClientError, match="not authorized"):
        publish(sns, topic)


def test_still_needed(plain):
    with still_needed():
        probe(plain)
