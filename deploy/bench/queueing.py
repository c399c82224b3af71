"""A small discrete-event simulation: processes that wait for stations, locks and flushes.

A process is a generator that yields what it waits for:

    yield 0.5                       half a second
    yield station.use(0.002)        two milliseconds of one of the station's servers, after those who came before
    yield lock.take()               … later lock.free()
    yield flush.commit()            the end of a flush that begins after now; one flush serves all who wait for it
"""

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Generator
from typing import Any

Process = Generator[Any, None, None]


class Simulation:
    def __init__(self) -> None:
        self.now = 0.0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def at(self, moment: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._events, (moment, next(self._order), action))

    def start(self, process: Process) -> None:
        """Run the process until it waits, and again when that is over."""
        try:
            wanted = next(process)
        except StopIteration:
            return
        if isinstance(wanted, int | float):
            self.at(self.now + wanted, lambda: self.start(process))
        else:
            wanted(lambda: self.start(process))

    def run(self, until: float) -> None:
        while self._events and self._events[0][0] <= until:
            self.now, _, action = heapq.heappop(self._events)
            action()
        self.now = until


class Station:
    """Servers with one queue, first come first served. `busy` is the seconds for which they have worked."""

    def __init__(self, simulation: Simulation, servers: int) -> None:
        self.simulation, self.servers = simulation, servers
        self._free = servers
        self._waiting: deque[tuple[float, Callable[[], None]]] = deque()
        self.busy = 0.0

    def use(self, seconds: float) -> Callable[[Callable[[], None]], None]:
        def wait(resume: Callable[[], None]) -> None:
            if self._free:
                self._free -= 1
                self._serve(seconds, resume)
            else:
                self._waiting.append((seconds, resume))

        return wait

    def _serve(self, seconds: float, resume: Callable[[], None]) -> None:
        self.busy += seconds

        def end() -> None:
            if self._waiting:
                self._serve(*self._waiting.popleft())
            else:
                self._free += 1
            resume()

        self.simulation.at(self.simulation.now + seconds, end)


class Lock:
    """Held by `size` processes at a time. `length` is how many hold it or wait for it."""

    def __init__(self, size: int = 1) -> None:
        self.size = size
        self.length = 0
        self._waiting: deque[Callable[[], None]] = deque()

    def take(self) -> Callable[[Callable[[], None]], None]:
        def wait(resume: Callable[[], None]) -> None:
            self.length += 1
            if self.length <= self.size:
                resume()
            else:
                self._waiting.append(resume)

        return wait

    def free(self) -> None:
        self.length -= 1
        if self._waiting:
            self._waiting.popleft()()


class Flush:
    """The log of a database: whoever commits while a flush is under way waits for the next one, together."""

    def __init__(self, simulation: Simulation, seconds: float) -> None:
        self.simulation, self.seconds = simulation, seconds
        self._is_under_way = False
        self._waiting: list[Callable[[], None]] = []
        self.count = 0

    def commit(self) -> Callable[[Callable[[], None]], None]:
        def wait(resume: Callable[[], None]) -> None:
            self._waiting.append(resume)
            if not self._is_under_way:
                self._begin()

        return wait

    def _begin(self) -> None:
        served, self._waiting = self._waiting, []
        self._is_under_way = True
        self.count += 1

        def end() -> None:
            self._is_under_way = False
            for resume in served:
                resume()
            if self._waiting and not self._is_under_way:
                self._begin()

        self.simulation.at(self.simulation.now + self.seconds, end)
