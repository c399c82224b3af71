"""Visitors of the shop in the mix of the load test (deploy/loadtest), over 8 connections without a pause.

    visitors.py http://127.0.0.1:8000 SECONDS STEP[,STEP …] < SAMPLE

STEP is `mix`, or steps to repeat (`home`, `purchase` …); SAMPLE is JSON, what run.sample() found. Prints JSON: requests
by step, the milliseconds of each answer, and the processor time of this program, which shares the machine.
"""

import json
import random
import sys
import threading
import time
from collections import Counter
from urllib.parse import quote

from buyers import Buyer
from run import SEARCHES

CONNECTIONS = 8
# Of a hundred visitors, as deploy/loadtest/generate.py has them.
MIX = {"browse": 70, "search": 20, "buy": 10}


class Visitor(Buyer):
    """Notes how long each answer took; a new connection for each request, which any worker may take."""

    def __init__(self, url: str, sample: dict, seed: int) -> None:
        super().__init__(url)
        self.sample, self.random = sample, random.Random(seed)  # noqa: S311
        self.times: list[float] = []
        self.steps: Counter[str] = Counter()

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        began = time.perf_counter()
        try:
            return super().ask(path, form)
        finally:
            self.connection.close()
            self.times.append((time.perf_counter() - began) * 1000)

    def look(self, step: str) -> None:
        products, skus = self.sample["products"], self.sample["skus"]
        one = self.random.randrange(len(products))
        if step == "purchase":
            if failure := self.buy(skus[one], products[one]):
                sys.exit(f"A purchase failed: {failure}")
            self.steps.update(product=1, purchase=self.requests - 1)
            return
        typed = self.random.choice(SEARCHES)
        path = {
            "home": "/",
            "rayon": self.sample["rayon"],
            "product": products[one],
            "search": f"/recherche/?q={quote(typed)}",
            "suggestions": f"/recherche/suggestions/?q={quote(typed[:4])}",
        }[step]
        status, _, _ = self.ask(path)
        if status != 200:
            sys.exit(f"{path}: {status}")
        self.steps[step] += 1

    def journey(self) -> list[str]:
        kind = self.random.choices(list(MIX), list(MIX.values()))[0]
        if kind == "browse":
            return ["home", "rayon", *["product"] * self.random.randint(1, 3)]
        return ["home", "suggestions", "search", "product"] if kind == "search" else ["home", "rayon", "purchase"]


def visit(visitor: Visitor, steps: list[str], end: float) -> None:
    while time.monotonic() < end:
        for step in visitor.journey() if steps == ["mix"] else steps:
            visitor.look(step)


def main() -> None:
    url, seconds, steps = sys.argv[1:]
    sample = json.load(sys.stdin)
    began, used = time.monotonic(), time.process_time()
    visitors = [Visitor(url, sample, number) for number in range(CONNECTIONS)]
    arguments = [(each, steps.split(","), began + float(seconds)) for each in visitors]
    threads = [threading.Thread(target=visit, args=each) for each in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done: Counter[str] = sum((each.steps for each in visitors), Counter())
    result = {
        "seconds": time.monotonic() - began,
        "steps": done,
        "times": sorted(each for visitor in visitors for each in visitor.times),
        "own_cpu": time.process_time() - used,
    }
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
