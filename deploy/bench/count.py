"""Queries and bytes of each URL given, as JSON: requested twice to warm the process, then counted.

Runs in the shop's environment with PAGE_CACHE=false. Lines on standard input: name, a tab, then a path, or
"POST path body" for a form.
"""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmarket.settings")

import django

django.setup()

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def request(path: str) -> int:
    client = Client(SERVER_NAME="127.0.0.1")
    if path.startswith("POST "):
        _, path, body = path.split(" ", 2)
        form = "application/x-www-form-urlencoded"
        response = client.post(path, body, content_type=form, headers={"Sec-Fetch-Site": "same-origin"})
    else:
        response = client.get(path)
    if response.status_code >= 400:
        sys.exit(f"{path}: {response.status_code}")
    return len(response.content)


counted = {}
for line in sys.stdin.read().splitlines():
    name, path = line.split("\t")
    # Twice: the first may take longer than the second for which the catalogue's revision is cached.
    request(path)
    request(path)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        size = request(path)
    statements = [
        query["sql"] for query in queries if not query["sql"].startswith(("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT"))
    ]
    counted[name] = {"queries": len(statements), "bytes": size}
json.dump(counted, sys.stdout)
