"""In-process LRU cache that is valid for one revision of the data."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Memo(Generic[T]):
    """Holds at most `size` values, the most recently used. A new revision empties it. With revision 0 (there is no
    CatalogueRevision yet) nothing is stored."""

    def __init__(self, *, size: int) -> None:
        self._size = size
        self._revision: Hashable = None
        self._answers: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = Lock()

    def get(self, revision: Hashable, key: Hashable, compute: Callable[[], T]) -> T:
        """The value for this key. `compute` runs outside the lock, so two threads may run it at once."""
        with self._lock:
            if revision != self._revision:
                self._answers.clear()
                self._revision = revision
            elif key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        answer = compute()
        with self._lock:
            if revision and revision == self._revision:
                self._answers[key] = answer
                while len(self._answers) > self._size:
                    self._answers.popitem(last=False)
        return answer
