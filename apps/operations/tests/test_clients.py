import pytest
from botocore.exceptions import ClientError

from apps.operations.aws.clients import TRIES, client, wait_before_retry


def answers(api, *codes: str) -> list[int]:
    """Let the client's next calls be answered with these codes, then by the server; returns the list of those made."""
    calls: list[int] = []

    def answer(**_):
        calls.append(1)
        code = codes[len(calls) - 1] if len(calls) <= len(codes) else ""
        if not code:
            return None
        return api.meta.events and _refusal(code)

    api.meta.events.register("before-send", answer)
    return calls


def _refusal(code: str):
    from botocore.awsrequest import AWSResponse

    body = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()
    response = AWSResponse("http://aws", 400, {}, None)
    response._content = body
    return response


def test_throttling_is_waited_out(aws):
    s3 = client("s3")
    calls = answers(s3, "SlowDown", "SlowDown")
    s3.list_buckets()
    assert len(calls) == 3


def test_throttling_that_does_not_end_is_an_error(aws):
    s3 = client("s3")
    calls = answers(s3, *["SlowDown"] * 20)
    with pytest.raises(ClientError, match="SlowDown"):
        s3.list_buckets()
    assert len(calls) == TRIES


@pytest.mark.parametrize("code", ["AccessDenied", "InternalError", "NoSuchBucket"])
def test_nothing_else_is_tried_again(aws, code):
    s3 = client("s3")
    calls = answers(s3, code)
    with pytest.raises(ClientError, match=code):
        s3.list_buckets()
    assert len(calls) == 1


def test_waits_grow_and_differ(settings):
    settings.OPERATIONS = {**settings.OPERATIONS, "retry_seconds": 1.0}
    refusal = (None, {"Error": {"Code": "Throttling"}})
    waits = [wait_before_retry(response=refusal, attempts=5) for _ in range(50)]
    assert max(waits) <= 20
    assert len(set(waits)) > 40
