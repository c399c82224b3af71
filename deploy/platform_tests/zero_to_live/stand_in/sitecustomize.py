"""Python loads this at start where PYTHONPATH names its folder: answers of AWS that moto does not give.

What was answered is kept in the file WEBMARKET_BEYOND_MOTO, for the next program. A host is this machine: what Session
Manager would run there runs here, on a database of its own, with the settings and secrets that a host would fetch.
"""

from __future__ import annotations

import io
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

FILE = os.environ.get("WEBMARKET_BEYOND_MOTO", "")
HERE = Path(__file__).resolve().parent
CHECK_IP = "https://checkip.amazonaws.com"


def lay_over_botocore() -> None:
    sys.path.append(str(HERE.parents[1]))
    sys.path.append(str(HERE.parent))
    import botocore.client
    from beyond_moto import ACCOUNT, BeyondMoto
    from botocore.httpsession import URLLib3Session

    real, send = botocore.client.BaseClient._make_api_call, URLLib3Session.send

    def call(self: Any, operation: str, given: dict) -> dict:
        import host

        path = Path(FILE)
        beyond = BeyondMoto(**json.loads(path.read_text())) if path.exists() else BeyondMoto()
        answer = beyond.answer(operation, given)
        path.write_text(json.dumps(asdict(beyond)))
        if answer is None:
            answer = host.answer(self, operation, given, real)
        if answer is None:
            answer = beyond.amend(operation, real(self, operation, given))
        return answer

    def send_to_moto(self: Any, request: Any) -> Any:
        # S3 Control writes the account before the host, which here is an IP address.
        request.url = request.url.replace(f"//{ACCOUNT}.", "//")
        return send(self, request)

    botocore.client.BaseClient._make_api_call = call
    URLLib3Session.send = send_to_moto


def answer_which_ip() -> None:
    import urllib.request

    real = urllib.request.urlopen

    def urlopen(url: Any, *more: Any, **given: Any) -> Any:
        return io.BytesIO(b"192.0.2.1\n") if url == CHECK_IP else real(url, *more, **given)

    urllib.request.urlopen = urlopen


if FILE:
    from importlib.util import find_spec

    answer_which_ip()
    if find_spec("botocore"):
        lay_over_botocore()
