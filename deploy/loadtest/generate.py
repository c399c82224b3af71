"""Open load: visitors arrive at a given rate, whether the shop answers or not (Schroeder, Wierman, Harchol-Balter,
« Open Versus Closed », NSDI 2006).

  python generate.py http://127.0.0.1:8000 --allowed 127.0.0.1 --rate 5 --ramp 30 --seconds 60 --output measured.json
  python generate.py http://127.0.0.1:8000 --allowed 127.0.0.1 --rate 200 --generators 4 --output measured.json

Arrivals are a Poisson process: the rate grows from nothing over the ramp, then stays. Each visitor makes one journey
(browse, search or buy) with Locust's client. The first page is timed from the planned arrival, so that an overloaded
generator cannot hide a slow shop; « lag » is the generator's own delay. Each second is a line of JSON
on stdout. Ctrl-C ends it with what was measured so far; so do --abort-p95 and --abort-failures, passed for
--abort-after seconds on end.

Several generators share the visitors by Locust's own master and workers: this process is the master and starts the
workers. On other machines of the same private network (what they say to each other is neither signed nor encrypted):

  python generate.py https://… --allowed … --generators 4 --bind 10.0.0.5:5557 --output measured.json
  python generate.py https://… --allowed … --join 10.0.0.5:5557          # on each of them
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import argparse  # noqa: E402
import json  # noqa: E402
import random  # noqa: E402
import signal  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from collections import Counter  # noqa: E402
from collections.abc import Callable  # noqa: E402
from pathlib import Path  # noqa: E402
from urllib.parse import urlsplit  # noqa: E402

import gevent  # noqa: E402
from gevent.event import Event  # noqa: E402
from gevent.pool import Group  # noqa: E402
from journeys import JOURNEYS, Broken, Visitor  # noqa: E402
from locust.env import Environment  # noqa: E402
from measured import Batch, Limits, Measured  # noqa: E402

# How long visitors who are still there at the end may take to leave.
LEAVING_SECONDS = 30
# How long workers may take to join, and to send their last batch.
JOINING_SECONDS, LAST_SECONDS = 60, 10
HERE = "127.0.0.1"


class Generator:
    """Makes visitors at a rate, and hands over a batch each second. `stop` makes them leave early."""

    def __init__(self, given: argparse.Namespace, hand_over: Callable[[Batch], None]) -> None:
        self.given, self._hand_over = given, hand_over
        self.stop = Event()
        self._batch = Batch()
        self._visitors = Group()
        self._began = time.monotonic()
        # By greenlet: the delay of an arrival, which its first answer includes, and since when it waits for an answer.
        self._late: dict[int, float] = {}
        self._waiting: dict[int, float] = {}
        Visitor.host, Visitor.think = given.url, given.think
        self._environment = Environment(user_classes=[Visitor], host=given.url)
        self._environment.events.request.add_listener(self._answered)

    def run(self, rate: float) -> None:
        given = self.given
        names, weights = list(JOURNEYS), [given.browse, given.search, given.buy]
        self._began = due = time.monotonic()
        end = due + given.ramp + given.seconds
        beat = gevent.spawn(self._every_second)
        while due < end and not self.stop.is_set():
            elapsed = due - self._began
            share = min(1.0, (elapsed + 0.5) / given.ramp) if given.ramp else 1.0
            due += random.expovariate(rate * share)
            if self.stop.wait(max(0.0, min(due, end) - time.monotonic())) or due >= end:
                break
            self._batch.arrivals[int(due - self._began)] += 1
            self._visitors.spawn(self._visit, due, random.choices(names, weights)[0])
        leaving = gevent.spawn(self._visitors.join, LEAVING_SECONDS)
        while not leaving.ready() and not self.stop.wait(0.1):
            pass
        self._visitors.kill(timeout=5)
        beat.kill()
        self.send()

    def send(self) -> None:
        batch, self._batch = self._batch, Batch()
        now = time.monotonic()
        batch.active = len(self._visitors)
        batch.pending = [round((now - since) * 1000, 1) for since in self._waiting.values()]
        orders, Visitor.orders[:] = Counter(Visitor.orders), []
        batch.orders = orders
        self._hand_over(batch)

    def _every_second(self) -> None:
        while True:
            gevent.sleep(1)
            self.send()

    def _visit(self, due: float, journey: str) -> None:
        me = id(gevent.getcurrent())
        lag = max(0.0, (time.monotonic() - due) * 1000)
        self._batch.lags.append(lag)
        self._late[me] = lag
        visitor = Visitor(self._environment)
        request = visitor.client.request

        def timed(*positional: object, **options: object) -> object:
            self._waiting[me] = time.monotonic()
            try:
                return request(*positional, **options)
            finally:
                self._waiting.pop(me, None)

        visitor.client.request = timed
        try:
            JOURNEYS[journey](visitor)
        except Broken as broken:
            self._batch.errors[str(broken)] += 1
        finally:
            self._late.pop(me, None)
            visitor.client.close()

    def _answered(self, name: str, response_time: float, exception: object, **_: object) -> None:
        second = int(time.monotonic() - self._began)
        milliseconds = response_time + self._late.pop(id(gevent.getcurrent()), 0.0)
        self._batch.answers.append((second, name, milliseconds, exception is None))
        if exception is not None:
            self._batch.errors[f"{name}: {exception}"[:200]] += 1


class Watch:
    """Prints each second, and says when the load has to end early."""

    def __init__(self, given: argparse.Namespace, measured: Measured, end: Callable[[], None]) -> None:
        self._measured, self._end = measured, end
        self._limits = Limits(given.abort_p95, given.abort_failures, given.abort_after)
        self.began = time.monotonic()

    def second(self) -> int:
        return int(time.monotonic() - self.began)

    def run(self) -> None:
        while True:
            gevent.sleep(1)
            was_aborted = self._measured.aborted
            print(json.dumps(self._measured.second(self.second(), self._limits)), flush=True)
            if self._measured.aborted and not was_aborted:
                print(json.dumps({"aborted": self._measured.aborted}), flush=True)
                self._end()


def alone(given: argparse.Namespace) -> tuple[Measured, int]:
    measured = Measured()
    generator = Generator(given, lambda batch: measured.add("0", batch))
    watch = Watch(given, measured, generator.stop.set)
    watching, running = gevent.spawn(watch.run), gevent.spawn(generator.run, given.rate)
    try:
        running.join()
    except KeyboardInterrupt:
        print(json.dumps({"stopped": watch.second()}), flush=True)
        generator.stop.set()
        running.join()
    watching.kill()
    running.get()
    return measured, watch.second()


def as_master(given: argparse.Namespace) -> tuple[Measured, int]:
    """Several generators, of this machine or (--bind) of others. One that is lost ends nothing: it is counted."""
    host, _, port = (given.bind or f"{HERE}:0").rpartition(":")
    measured, joined, done = Measured(), set(), set()
    environment = Environment(user_classes=[Visitor], host=given.url)
    runner = environment.create_master_runner(host, int(port) or _free_port())
    runner.register_message("batch", lambda environment, msg, **_: measured.add(msg.node_id, Batch.of(msg.data)))
    runner.register_message("joined", lambda environment, msg, **_: joined.add(msg.node_id))
    runner.register_message("done", lambda environment, msg, **_: done.add(msg.node_id))
    workers = [] if given.bind else [_start_worker(given, runner.master_bind_port) for _ in range(given.generators)]
    try:
        until = time.monotonic() + JOINING_SECONDS
        while len(joined) < given.generators:
            if time.monotonic() > until or any(worker.poll() is not None for worker in workers):
                raise SystemExit(f"{len(joined)} of {given.generators} generators have joined.")
            gevent.sleep(0.1)
        shared = {name: getattr(given, name) for name in ("url", "ramp", "seconds", "think", *JOURNEYS)}
        runner.send_message("load", {**shared, "rate": given.rate / given.generators})
        watch = Watch(given, measured, lambda: runner.send_message("leave"))
        watching = gevent.spawn(watch.run)
        ended = gevent.spawn(_wait_for_workers, given, runner, measured, done)
        try:
            ended.join()
        except KeyboardInterrupt:
            print(json.dumps({"stopped": watch.second()}), flush=True)
            runner.send_message("leave")
            ended.join(LAST_SECONDS)
        watching.kill()
        seconds = watch.second()
        runner.quit()
        return measured, seconds
    finally:
        for worker in workers:
            worker.kill()


def _wait_for_workers(given: argparse.Namespace, runner: object, measured: Measured, done: set[str]) -> None:
    """Until each is done or has been away for long: a busy one's heartbeat may be late."""
    until = time.monotonic() + given.ramp + given.seconds + LEAVING_SECONDS + LAST_SECONDS
    seen = dict.fromkeys((client.id for client in runner.clients.all), time.monotonic())
    while len(done) + measured.lost < given.generators:
        gevent.sleep(0.1)
        now = time.monotonic()
        seen |= dict.fromkeys((client.id for client in runner.clients.ready), now)
        there = {name for name, at in seen.items() if now - at < LAST_SECONDS and now < until}
        measured.lost = given.generators - len(done | there)


def _start_worker(given: argparse.Namespace, port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, __file__, given.url, "--allowed", given.allowed, "--join", f"{HERE}:{port}"]
    return subprocess.Popen(command)  # noqa: S603


def _free_port() -> int:
    import socket

    with socket.socket() as found:
        found.bind((HERE, 0))
        return int(found.getsockname()[1])


def as_worker(given: argparse.Namespace) -> None:
    host, _, port = given.join.rpartition(":")
    environment = Environment(user_classes=[Visitor], host=given.url)
    runner = environment.create_worker_runner(host, int(port))
    generators: list[Generator] = []

    def load(environment: Environment, msg: object, **_: object) -> None:
        asked = argparse.Namespace(**{**vars(given), **msg.data})
        _refuse_others(asked)
        generator = Generator(asked, lambda batch: runner.send_message("batch", batch.as_message()))
        generators.append(generator)

        def run() -> None:
            try:
                generator.run(asked.rate)
            finally:
                runner.send_message("done")

        gevent.spawn(run)

    runner.register_message("load", load)
    runner.register_message("leave", lambda environment, msg, **_: [each.stop.set() for each in generators])
    # Only now: the master sends its load as soon as all have joined.
    runner.send_message("joined")
    runner.greenlet.join()


def _refuse_others(given: argparse.Namespace) -> None:
    host = urlsplit(given.url).hostname or ""
    if host not in given.allowed.split(","):
        raise SystemExit(f"{host} is not among the hosts that may be loaded.")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--allowed", required=True, help="hosts that may be loaded, separated by commas")
    parser.add_argument("--rate", type=float, default=5.0, help="visitors a second once the ramp is over (5)")
    parser.add_argument("--ramp", type=float, default=30.0, help="seconds until then (30)")
    parser.add_argument("--seconds", type=float, default=60.0, help="seconds after the ramp (60)")
    parser.add_argument("--think", type=float, default=2.0, help="mean seconds between two pages (2)")
    for name, weight in (("browse", 70), ("search", 20), ("buy", 10)):
        parser.add_argument(f"--{name}", type=float, default=weight, help=f"share of such visitors ({weight})")
    parser.add_argument("--abort-p95", type=float, help="milliseconds above which the load ends early")
    parser.add_argument("--abort-failures", type=float, help="per cent of failures above which it does")
    parser.add_argument("--abort-after", type=int, default=10, help="seconds on end before either does (10)")
    parser.add_argument("--generators", type=int, default=1, help="processes that share the visitors (1)")
    parser.add_argument("--bind", help="HOST:PORT where generators of other machines join, in place of our own")
    parser.add_argument("--join", help="HOST:PORT of the master for which this one generates")
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    _refuse_others(given)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if given.join:
        # The master hears Ctrl-C, and says when to leave.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        as_worker(given)
        return 0
    if given.output is None:
        parser.error("--output says where the measurements go.")
    started = time.time()
    measured, seconds = as_master(given) if given.generators > 1 or given.bind else alone(given)
    data = measured.as_json(started=started, seconds=seconds, generators=given.generators)
    # Half of it would be taken for measurements.
    partial = given.output.with_name(f".{given.output.name}.partial")
    partial.write_text(json.dumps(data))
    partial.replace(given.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
