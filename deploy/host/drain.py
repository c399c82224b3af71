"""Run on workers: when the group is about to end this instance, let running tasks finish, then say that it may.

The group waits at its lifecycle hook `drain` as long as Terraform tells it to; a task that takes longer goes back to
the queue. Nothing is asked outside the instance until that day: its own metadata say what is to become of it.
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
LOOK_SECONDS = 10
ENDING = {"Terminated"}


def metadata(path: str) -> str:
    """One value of the instance's metadata by IMDSv2; nothing where there is no such value, or no such service."""
    lifetime = {"X-aws-ec2-metadata-token-ttl-seconds": "60"}
    try:
        with opened("api/token", lifetime, method="PUT") as answer:
            token = {"X-aws-ec2-metadata-token": answer.read().decode()}
        with opened(f"meta-data/{path}", token) as answer:
            return answer.read().decode().strip()
    except OSError:
        return ""


def opened(path: str, headers: dict[str, str], *, method: str = "GET") -> HTTPResponse:
    request = urllib.request.Request(f"{METADATA}/latest/{path}", headers=headers, method=method)
    # Never by a proxy: the address means this instance.
    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=2)


def finish_tasks() -> None:
    """Returns when every unit of the shop has ended; each has its own limit."""
    subprocess.run(
        ["/usr/bin/systemctl", "stop", "webmarket-beat", "webmarket-worker", "webmarket-operations"], check=True
    )


def say_done(environment: str, instance: str, region: str) -> None:
    boto3.client("autoscaling", region_name=region).complete_lifecycle_action(
        LifecycleHookName=HOOK,
        AutoScalingGroupName=f"webmarket-{environment}-workers",
        InstanceId=instance,
        LifecycleActionResult="CONTINUE",
    )


def main() -> int:
    while metadata("autoscaling/target-lifecycle-state") not in ENDING:
        time.sleep(LOOK_SECONDS)
    finish_tasks()
    region = os.environ.get("AWS_REGION") or metadata("placement/region")
    try:
        say_done(os.environ["WEBMARKET_ENVIRONMENT"], metadata("instance-id"), region)
    except (BotoCoreError, ClientError) as error:
        # The group goes on by itself when its time is over.
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
