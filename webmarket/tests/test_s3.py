"""The shop's settings with a bucket: media and static files are on S3, with URLs of the CDN."""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import suppress

import boto3
import httpx
import pytest
from django.conf import settings

BUCKET = "webmarket-files"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "eu-west-3"}
SCRIPT = """
import json
import django
django.setup()
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client

call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=[
    "admin", "unfold", "rest_framework", "drf_spectacular_sidecar", "gis", "import_export", "treebeard",
])
names = [default_storage.save("produits/thé.txt", ContentFile(text)) for text in (b"vert", b"noir")]
print(json.dumps({
    "names": names,
    "read": [default_storage.open(name).read().decode() for name in names],
    "media": default_storage.url(names[0]),
    "static": staticfiles_storage.url("storefront/shop.css"),
    "policy": settings.CONTENT_SECURITY_POLICY["DIRECTIVES"],
}))
"""


@pytest.fixture(scope="module")
def endpoint():
    """moto's server in its own process: within one, all servers share their buckets, and other tests empty them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    endpoint_url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            with suppress(httpx.TransportError):
                httpx.get(f"{endpoint_url}/moto-api/")
                break
            time.sleep(0.1)
        yield endpoint_url
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture(scope="module")
def client(endpoint):
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name="eu-west-3", aws_access_key_id="test", aws_secret_access_key="test"
    )
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
    return client


@pytest.fixture(scope="module")
def shop_on_s3(endpoint, client):
    """Output of a script run with a bucket in its environment, and the bucket's keys."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        **CREDENTIALS,
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_STORAGE_BUCKET_NAME": BUCKET,
        "AWS_S3_CUSTOM_DOMAIN": "files.webmarket.example",
        "DJANGO_SETTINGS_MODULE": "webmarket.settings",
        "DATABASE_URL": "sqlite:///:memory:",
        "DEMO": "true",
        "SECRET_KEY": "only for tests",
        "LOG_LEVEL": "WARNING",
    }
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", SCRIPT], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    objects = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    keys = {entry["Key"] for page in objects for entry in page["Contents"]}
    return json.loads(done.stdout.splitlines()[-1]), keys


def test_a_saved_file_is_read_back_and_never_written_over(shop_on_s3):
    output, keys = shop_on_s3
    assert output["read"] == ["vert", "noir"]
    assert len(set(output["names"])) == 2
    assert {f"media/{name}" for name in output["names"]} <= keys


def test_urls_of_files_are_the_cdns(shop_on_s3):
    output, _keys = shop_on_s3
    assert output["media"] == "https://files.webmarket.example/media/produits/th%C3%A9.txt"
    assert output["policy"]["default-src"] == ["'self'", "https://files.webmarket.example"]


def test_collected_files_carry_their_content_in_their_name(shop_on_s3, client):
    output, keys = shop_on_s3
    host, _, path = output["static"].removeprefix("https://").partition("/")
    assert host == "files.webmarket.example"
    assert path.startswith("static/storefront/shop.")
    assert path != "static/storefront/shop.css"
    assert {path, "static/staticfiles.json"} <= keys
    stored = client.head_object(Bucket=BUCKET, Key=path)
    assert stored["CacheControl"] == "public, max-age=31536000, immutable"
    assert stored["ContentType"] == "text/css"
