"""Tasks that record each run. Workers load this module by `--include`."""

import os
import socket
import time
from datetime import timedelta

from celery import shared_task
from django.db import connection

from apps.operations.planned import due_jobs

if "PROOF_HOST" in os.environ:
    # Below what the proof's queue hides a message for, as it is below production's; on its hosts alone.
    due_jobs.LONGEST_RUN = timedelta(seconds=60)
TABLE = "proof_run"


@shared_task(name="proof.probe", bind=True)
def probe(self, *, name: str, seconds: float = 0.0, **_: object) -> None:
    """Records a run, without a unique key: repeated runs are counted."""
    host = self.request.hostname or socket.gethostname()
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {TABLE} (name, host, began_at) VALUES (%s, %s, UTC_TIMESTAMP(6))", [name, host])  # noqa: S608
        row = cursor.lastrowid
        time.sleep(seconds)
        cursor.execute(f"UPDATE {TABLE} SET ended_at = UTC_TIMESTAMP(6) WHERE id = %s", [row])  # noqa: S608
