"""Reads of the catalogue that are the same for everybody, from a read replica where it has the present revision."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.conf import settings

from apps.catalogue import revision
from apps.common import replicas

P = ParamSpec("P")
R = TypeVar("R")


def from_replica(view: Callable[P, R]) -> Callable[P, R]:
    """Decorator of a view that writes nothing and may be run twice.

    The request's revision is the primary's, as without replicas, and a replica is read only when it has it: what is
    read is as new as the primary's would have been by the promise of `revision`, however late the replica is. What is
    cached under that revision is therefore never older than it.
    """

    @wraps(view)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if not settings.REPLICAS:
            return view(*args, **kwargs)
        with revision.pinned():
            return replicas.read(lambda: view(*args, **kwargs), caught_up=revision.has_arrived)

    run.reads_replica = True  # type: ignore[attr-defined]
    return run
