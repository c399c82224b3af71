"""moto's server in place of AWS: empty, or with the settings and secrets of one environment."""

from __future__ import annotations

import json
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_urlsafe

from local import ROOT, Unusable
from tool_venv import BIN, tools_environment

WORK = ROOT / "var" / "moto"
AMENDED = ROOT / "deploy" / "platform_tests" / "moto_amended"
PORT = 5599
REGION = "eu-west-3"
# moto requires keys and accepts any.
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION}


@contextmanager
def moto(ip: str = "127.0.0.1", port: int | None = None, **options: str) -> Iterator[str]:
    """Yields its URL; on a free port unless `port` is given."""
    if port is None:
        with socket.socket() as probe:
            probe.bind((ip, 0))
            port = probe.getsockname()[1]
    url = f"http://{ip}:{port}"
    WORK.mkdir(parents=True, exist_ok=True)
    images = WORK / "images.json"
    images.write_text(json.dumps(IMAGES))
    process = subprocess.Popen(
        [str(BIN / "moto_server"), "--host", ip, "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=tools_environment(MOTO_AMIS_PATH=str(images), PYTHONPATH=str(AMENDED), WEBMARKET_MOTO="amended", **options),
    )
    try:
        wait_until_up(url, process)
        yield url
    finally:
        process.terminate()
        process.wait()


@contextmanager
def moto_with_settings(ip: str, environment: str, settings: dict[str, str]) -> Iterator[dict[str, str]]:
    """Yields the environment variables with which a host uses it."""
    with moto(ip, PORT) as url:
        variables = {**KEYS, "AWS_ENDPOINT_URL": url}
        secrets = {"secret-key": token_urlsafe(48), "email-url": "smtp+tls://shop:secret@127.0.0.1:2525"}
        put_settings(variables, environment, settings, secrets)
        yield variables


def wait_until_up(url: str, process: subprocess.Popen) -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{url}/moto-api/data.json", timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise Unusable(f"moto does not answer at {url}.")


FILL = """
import json, sys, boto3
given = json.load(sys.stdin)
ssm, secrets = boto3.client("ssm"), boto3.client("secretsmanager")
for name, value in given["settings"].items():
    ssm.put_parameter(Name=f"{given['path']}/settings/{name}", Value=value, Type="SecureString", Overwrite=True)
for name, value in given["secrets"].items():
    secrets.create_secret(Name=f"{given['path']}/{name}", SecretString=value)
"""


DESCRIBE = """
import json, sys, boto3
image = boto3.client("ec2").describe_images(ImageIds=[sys.argv[1]])["Images"][0]
kept = boto3.client("ssm").get_parameter(Name=f"/webmarket/images/{sys.argv[2]}")["Parameter"]["Value"]
tags = {tag["Key"]: tag["Value"] for tag in image.get("Tags", [])}
print(json.dumps({"name": image["Name"], "kept": kept, "tags": tags}))
"""
# Debian's AMIs, as far as a build looks them up.
IMAGES = [
    {
        "ami_id": "ami-0debian13000000001",
        "name": "debian-13-amd64-20261101-2285",
        "description": "Debian 13 (20261101-2285)",
        "owner_id": "136693071363",
        "architecture": "x86_64",
        "hypervisor": "xen",
        "image_location": "amazon/debian-13-amd64-20261101-2285",
        "image_type": "machine",
        "public": True,
        "root_device_name": "/dev/xvda",
        "root_device_type": "ebs",
        "sriov": "simple",
        "virtualization_type": "hvm",
        "creation_date": "2026-11-01T00:00:00.000Z",
        "platform": None,
    }
]


def describe_image(variables: dict[str, str], image: str, release: str) -> dict:
    done = subprocess.run(
        [str(BIN / "python"), "-c", DESCRIBE, image, release],
        env=tools_environment(**variables, AWS_DEFAULT_REGION=REGION),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise Unusable(f"moto knows no {image}:\n{done.stderr[-1000:]}")
    return json.loads(done.stdout)


def put_settings(
    variables: dict[str, str], environment: str, settings: dict[str, str], secrets: dict[str, str]
) -> None:
    given = {"path": f"/webmarket/{environment}", "settings": settings, "secrets": secrets}
    done = subprocess.run(
        [str(BIN / "python"), "-c", FILL],
        input=json.dumps(given),
        env=tools_environment(**variables, AWS_DEFAULT_REGION=REGION),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise Unusable(f"moto refused:\n{done.stderr[-1000:]}")
