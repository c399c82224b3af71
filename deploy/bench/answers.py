"""Answers requests inside this process, for compare.py, and says what they cost.

    answers.py CHECKOUT

The shop of the checkout, under its own settings. Each line of standard input is JSON, {"paths", "body", "times"}; each
line of standard output too: the processor time of one request in milliseconds, SQLite's included, and its queries. An
error of the shop is {"error": …}.
"""

import gc
import json
import os
import sys
import time
from collections.abc import Iterator
from io import BytesIO
from itertools import cycle, islice
from typing import Any

sys.path[0] = sys.argv[1]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmarket.settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

requests = RequestFactory(SERVER_NAME="127.0.0.1", HTTP_SEC_FETCH_SITE="same-origin")
WARM_UP = 10


class Refused(Exception):
    """The shop answered with an error."""


def environs(paths: list[str], bodies: list[str]) -> Iterator[dict[str, Any]]:
    """Requests of these paths in turn, made before they are timed."""
    form = "application/x-www-form-urlencoded"
    for number, (path, body) in enumerate(zip(cycle(paths), cycle(bodies or [""]))):
        request = requests.post(path, body, content_type=form) if body else requests.get(path)
        environ = request.environ
        environ["wsgi.input"] = BytesIO(body.encode())
        # Each from another address, because of the rate limits.
        environ["REMOTE_ADDR"] = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        yield environ


def answer(environ: dict[str, Any]) -> None:
    status = ""

    def start(line: str, _headers: list[tuple[str, str]], _error: Any = None) -> None:
        nonlocal status
        status = line

    response = application(environ, start)
    for _part in response:
        pass
    if close := getattr(response, "close", None):
        close()
    if status[0] not in "23":
        raise Refused(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}: {status}")


def cost(environs_: list[dict[str, Any]]) -> float:
    began = time.process_time()
    for environ in environs_:
        answer(environ)
    return (time.process_time() - began) * 1000 / len(environs_)


def main() -> None:
    seen: dict[str, Iterator[dict[str, Any]]] = {}
    for line in sys.stdin:
        asked = json.loads(line)
        key, bodies = json.dumps(asked["paths"]), asked["body"].splitlines()
        try:
            result: dict[str, Any] = {}
            if key not in seen:
                seen[key] = environs(asked["paths"], bodies)
                cost(list(islice(seen[key], WARM_UP)))
                with CaptureQueriesContext(connection) as queries:
                    answer(next(seen[key]))
                result["queries"] = sum(
                    not each["sql"].startswith(("BEGIN", "SAVEPOINT", "COMMIT")) for each in queries
                )
                gc.collect()
                gc.freeze()
            result["cpu"] = cost(list(islice(seen[key], asked["times"])))
        except Refused as error:
            result = {"error": str(error)}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
