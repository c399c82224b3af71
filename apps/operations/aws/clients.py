"""Creates boto3 clients, here alone: the host's role, short timeouts, retries with jitter on throttling alone.

AWS_ENDPOINT_URL leads them elsewhere; boto3 reads it by itself. It is imported by the first client: few processes make
one, and it is 9 MB and 0.1 s of a start.
"""

import random
from functools import cache
from threading import Lock
from typing import Any

from botocore.exceptions import ClientError
from django.conf import settings

from apps.operations.aws.errors import THROTTLED

TRIES = 6
LONGEST_WAIT = 20.0
_making = Lock()


@cache
def descriptions() -> Any:
    """Service descriptions parsed so far: an audit of five regions reads EC2's, of several megabytes, once."""
    from botocore.loaders import create_loader

    return create_loader()


@cache
def session() -> Any:
    """The process's session, which takes as long to make as a client. It renews the host's credentials by itself."""
    import boto3
    import botocore.session

    own = botocore.session.Session()
    own.register_component("data_loader", descriptions())
    return boto3.session.Session(botocore_session=own)


def client(service: str, region: str | None = None) -> Any:
    from botocore.config import Config

    # Clients may be used by several threads at once; a session may not.
    with _making:
        api = session().client(
            service,
            region_name=region or settings.OPERATIONS["region"],
            config=Config(
                connect_timeout=5,
                read_timeout=60,
                # One try: `wait_before_retry` decides on others.
                retries={"mode": "standard", "total_max_attempts": 1},
                user_agent_extra=f"webmarket/{settings.RELEASE}",
            ),
        )
    api.meta.events.register("needs-retry", wait_before_retry)
    api.meta.events.register("before-send.s3-control", drop_account_from_host)
    return api


def drop_account_from_host(request: Any, **_: Any) -> None:
    """S3 Control puts the account id before the host name, which a stand-in at an IP cannot resolve."""
    account, _dot, rest = request.url.removeprefix("http://").partition(".")
    host = rest.partition("/")[0].rpartition(":")[0]
    if account.isdigit() and host.replace(".", "").isdigit() and request.url.startswith("http://"):
        request.url = f"http://{rest}"


def wait_before_retry(
    response: tuple[Any, dict[str, Any]] | None = None,
    attempts: int = 1,
    caught_exception: Exception | None = None,
    **_: Any,
) -> float | None:
    """Seconds to wait before the next try, or None. Full jitter: hosts that were throttled at once do not come back at
    once (AWS Architecture Blog, « Exponential Backoff And Jitter »)."""
    if isinstance(caught_exception, ClientError):
        code = caught_exception.response["Error"]["Code"]
    else:
        code = response[1].get("Error", {}).get("Code", "") if response else ""
    if code not in THROTTLED or attempts >= TRIES:
        return None
    return random.uniform(0, min(LONGEST_WAIT, settings.OPERATIONS["retry_seconds"] * 2**attempts))  # noqa: S311
