"""A host of the environment: this machine, with the settings and secrets of a host, and a database of its own."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
PYTHON = ROOT / ".venv" / "bin" / "python"
WORK = ROOT / "var" / "zero-to-live"
SERVER = WORK / "server.pid"
# Settings of an instance that are not used here: database, broker and files are this machine's.
LOCAL_SETTINGS = ("DATABASE_", "CELERY_", "AWS_S3_", "AWS_STORAGE_", "ALLOWED_", "SITE_")
# Of the operator's own environment.
OPERATORS = ("TF_", "PYTHONPATH", "WEBMARKET_")
MIGRATE = [["migrate", "--verbosity=0"], ["collectstatic", "--no-input", "--verbosity=0"]]


def answer(client: Any, operation: str, given: dict, real: Callable) -> dict | None:
    """What moto has no hosts for; None for everything else."""
    match operation:
        case "DescribeInstanceInformation":
            return {"InstanceInformationList": [{"PingStatus": "Online"}]}
        case "SendCommand":
            sent = real(client, operation, given)
            outcome = run_commands(client, given["Parameters"]["commands"])
            (WORK / f"{sent['Command']['CommandId']}.json").write_text(json.dumps(outcome))
            return sent
        case "GetCommandInvocation":
            return json.loads((WORK / f"{given['CommandId']}.json").read_text())
        case "StartInstanceRefresh":
            wanted = given["DesiredConfiguration"]
            real(client, "UpdateAutoScalingGroup", {"AutoScalingGroupName": given["AutoScalingGroupName"], **wanted})
            if given["AutoScalingGroupName"].endswith("-web"):
                mixed = wanted.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {})
                serve(client, wanted.get("LaunchTemplate") or mixed["LaunchTemplateSpecification"])
            return {"InstanceRefreshId": "refresh"}
        case "DescribeInstanceRefreshes":
            return {"InstanceRefreshes": [{"Status": "Successful"}] if "InstanceRefreshIds" in given else []}
    return None


def run_commands(client: Any, commands: list[str]) -> dict:
    words = shlex.split(commands[-1])
    migrates = words[:2] == ["systemctl", "start"]
    managed = MIGRATE if migrates else [words[words.index("manage.py") + 1 :]]
    output = ""
    for arguments in managed:
        done = subprocess.run(
            [str(PYTHON), "manage.py", *arguments],
            cwd=ROOT,
            env=environment(client),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        output += done.stdout
        if done.returncode:
            return {"Status": "Failed", "StandardOutputContent": "", "StandardErrorContent": output[-3000:]}
    return {"Status": "Success", "StandardOutputContent": output, "StandardErrorContent": ""}


def environment(client: Any, **more: str) -> dict[str, str]:
    """As deploy/host/settings.py fetches it. Raises botocore's errors where a secret has no value."""
    import boto3

    name = os.environ["WEBMARKET_ENVIRONMENT"]
    given = {"region_name": client.meta.region_name}
    ssm, secrets = boto3.client("ssm", **given), boto3.client("secretsmanager", **given)
    pages = ssm.get_paginator("get_parameters_by_path").paginate(
        Path=f"/webmarket/{name}/settings", WithDecryption=True
    )
    settings = {one["Name"].rpartition("/")[2]: one["Value"] for page in pages for one in page["Parameters"]}
    values = {
        key: secrets.get_secret_value(SecretId=f"/webmarket/{name}/{key}")["SecretString"]
        for key in ("secret-key", "email-url")
    }
    own = {key: value for key, value in settings.items() if not key.startswith(LOCAL_SETTINGS)}
    program = {
        key: value for key, value in os.environ.items() if not key.startswith(("TF_", "PYTHONPATH", "WEBMARKET_B"))
    }
    return {
        **program,
        **own,
        "SECRET_KEY": values["secret-key"],
        # A host would take the address of the secret; here messages are files.
        "EMAIL_URL": f"filemail://{WORK / 'mail'}",
        "DEMO": "true",
        "DATABASE_URL": f"sqlite:///{WORK / 'shop.sqlite3'}",
        "SITE_URL": os.environ["WEBMARKET_SERVED_AT"],
        "LOG_LEVEL": "WARNING",
        **more,
    }


def serve(client: Any, template: dict[str, str]) -> None:
    """The release whose image the fleet's template names, in place of what was served before."""
    import boto3

    given = {"region_name": client.meta.region_name}
    versions = boto3.client("ec2", **given).describe_launch_template_versions(
        LaunchTemplateId=template["LaunchTemplateId"], Versions=[template["Version"]]
    )
    image = versions["LaunchTemplateVersions"][0]["LaunchTemplateData"]["ImageId"]
    images = boto3.client("ssm", **given).get_parameters_by_path(Path="/webmarket/images")["Parameters"]
    release = next(one["Name"].rpartition("/")[2] for one in images if one["Value"] == image)
    stop()
    port = os.environ["WEBMARKET_SERVED_AT"].rpartition(":")[2]
    variables = environment(client, RELEASE=release, PORT=port, WEB_CONCURRENCY="1")
    with (WORK / "server.log").open("w") as log:
        process = subprocess.Popen(
            [str(PYTHON), "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "webmarket.wsgi"],
            cwd=ROOT,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    SERVER.write_text(str(process.pid))


def stop() -> None:
    if SERVER.exists():
        with suppress(ProcessLookupError):
            os.kill(int(SERVER.read_text()), signal.SIGTERM)
        SERVER.unlink()
