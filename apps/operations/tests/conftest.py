"""AWS for tests: moto's server, over HTTP, emptied before each test that asks for it."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import boto3
import pytest
from django.conf import settings as django_settings
from moto.server import ThreadedMotoServer

from apps.operations.services.backup import leftovers, signing

REGION = "eu-west-3"


@pytest.fixture(autouse=True)
def own_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Test processes share one server: each sees and sweeps the databases of its own checks of backups alone."""
    monkeypatch.setattr(leftovers, "PREFIX", f"restore_check_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_")


@pytest.fixture(scope="session")
def signing_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("key") / "backup-signing.pem"


@pytest.fixture(autouse=True)
def own_key(settings, signing_file: Path) -> None:
    """Tests sign backups with a key of their own, also those of a bucket."""
    if not signing_file.exists():
        signing._create(signing_file)
    settings.OPERATIONS = {**settings.OPERATIONS, "backup_signing_key": str(signing_file)}


@pytest.fixture(scope="session")
def aws_server() -> Iterator[str]:
    # Without the hundreds of public images whose copies moto counts as ours.
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@contextmanager
def empty_account(aws_server: str) -> Iterator[Callable]:
    """An empty AWS account, and what makes clients of it."""
    # Not httpx, which reads all certificates for each call.
    urlopen(Request(f"{aws_server}/moto-api/reset", method="POST"), timeout=60).close()  # noqa: S310
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
            patch.delenv(name, raising=False)
        patch.setenv("AWS_ENDPOINT_URL", aws_server)
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        yield lambda service, region=REGION: boto3.client(service, region_name=region)


@pytest.fixture
def aws(aws_server: str, settings) -> Iterator[Callable]:
    """An empty AWS account; `aws("s3")` is a client of it, with which a test builds and looks."""
    settings.OPERATIONS = {**django_settings.OPERATIONS, "region": REGION, "retry_seconds": 0.001}
    with empty_account(aws_server) as clients:
        yield clients
