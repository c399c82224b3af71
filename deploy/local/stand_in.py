"""moto's server where a host would reach AWS, holding the settings and secrets of one environment."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_urlsafe

from environment import Unusable
from tools import BIN, tooled

PORT = 5599
REGION = "eu-west-3"
# moto asks for keys and believes any.
KEYS = {"AWS_ACCESS_KEY_ID": "stand-in", "AWS_SECRET_ACCESS_KEY": "stand-in", "AWS_REGION": REGION}


@contextmanager
def stand_in_for_aws(address: str, environment: str, settings: dict[str, str]) -> Iterator[dict[str, str]]:
    """Yields the variables with which a host reaches it."""
    url = f"http://{address}:{PORT}"
    process = subprocess.Popen(
        [str(BIN / "moto_server"), "--host", address, "--port", str(PORT)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=tooled(),
    )
    try:
        await_answer(url, process)
        variables = {**KEYS, "AWS_ENDPOINT_URL": url}
        secrets = {"secret-key": token_urlsafe(48), "email-url": "smtp+tls://shop:secret@127.0.0.1:2525"}
        fill(variables, environment, settings, secrets)
        yield variables
    finally:
        process.terminate()
        process.wait()


def await_answer(url: str, process: subprocess.Popen) -> None:
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
    ssm.put_parameter(Name=f"{given['path']}/settings/{name}", Value=value, Type="SecureString")
for name, value in given["secrets"].items():
    secrets.create_secret(Name=f"{given['path']}/{name}", SecretString=value)
"""


def fill(variables: dict[str, str], environment: str, settings: dict[str, str], secrets: dict[str, str]) -> None:
    given = {"path": f"/webmarket/{environment}", "settings": settings, "secrets": secrets}
    done = subprocess.run(
        [str(BIN / "python"), "-c", FILL],
        input=json.dumps(given),
        env=tooled(**variables, AWS_DEFAULT_REGION=REGION),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise Unusable(f"The stand-in for AWS refused:\n{done.stderr[-1000:]}")
