#!/usr/bin/env python3
"""Compares the speed of this checkout with that of the commit it started from; fails below 0.85 of it on any page.

    deploy/bench/compare.py                     with the merge base of main, or on main with the commit before
    deploy/bench/compare.py --base v1.2 --pages product,search

Nothing is timed by itself: both checkouts run beside each other on the same SQLite file of 1,000 products, and answer
the same requests in turn, for some tens of milliseconds each. The processor time of one divided by the other's is
the result of that turn; what else the machine does slows both alike. A page fails when the median of its results is
below 0.85 with 99 % confidence, and passes when it is above with the same. Pages in doubt are measured on; those that
still are when the time is over are named as such and do not fail: the machine was too noisy.
"""

import argparse
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from run import BENCH, PYTHON, ROOT, VAR, Page, environment, fill, pages_of, sample, say

LEAST = 0.85
CONFIDENCE = 0.99
PRODUCTS = 1000
TURN_MILLISECONDS = 15.0
FIRST_TURNS, STEP = 11, 6
SECONDS = 40
SAME, SLOWER, DOUBTFUL, NEW, BROKEN = "as fast", "slower", "in doubt", "new", "broken"
MAIN = ("origin/main", "main")


class Incomparable(Exception):
    """There is nothing to compare with; the message says why."""


@dataclass
class Compared:
    page: Page
    ratios: list[float] = field(default_factory=list)
    """Processor time of the base divided by ours, one for each turn: the speed, of the base's."""
    queries: tuple[int, int] = (0, 0)
    cpu: tuple[float, float] = (0, 0)
    problem: str = ""
    verdict: str = DOUBTFUL


# --- What is compared ---------------------------------------------------------------------------------------------
def git(*arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


def base_commit() -> str:
    """Where this branch left main; on main itself, the commit before. With changes that are not committed yet, the
    present commit is the one before."""
    head = git("rev-parse", "HEAD")
    if not head:
        raise Incomparable("this is no checkout of git")
    for main in MAIN:
        found = git("merge-base", "HEAD", main)
        if found and found != head:
            return found
    if git("status", "--porcelain", "--untracked-files=no"):
        return head
    before = git("rev-parse", "--verify", "--quiet", "HEAD^1")
    if not before:
        raise Incomparable("there is no commit before this one (a checkout without history?)")
    return before


def check_out(commit: str, folder: Path) -> None:
    """The files of the commit, without git's own."""
    with subprocess.Popen(["git", "-C", str(ROOT), "archive", commit], stdout=subprocess.PIPE) as archive:
        subprocess.run(["tar", "-x", "-C", str(folder)], stdin=archive.stdout, check=True)
    if archive.returncode:
        raise Incomparable(f"git has no commit {commit}")


def pages(found: dict) -> list[Page]:
    """Those of the bench that the shop itself renders, and the lists that are read most."""
    more = [
        Page("suggestions", "uncached", ("/recherche/suggestions/?q=camem", "/recherche/suggestions/?q=the+v")),
        Page("comments API", "uncached", ("/api/commentaires?sectionId=produit-1",)),
        Page("products API", "uncached", ("/api/products?q=miel",)),
    ]
    return [page for page in pages_of(found) if page.server == "uncached"] + more


# --- Measuring ----------------------------------------------------------------------------------------------------
class Shop:
    """A checkout's shop, in a process of its own."""

    def __init__(self, root: Path, env: dict[str, str]) -> None:
        self.root = root
        # Sets and dictionaries in the same order in both.
        env = {**env, "PYTHONPATH": str(root), "PYTHONHASHSEED": "0", "PAGE_CACHE": "false"}
        command = [PYTHON, str(BENCH / "answers.py"), str(root)]
        self.process = subprocess.Popen(
            command, cwd=root, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> "Shop":
        return self

    def __exit__(self, *_error: object) -> None:
        self.process.kill()
        self.process.wait()

    def ask(self, page: Page, times: int) -> dict:
        asked, answered = self.process.stdin, self.process.stdout
        if asked is None or answered is None:
            raise ValueError("made without pipes")
        try:
            asked.write(json.dumps({"paths": page.paths, "body": page.body, "times": times}) + "\n")
            asked.flush()
            return json.loads(answered.readline())
        except (OSError, ValueError):
            return {"error": f"the shop in {self.root} ended"}


def interval(ratios: Sequence[float], confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Confidence interval of the median, by order statistics: it supposes nothing about how results are distributed."""
    n, ordered = len(ratios), sorted(ratios)
    outside, rank = 0.0, 0
    while rank < n // 2:
        outside += 2 * math.comb(n, rank) / 2**n
        if outside > 1 - confidence:
            break
        rank += 1
    return (ordered[rank - 1], ordered[n - rank]) if rank else (0.0, math.inf)


def verdict(ratios: Sequence[float], least: float = LEAST) -> str:
    low, high = interval(ratios)
    return SLOWER if high < least else SAME if low >= least else DOUBTFUL


def first(compared: Compared, base: Shop, here: Shop) -> int:
    """Warm both up; returns how often to ask in a turn."""
    before, now = base.ask(compared.page, 3), here.ask(compared.page, 3)
    if "error" in now:
        compared.verdict, compared.problem = BROKEN, now["error"]
    elif "error" in before:
        compared.verdict, compared.problem = NEW, f"the base refuses it: {before['error']}"
    else:
        compared.queries = (before["queries"], now["queries"])
    return max(3, round(TURN_MILLISECONDS / max(now.get("cpu", 1), 0.05)))


def turn(compared: Compared, base: Shop, here: Shop, times: int) -> None:
    """Base and ours, and then the other way round: what the second of two gains or loses, both do."""
    costs = [shop.ask(compared.page, times) for shop in (base, here, here, base)]
    if failure := next((each["error"] for each in costs if "error" in each), ""):
        compared.verdict, compared.problem = BROKEN, failure
        return
    before, now = (costs[0]["cpu"] + costs[3]["cpu"]) / 2, (costs[1]["cpu"] + costs[2]["cpu"]) / 2
    compared.ratios.append(before / now)
    compared.cpu = (before, now)


def compare(listed: list[Page], base: Shop, here: Shop, *, seconds: float) -> list[Compared]:
    compared = [Compared(page) for page in listed]
    times = {each.page.name: first(each, base, here) for each in compared}
    end, number = time.monotonic() + seconds, 0
    while (open_ := [each for each in compared if each.verdict == DOUBTFUL]) and time.monotonic() < end:
        for each in open_:
            turn(each, base, here, times[each.page.name])
        number += 1
        # Not after each turn: who looks often enough finds by chance what is not there.
        if number >= FIRST_TURNS and (number - FIRST_TURNS) % STEP == 0:
            for each in open_:
                if each.verdict == DOUBTFUL:
                    each.verdict = verdict(each.ratios)
    return compared


# --- Report -------------------------------------------------------------------------------------------------------
def row(each: Compared) -> str:
    if not each.ratios:
        return f"{each.page.name:20} {each.verdict:>8}   {each.problem}"
    low, high = interval(each.ratios)
    queries = "{}" if each.queries[0] == each.queries[1] else "{} → {}"
    counts = queries.format(*each.queries)
    median = statistics.median(each.ratios)
    return (
        f"{each.page.name:20} {each.verdict:>8}   {median:5.2f} of the base ({low:.2f} – {high:.2f}),"
        f" {each.cpu[1]:6.2f} ms, {counts} queries  {each.problem}"
    ).rstrip()


def exit_code(compared: list[Compared]) -> int:
    return int(any(each.verdict in (SLOWER, BROKEN) for each in compared))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", help="a commit, or a folder with a checkout (the merge base of main)")
    parser.add_argument("--pages", help="names, separated by commas (all)")
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"for measuring, at most ({SECONDS})")
    options = parser.parse_args()
    VAR.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        try:
            if options.base and Path(options.base).is_dir():
                folder = Path(options.base).resolve()
            else:
                commit = options.base or base_commit()
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="base-", dir=VAR)))
                check_out(commit, folder)
                say(f"Compared with {git('log', '-1', '--format=%h %s', commit)}.")
        except Incomparable as error:
            say(f"Nothing to compare with: {error}.")
            return 0
        env = environment(f"sqlite:///{VAR / f'compare-{PRODUCTS}.sqlite3'}")
        # By this checkout: the base runs on its schema, as it does while a release is rolled out.
        fill(env, PRODUCTS)
        listed = pages(sample(env))
        if options.pages:
            wanted = set(options.pages.split(","))
            listed = [page for page in listed if page.name in wanted]
        collect = [PYTHON, str(folder / "manage.py"), "collectstatic", "-v0", "--noinput"]
        subprocess.run(collect, env={**env, "PYTHONPATH": str(folder)}, check=True, cwd=folder)
        base, here = (stack.enter_context(Shop(each, env)) for each in (folder, ROOT))
        compared = compare(listed, base, here, seconds=options.seconds)
    for each in compared:
        say(row(each))
    if doubtful := [each.page.name for each in compared if each.verdict == DOUBTFUL]:
        say(f"The machine was too noisy to tell in {options.seconds:g} s: {', '.join(doubtful)}.")
    if slower := [each.page.name for each in compared if each.verdict == SLOWER]:
        say(f"Slower than {LEAST} of the base: {', '.join(slower)}. `make profile PAGE=…` shows where the time goes.")
    counts = Counter(each.verdict for each in compared)
    say(f"{len(compared)} pages: {', '.join(f'{count} {name}' for name, count in counts.items())}")
    return exit_code(compared)


if __name__ == "__main__":
    sys.exit(main())
