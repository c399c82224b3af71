"""Fixtures: a bucket for the shop's files, on moto's server over HTTP."""

import boto3
import httpx
import pytest
from environ import Env
from moto.server import ThreadedMotoServer

from webmarket import files

BUCKET = "webmarket-documents"


@pytest.fixture(scope="module")
def moto():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def on_s3(moto, monkeypatch, settings):
    """`on_s3(AWS_…=…)`: settings with the shop's files in a bucket, and more environment variables."""
    for name, value in {"ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "ENDPOINT_URL_S3": moto}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    httpx.post(f"{moto}/moto-api/reset")
    client = boto3.client("s3", region_name="eu-west-3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})

    def configure(**environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        settings.STORAGES = {
            **files.storages(Env(), bucket=BUCKET, region="eu-west-3", var_dir=settings.VAR_DIR),
            "staticfiles": settings.STORAGES["staticfiles"],
        }
        settings.UPLOADS_ORIGIN = files.uploads_origin(Env(), bucket=BUCKET, region="eu-west-3")
        return client

    return configure
