import json

import pytest
from botocore.exceptions import ClientError
from conftest import still_needed


def topic_and_publisher(emulator, action):
    """A topic of the account's own, and SNS as somebody sees it who may do this action on it."""
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


def test_who_may_publish_may_publish_several_messages(emulator):
    probe(emulator)


def test_who_may_not_publish_may_not_publish_several_messages(emulator):
    topic, sns = topic_and_publisher(emulator, "sns:GetTopicAttributes")
    with pytest.raises(ClientError, match="not authorized"):
        publish(sns, topic)


def test_still_needed(plain):
    with still_needed():
        probe(plain)
