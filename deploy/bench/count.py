"""Queries and bytes of each address given, as JSON: asked twice to warm the process, then counted.

Runs in the shop's environment with PAGE_CACHE=false. Lines on standard input: name, a tab, then an address, or
"POST address body" for a form.
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


def ask(address: str) -> int:
    client = Client(SERVER_NAME="127.0.0.1")
    if address.startswith("POST "):
        _, address, body = address.split(" ", 2)
        form = "application/x-www-form-urlencoded"
        response = client.post(address, body, content_type=form, headers={"Sec-Fetch-Site": "same-origin"})
    else:
        response = client.get(address)
    if response.status_code >= 400:
        sys.exit(f"{address}: {response.status_code}")
    return len(response.content)


counted = {}
for line in sys.stdin.read().splitlines():
    name, address = line.split("\t")
    # The first answer may take more than the second for which the catalogue's revision is remembered.
    ask(address)
    ask(address)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        size = ask(address)
    asked = [
        query["sql"] for query in queries if not query["sql"].startswith(("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT"))
    ]
    counted[name] = {"queries": len(asked), "bytes": size}
json.dump(counted, sys.stdout)
