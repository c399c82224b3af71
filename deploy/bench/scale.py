#!/usr/bin/env python3
"""Measures the board and the comments at 20,000 prospects and 1,000,000 comments against one hundredth of each.

    deploy/bench/scale.py                  on MySQL: BENCH_MYSQL_URL, or the one that deploy/local/mysql starts
    deploy/bench/scale.py --output FILE    where the table goes (docs/benchmarks-scale.md)

Two databases, webmarket_scale_1 and webmarket_scale_100, are filled once and kept. A process for each runs requests
through the whole of Django but no network; the two take turns, so that a slow phase of the machine affects both.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BENCH = Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT), str(BENCH)]
RESULTS = ROOT / "docs" / "benchmarks-scale.md"
SIZES = (1, 100)
PROSPECTS, COMMENTS = 200, 10_000
"""At size 1; size 100 has a hundred times as many."""
SECTION = "blog/la-saison-des-agrumes"
PAGE = 20
STAGES = 6


# --- One database, in a process of its own ----------------------------------------------------------------------------
def fill(size: int) -> None:
    """Fill the database. Every fourth comment is in one section, which has 10,000 pages at the larger size."""
    from django.db import connection

    from apps.accounts.models import User
    from apps.comments.models import Comment
    from apps.prospects.contact import email_key
    from apps.prospects.models import Prospect, Stage

    now = datetime.now(UTC)
    if not User.objects.filter(is_superuser=True).exists():
        User.objects.create_superuser(email="equipe@example.org", password="only for measuring")  # noqa: S106
    wanted = PROSPECTS * size
    if Prospect.objects.count() != wanted:
        Prospect.objects.all().delete()
        stages = list(Stage.objects.all())
        owner = User.objects.get(is_superuser=True)
        names = ("Petit", "Moreau", "Roux", "Blanc", "Faure", "Mercier", "Girard")
        Prospect.objects.bulk_create(
            (
                Prospect(
                    first_name=f"Léa {number}",
                    last_name=names[number % len(names)],
                    email=f"lea.{number}@example.org",
                    email_key=email_key(f"lea.{number}@example.org"),
                    company=f"Maison {number % 997}",
                    message="Bonjour, je voudrais un devis pour des paniers garnis. " * 3,
                    source="salon",
                    stage=stages[number % len(stages)],
                    stage_since=now - timedelta(days=number % 60),
                    rank=number * 1_000,
                    assignee=owner if number % 10 == 0 else None,
                    created_at=now - timedelta(minutes=number),
                )
                for number in range(wanted)
            ),
            batch_size=1000,
        )
    if Comment.objects.count() != COMMENTS * size:
        Comment.objects.all().delete()
        start = now - timedelta(days=365)
        Comment.objects.bulk_create(
            (
                Comment(
                    section_id=SECTION if number % 4 == 0 else f"produit/{number % 500}",
                    author="Camille",
                    text="Un vrai goût de pomme, et la livraison est arrivée à l’heure. 🍏",
                    status=Comment.Status.PUBLISHED,
                    first_status=Comment.Status.PUBLISHED,
                    created_at=start + timedelta(seconds=number * 3),
                )
                for number in range(COMMENTS)
            ),
            batch_size=1000,
        )
        skipped = ("id", "created_at")
        written = (field.column for field in Comment._meta.concrete_fields if not field.generated)
        names = ", ".join(column for column in written if column not in skipped)
        with connection.cursor() as cursor:
            cursor.execute("SELECT MAX(id) FROM comments_comment")
            last = cursor.fetchone()[0]
            for copy in range(1, size):
                cursor.execute(
                    f"INSERT INTO comments_comment (created_at, {names})"  # noqa: S608
                    f" SELECT created_at + INTERVAL %s SECOND, {names} FROM comments_comment WHERE id <= %s",
                    [copy * COMMENTS * 3, last],
                )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE TABLE comments_comment, prospects_prospect")


def paths_by_name(size: int) -> dict[str, str]:
    from django.urls import reverse

    from apps.accounts.models import User
    from apps.comments.models import Comment
    from apps.common.keyset import encode

    deep = min(10_000, COMMENTS * size // 4 // PAGE)
    found = Comment.objects.published().in_section(SECTION).order_by("-created_at", "-pk")
    before = found[(deep - 1) * PAGE - 1]
    cursor = encode(before.created_at, before.pk)
    owner = User.objects.get(is_superuser=True).pk
    return {
        "board page": reverse("backoffice:board"),
        "board, API": "/api/prospects/board",
        "list by status": "/api/prospects?status=contacte",
        "list by beginning of an e-mail": "/api/prospects?email=lea.1*",
        "list by e-mail": "/api/prospects?email=lea.42@example.org",
        "list by assignee": f"/api/prospects?assignee={owner}",
        "words that many cards have": "/api/prospects?q=paniers garnis",
        "a word that one card has": "/api/prospects?q=lea.42@",
        "a word that no card has": "/api/prospects?q=ornithorynque",
        "section, first page": f"/api/commentaires?sectionId={SECTION}",
        "section, 10,000th page (or the last)": f"/api/commentaires?sectionId={SECTION}&cursor={cursor}",
        "section, first page of conversations": f"/api/commentaires/fils?sectionId={SECTION}",
    }


def answer(size: int) -> None:
    """The measuring process: reads lines of `name, tab, time or explain`, prints lines of JSON."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from apps.accounts.models import User
    from apps.api.throttles import ClientRate

    # Without the API's rate limit per client.
    ClientRate.allow_request = lambda *_arguments: True
    call_command("migrate", verbosity=0, skip_checks=True)
    call_command("collectstatic", verbosity=0, interactive=False)
    fill(size)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.get(is_superuser=True))
    where = paths_by_name(size)
    print(json.dumps(list(where)), flush=True)
    for line in sys.stdin:
        name, what = line.strip().split("\t")
        if what == "explain":
            with CaptureQueriesContext(connection) as queries:
                client.get(where[name])
            print(json.dumps(explained(queries.captured_queries)), flush=True)
            continue
        began = time.perf_counter()
        response = client.get(where[name])
        took = time.perf_counter() - began
        if response.status_code != 200:
            sys.exit(f"{where[name]}: {response.status_code}")
        print(json.dumps(took * 1000), flush=True)


def explained(queries: list[dict[str, str]]) -> dict[str, object]:
    """How MySQL reads the large tables (EXPLAIN)."""
    from django.db import connection

    reads = []
    for query in queries:
        sql = query["sql"]
        if not sql.startswith("SELECT") or not any(
            name in sql for name in ("prospects_prospect`", "comments_comment`")
        ):
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN FORMAT=TRADITIONAL {sql}")
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                plan = dict(zip(names, row, strict=True))
                if plan["table"] in ("prospects_prospect", "comments_comment", "U0"):
                    reads.append(f"{plan['type']} {plan['key'] or 'no index'}, {plan['rows']} rows ({plan['Extra']})")
    return {"queries": len(queries), "reads": reads}


# --- Both, in turns ---------------------------------------------------------------------------------------------------
class Subject:
    def __init__(self, size: int, url: str) -> None:
        from run import environment

        environ = environment(url) | {"PAGE_CACHE": "false"}
        command = [sys.executable, __file__, "--answer", str(size)]
        self.process = subprocess.Popen(
            command, env=environ, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.names = self.read()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit("A measuring process ended; the reason stands above.")
        return json.loads(line)

    def __call__(self, name: str, what: str = "time"):
        self.process.stdin.write(f"{name}\t{what}\n")
        self.process.stdin.flush()
        return self.read()


def report(rows: list[tuple[str, list[float], list[float], dict, dict]], rounds: int) -> str:
    lines = [
        "# The board and the comments at size",
        "",
        "Written by `deploy/bench/scale.py`. Milliseconds for one request through the whole of Django (median and",
        f"range of {rounds}, the two databases taking turns), MySQL, {datetime.now(UTC):%Y-%m-%d}.",
        f"Small: {PROSPECTS:,} prospects and {COMMENTS:,} comments; large: {PROSPECTS * 100:,} and {COMMENTS * 100:,}.",
        "",
        "| | small | large | times | queries |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, small, large, few, many in rows:
        cells = [f"{statistics.median(each):.1f} ({min(each):.1f} – {max(each):.1f})" for each in (small, large)]
        times = statistics.median(large) / statistics.median(small)
        lines.append(f"| {name} | {cells[0]} | {cells[1]} | {times:.2f} | {few['queries']} → {many['queries']} |")
    lines += ["", "## How MySQL reads the large tables", ""]
    for name, _small, _large, _few, many in rows:
        reads = list(dict.fromkeys(many["reads"]))
        lines.append(f"- **{name}**: " + ("; ".join(reads) or "not at all"))
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--answer", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.answer:
        answer(options.answer)
        return
    from run import mysql_database

    small, large = (Subject(size, mysql_database(f"webmarket_scale_{size}")) for size in SIZES)
    rows = []
    for name in large.names:
        for _warm_up in range(2):
            small(name)
            large(name)
        times = [(small(name), large(name)) for _round in range(options.rounds)]
        plans = [subject(name, "explain") for subject in (small, large)]
        rows.append((name, *([pair[place] for pair in times] for place in (0, 1)), *plans))
        print(f"{name}: {statistics.median(rows[-1][1]):.1f} → {statistics.median(rows[-1][2]):.1f} ms", flush=True)
    options.output.write_text(report(rows, options.rounds))
    print(f"Written to {options.output}.")


if __name__ == "__main__":
    main()
