"""Queues, topics, secrets."""

import json
from typing import Any

from apps.operations.tests.estate.planting import Estate, tags

OURS = "123456789012"
PREFIX = f"arn:aws:sqs:eu-west-3:{OURS}"


def _document(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def _queues(estate: Estate) -> None:
    sqs = estate("sqs")

    def queue(name: str, **attributes: str) -> None:
        sqs.create_queue(QueueName=name, Attributes=attributes, tags={"Environment": "production"})

    anywhere = _document(
        Principal="*",
        Action="sqs:SendMessage",
        Resource=f"{PREFIX}:orders-open",
        Condition={"IpAddress": {"aws:SourceIp": ["0.0.0.0/0"]}},
    )
    queue("orders-open", SqsManagedSseEnabled="true", Policy=anywhere)
    estate.fault("SQS.3", "queue to which anyone may send", "orders-open")
    queue("orders-plain", SqsManagedSseEnabled="false")
    estate.fault("SQS.1", "queue that is not encrypted", "orders-plain")
    from_topic = _document(
        Principal="*",
        Action="sqs:SendMessage",
        Resource=f"{PREFIX}:orders",
        Condition={"ArnEquals": {"aws:SourceArn": f"arn:aws:sns:eu-west-3:{OURS}:orders"}},
    )
    queue("orders", SqsManagedSseEnabled="true", Policy=from_topic)
    estate.twin("SQS.3", "queue that one topic feeds", f"{PREFIX}:orders", "/orders")


def _topics(estate: Estate) -> None:
    sns = estate("sns")

    def topic(name: str) -> str:
        arn: str = sns.create_topic(Name=name, Attributes={"KmsMasterKeyId": "alias/aws/sns"}, Tags=tags(name))[
            "TopicArn"
        ]
        return arn

    opened = topic("news")
    policy = _document(Sid="all", Principal={"AWS": "*"}, Action=["SNS:Publish", "SNS:Subscribe"], Resource=opened)
    sns.set_topic_attributes(TopicArn=opened, AttributeName="Policy", AttributeValue=policy)
    estate.fault("SNS.4", "topic that anyone may publish to", opened)
    closed = topic("alarms")
    policy = _document(
        Sid="owner",
        Principal={"AWS": "*"},
        Action=["SNS:Publish", "SNS:Subscribe"],
        Resource=closed,
        Condition={"StringEquals": {"AWS:SourceOwner": OURS}},
    )
    sns.set_topic_attributes(TopicArn=closed, AttributeName="Policy", AttributeValue=policy)
    estate.twin("SNS.4", "topic with the policy that AWS gives it", closed)


def _secrets(estate: Estate) -> None:
    secrets = estate("secretsmanager")
    secrets.create_secret(Name="shop/database", SecretString="not-a-real-one", Tags=tags("database"))
    estate.fault("SecretsManager.1", "secret that is never rotated", "shop/database")


def plant(estate: Estate) -> None:
    _queues(estate)
    _topics(estate)
    _secrets(estate)
