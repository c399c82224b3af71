"""Answers remembered by one process as long as the data they come from has the same revision."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Memo(Generic[T]):
    """At most `size` answers, the least recently used go first. A new revision empties it; with revision 0, which means
    that nothing was ever counted, nothing is remembered."""

    def __init__(self, *, size: int) -> None:
        self._size = size
        self._revision: Hashable = None
        self._answers: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = Lock()

    def get(self, revision: Hashable, key: Hashable, ask: Callable[[], T]) -> T:
        """The answer for this key; `ask` runs outside the lock and may run twice at once."""
        with self._lock:
            if revision != self._revision:
                self._answers.clear()
                self._revision = revision
            elif key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        answer = ask()
        with self._lock:
            if revision and revision == self._revision:
                self._answers[key] = answer
                while len(self._answers) > self._size:
                    self._answers.popitem(last=False)
        return answer
