"""Run on workers: when the instance is to be terminated, let running tasks finish, then complete the lifecycle action.

The Auto Scaling group waits at its lifecycle hook `drain` as long as Terraform sets; a task that takes longer goes back
to the queue. Until then only the instance's own metadata are polled.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/retrieving-target-lifecycle-state-through-imds.html
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from http.client import HTTPResponse

import boto3
from botocore.exceptions import BotoCoreError, ClientError

METADATA = os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://169.254.169.254").rstrip("/")
HOOK = "drain"
POLL_SECONDS = 10
ENDING = {"Terminated"}


def metadata(path: str) -> str:
    """One value of the instance's metadata by IMDSv2; empty without such a value or service."""
    lifetime = {"X-aws-ec2-metadata-token-ttl-seconds": "60"}
    try:
        with open_metadata("api/token", lifetime, method="PUT") as answer:
            token = {"X-aws-ec2-metadata-token": answer.read().decode()}
        with open_metadata(f"meta-data/{path}", token) as answer:
            return answer.read().decode().strip()
    except OSError:
        return ""


def open_metadata(path: str, headers: dict[str, str], *, method: str = "GET") -> HTTPResponse:
    request = urllib.request.Request(f"{METADATA}/latest/{path}", headers=headers, method=method)
    # Without a proxy: the IP is link-local.
    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=2)


def finish_tasks() -> None:
    """Returns when every unit of the shop has ended; each has its own limit."""
    subprocess.run(
        ["/usr/bin/systemctl", "stop", "webmarket-beat", "webmarket-worker", "webmarket-operations"], check=True
    )


def complete_lifecycle(environment: str, instance: str, region: str) -> None:
    boto3.client("autoscaling", region_name=region).complete_lifecycle_action(
        LifecycleHookName=HOOK,
        AutoScalingGroupName=f"webmarket-{environment}-workers",
        InstanceId=instance,
        LifecycleActionResult="CONTINUE",
    )


def main() -> int:
    while metadata("autoscaling/target-lifecycle-state") not in ENDING:
        time.sleep(POLL_SECONDS)
    finish_tasks()
    region = os.environ.get("AWS_REGION") or metadata("placement/region")
    try:
        complete_lifecycle(os.environ["WEBMARKET_ENVIRONMENT"], metadata("instance-id"), region)
    except (BotoCoreError, ClientError) as error:
        # The group continues when the hook times out.
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
