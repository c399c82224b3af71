#!/usr/bin/env python3
"""Where the processor time of a page or of a write goes: a flame graph (SVG), and a summary in the terminal.

    make profile PAGE=/                         any path of the shop, as a visitor without cookies asks for it
    make profile PAGE="/recherche/?q=miel"
    make profile PAGE=purchase                  a guest's whole purchase, six requests
    make profile PAGE=comment                   POST of a comment to the API
    deploy/bench/flame.py purchase --database mysql://root@127.0.0.1:3306/webmarket_bench_1000 --seconds 10

The shop runs in this process, under its production settings, without its page cache; every millisecond of processor
time its stack is noted. Time in which it waits for the database is not its own and is not in the graph. Without
--database an SQLite file in var/bench is filled with 1,000 products the first time. Point at a box to read all of it.
"""

import argparse
import html
import itertools
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from buyers import Buyer
from run import PYTHON, ROOT, VAR, database_url, environment, fill, sample, say

PRODUCTS = 1000
INTERVAL = 0.001
WARM_UP = 10
WIDTH, ROW, LEAST = 1400, 17, 0.4
# By where a function is written; the first that matches gives the box its colour and the summary its line.
PLACES = {
    "templates": ("django/template/", "jinja2/"),
    "SQL": ("django/db/", "MySQLdb/", "sqlite3/"),
    "REST framework": ("rest_framework/",),
    "middleware": ("middleware", "corsheaders/", "csp/", "whitenoise/", "axes/"),
    "the shop": ("/apps/", "/webmarket/"),
    "Django": ("django/",),
    "other": ("",),
}
COLOURS = dict(zip(PLACES, ("#8fbf8f", "#8fb3d9", "#d9a5c7", "#d8c27a", "#e39a7b", "#b9b9c9", "#d0d0d0"), strict=True))

# Stand between any two middlewares.
WRAPPERS = ("django/core/handlers/exception.py",)

Stack = tuple[tuple[str, str], ...]


class Sampler:
    """Notes the stack of the main thread at each millisecond of its processor time, below Django's entry."""

    def __init__(self) -> None:
        self.stacks: Counter[Stack] = Counter()

    def __enter__(self) -> "Sampler":
        signal.signal(signal.SIGPROF, self._note)
        signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)
        return self

    def __exit__(self, *_error: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _note(self, _signal: int, frame: FrameType | None) -> None:
        stack: list[tuple[str, str]] = []
        while frame:
            code = frame.f_code
            if code.co_name == "get_response" and code.co_filename.endswith("django/core/handlers/base.py"):
                self.stacks[tuple(reversed(stack))] += 1
                return
            if code.co_filename.endswith("django/utils/deprecation.py"):
                # The one __call__ of most middleware says nothing: its class does.
                kind = type(frame.f_locals["self"])
                stack.append((kind.__name__, f"{kind.__module__.replace('.', '/')}.py"))
            elif not code.co_filename.endswith(WRAPPERS):
                stack.append((code.co_qualname, code.co_filename))
            frame = frame.f_back


def place_of(filename: str) -> str:
    return next(place for place, parts in PLACES.items() if any(part in filename for part in parts))


# --- What is asked for --------------------------------------------------------------------------------------------
def runner(page: str, found: dict[str, Any]) -> Callable[[], int]:
    """A function that asks once and returns the number of its requests; exits where the shop refuses."""
    from django.test import Client

    client, visitors = Client(SERVER_NAME="127.0.0.1"), itertools.count(int(time.time()) % 10_000_000)
    if page == "purchase":
        products = itertools.cycle(zip(found["skus"], found["products"], strict=True))

        class Here(Buyer):
            def __init__(self) -> None:
                # One client for all: a new one loads all middleware.
                client.cookies.clear()
                self.requests, self.cookies = 0, {}

            def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
                self.requests += 1
                sent = {"headers": {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}}
                answer = client.get(path, **sent) if form is None else client.post(path, form, **sent)
                return answer.status_code, answer.get("Location", ""), answer.content.decode()

        def purchase() -> int:
            buyer = Here()
            if failure := buyer.buy(*next(products)):
                sys.exit(f"The purchase failed: {failure}")
            return buyer.requests

        return purchase

    def once() -> int:
        number = next(visitors)
        # Each from another address, because of the rate limits.
        headers = {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
        if page == "comment":
            body = {"sectionId": f"blog/{number % 50}", "author": "Camille", "text": "Merci, et bravo."}
            answer = client.post("/api/commentaires", body, content_type="application/json", headers=headers)
        else:
            answer = client.get(page, headers=headers)
        if answer.status_code >= 400:
            sys.exit(f"{page}: the shop answered {answer.status_code}. A page is a path, « purchase » or « comment ».")
        return 1

    return once


# --- The picture --------------------------------------------------------------------------------------------------
class Box:
    def __init__(self, name: str, filename: str) -> None:
        self.name, self.filename, self.weight = name, filename, 0
        self.inner: dict[tuple[str, str], Box] = {}


def tree(stacks: Counter[Stack]) -> Box:
    root = Box("request", "django/")
    for stack, weight in stacks.items():
        box = root
        box.weight += weight
        for name, filename in stack:
            box = box.inner.setdefault((name, filename), Box(name, filename))
            box.weight += weight
    return root


def boxes(box: Box, left: float, depth: int, scale: float) -> Iterator[tuple[Box, float, float, int]]:
    width = box.weight * scale
    if width < LEAST:
        return
    yield box, left, width, depth
    for inner in sorted(box.inner.values(), key=lambda each: -each.weight):
        yield from boxes(inner, left, depth + 1, scale)
        left += inner.weight * scale


def picture(root: Box, title: str, milliseconds: float) -> str:
    rows = list(boxes(root, 0, 0, WIDTH / root.weight))
    height = (max(depth for *_rest, depth in rows) + 4) * ROW
    legend = "".join(
        f'<rect x="{number * 150}" y="{ROW + 4}" width="12" height="12" fill="{colour}"/>'
        f'<text x="{number * 150 + 16}" y="{ROW * 2 - 3}">{place}</text>'
        for number, (place, colour) in enumerate(COLOURS.items())
    )
    shapes = []
    for box, left, width, depth in rows:
        top = (depth + 3) * ROW
        share = box.weight / root.weight
        name = html.escape(box.name)
        where = html.escape(box.filename.partition("site-packages/")[2] or box.filename.removeprefix(f"{ROOT}/"))
        text = html.escape(box.name[: int(width / 6.6)]) if width > 20 else ""
        shapes.append(
            f"<g><title>{name} ({where}): {share:.1%}, {share * milliseconds:.2f} ms</title>"
            f'<rect x="{left:.1f}" y="{top}" width="{max(width - 0.5, 0.3):.1f}" height="{ROW - 1}"'
            f' fill="{COLOURS[place_of(box.filename)]}"/><text x="{left + 3:.1f}" y="{top + 12}">{text}</text></g>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">'
        '<style>text{font:11px monospace}rect{rx:2px}</style><rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="3" y="13">{html.escape(title)}</text>{legend}{"".join(shapes)}</svg>\n'
    )


def summary(stacks: Counter[Stack], milliseconds: float) -> str:
    total = sum(stacks.values())
    places, functions = Counter[str](), Counter[str]()
    for stack, weight in stacks.items():
        name, filename = stack[-1] if stack else ("request", "django/")
        places[place_of(filename)] += weight
        functions[f"{name} ({'/'.join(filename.rsplit('/', 2)[-2:])})"] += weight
    lines = [
        *(
            f"  {count / total:6.1%} {count / total * milliseconds:8.2f} ms  {place}"
            for place, count in places.most_common()
        ),
        "Functions, without what they call:",
        *(f"  {count / total:6.1%}  {name}" for name, count in functions.most_common(12)),
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", metavar="PAGE", help="a path, « purchase » or « comment »")
    parser.add_argument("--database", default="", help="a URL; the shop in it needs products in stock")
    parser.add_argument("--seconds", type=float, default=5, help="how long to look (5)")
    parser.add_argument("--output", type=Path, help="the SVG (var/bench/flame-PAGE.svg)")
    options = parser.parse_args()
    if not Path(PYTHON).exists():
        sys.exit("There is no .venv yet: `make run` or `make test` makes it. Then repeat this.")
    if Path(sys.prefix) != ROOT / ".venv" and os.environ.get("FLAME_IN_VENV") != "1":
        os.execve(PYTHON, [PYTHON, *sys.argv], {**os.environ, "FLAME_IN_VENV": "1"})  # noqa: S606 - our own interpreter
    env = {**environment(options.database or database_url("sqlite", PRODUCTS)), "PAGE_CACHE": "false"}
    env["TRUSTED_PROXY_COUNT"] = "1"
    if not options.database:
        say("Filling var/bench (once) …")
        fill(env, PRODUCTS)
    found = sample(env)
    os.environ.update(env)
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    run = runner(options.page, found)
    for _time in range(WARM_UP):
        run()
    requests, turns, began, end = 0, 0, time.process_time(), time.monotonic() + options.seconds
    with Sampler() as sampler:
        while time.monotonic() < end:
            requests, turns = requests + run(), turns + 1
    milliseconds = (time.process_time() - began) * 1000 / turns
    if not sampler.stacks:
        sys.exit("Nothing was seen: give it more --seconds.")
    title = f"{options.page}: {milliseconds:.2f} ms of processor time, {requests // turns} request(s), {turns} times"
    name = "".join(character if character.isalnum() else "-" for character in options.page).strip("-") or "home"
    output = options.output or VAR / f"flame-{name}.svg"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(picture(tree(sampler.stacks), title, milliseconds))
    say(f"{title}\n{summary(sampler.stacks, milliseconds)}\nWritten to {output}.")


if __name__ == "__main__":
    main()
