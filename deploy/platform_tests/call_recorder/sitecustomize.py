"""Python loads this at start where PYTHONPATH names its folder: writes every call of AWS to WEBMARKET_CALLS_FILE.

One line of JSON for each call of the shop's or the hosts' own code, tests' calls left out: who called, what, and the
parameters that name resources. It stands over botocore's methods, so that a call which a stand-in answers is seen too;
presigned URLs and kombu's own requests to SQS go past those methods and are seen where they are made.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
FILE = os.environ.get("WEBMARKET_CALLS_FILE", "")
# Libraries that call for the shop.
LIBRARIES = ("storages", "kombu")
COMMANDS = "deploy/bin/"
CLIENTS = "apps/operations/aws/clients.py"
NAMING = {
    *("AutoScalingGroupName", "Bucket", "CopySource", "DBInstanceIdentifier", "DBSnapshotIdentifier", "DistributionId"),
    *("DocumentName", "InstanceId", "InstanceIds", "Key", "KmsKeyId", "LaunchTemplate", "LaunchTemplateId", "Name"),
    *("Namespace", "Path", "QueueUrl", "ResourceName", "Resources", "SecretId", "SnapshotId", "SourceRegion"),
    *("SourceDBInstanceIdentifier", "SourceDBSnapshotIdentifier", "TargetDBInstanceIdentifier"),
    *("TargetDBSnapshotIdentifier", "TopicArn", "VersionId", "logGroupName"),
    *("Tags", "TagSpecifications", "Tagging", "Delete"),
}


def caller() -> str:
    """File of the repository or library that made the call; nothing in a thread of a library's own.

    Of release commands the one that was started, whichever module of theirs makes the call.
    """
    frame: FrameType | None = sys._getframe(2)
    nearest = ""
    while frame is not None:
        found = _place(frame.f_code.co_filename)
        if found not in (None, CLIENTS) and (not nearest or found.startswith(COMMANDS)):
            nearest = found
            if not found.startswith(COMMANDS):
                break
        frame = frame.f_back
    return nearest


def _place(file: str) -> str | None:
    """None for what only passes calls on."""
    parts = Path(file).parts
    if "site-packages" in parts or "dist-packages" in parts:
        package = parts[max(index for index, part in enumerate(parts) if part.endswith("-packages")) + 1]
        return package if package in LIBRARIES else None
    path = Path(file)
    if not path.is_relative_to(ROOT) or path.name == "sitecustomize.py":
        return None
    return str(path.relative_to(ROOT))


def written(service: str, operation: str, parameters: dict[str, Any], who: str) -> None:
    if not who or "/tests/" in who or not FILE:
        return
    named = {name: value for name, value in parameters.items() if name in NAMING}
    line = json.dumps(
        {"caller": who, "call": f"{service}.{operation}", "named": named, "places": places()}, default=str
    )
    with Path(FILE).open("a") as file:
        file.write(f"{line}\n")


def places() -> dict[str, str]:
    """Names in use that differ from environment to environment, by what they are."""
    django = sys.modules.get("django.conf")
    if django is None or not django.settings.configured:
        return {}
    settings = django.settings
    operations = getattr(settings, "OPERATIONS", {})
    found = {
        "files": getattr(settings, "FILES_BUCKET", ""),
        "backups": operations.get("backup_bucket", ""),
        "lake": operations.get("lake_bucket", ""),
        "database": operations.get("database_instance", ""),
        "topic": operations.get("topic_arn", ""),
        "logs": operations.get("metrics_log_group", ""),
    }
    return {value: name for name, value in found.items() if value}


def record_methods() -> None:
    from botocore import client, signers

    make_method, make_client = client.ClientCreator._create_api_method, client.ClientCreator.create_client

    def create_api_method(self: Any, name: str, operation: str, model: Any) -> Any:
        method = make_method(self, name, operation, model)

        def call(self: Any, *positional: Any, **given: Any) -> Any:
            written(model.service_name, operation, given, caller() or getattr(self, "asked_by", ""))
            return method(self, *positional, **given)

        call.__name__, call.__doc__ = method.__name__, ""
        return call

    def create_client(self: Any, *positional: Any, **given: Any) -> Any:
        client = make_client(self, *positional, **given)
        client.asked_by = caller()
        return client

    client.ClientCreator._create_api_method = create_api_method
    client.ClientCreator.create_client = create_client
    make_url, make_form = signers.generate_presigned_url, signers.generate_presigned_post

    def presigned_url(self: Any, ClientMethod: str, Params: dict | None = None, **given: Any) -> str:
        operation = self.meta.method_to_api_mapping[ClientMethod]
        written(self.meta.service_model.service_name, operation, Params or {}, caller() or self.asked_by)
        return make_url(self, ClientMethod, Params, **given)

    def presigned_post(self: Any, Bucket: str, Key: str, **given: Any) -> dict:
        written("s3", "PutObject", {"Bucket": Bucket, "Key": Key}, caller() or self.asked_by)
        return make_form(self, Bucket, Key, **given)

    signers.generate_presigned_url, signers.generate_presigned_post = presigned_url, presigned_post


def record_kombu() -> None:
    """Called where the transport is loaded: its connection signs requests of its own."""
    from kombu.asynchronous.aws.sqs.connection import AsyncSQSConnection

    make = AsyncSQSConnection.make_request

    def make_request(self: Any, operation_name: str, params: dict, queue_url: str, *more: Any, **given: Any) -> Any:
        written("sqs", operation_name, {"QueueUrl": queue_url}, "kombu")
        return make(self, operation_name, params, queue_url, *more, **given)

    AsyncSQSConnection.make_request = make_request


if FILE:
    try:
        record_methods()
    except ImportError:
        pass
    else:
        from importlib.util import find_spec

        if find_spec("kombu"):
            record_kombu()
