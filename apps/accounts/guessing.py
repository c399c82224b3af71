"""Guessing at passwords and codes, slowed down at every door by the same counts, and never for the account's owner.

A *place* is an account seen from one network: a /24 of IPv4 or a /64 of IPv6. Three things are counted:

- A place has 5 tries in 15 minutes; then it waits until the 15 minutes are over.
- 20 wrong tries for an account, from wherever, show that somebody is guessing at it, until there was none for 3 days.
  Meanwhile the account itself answers slowly: a place has 3 tries, and then waits an hour before the next, 2 after
  that, 4, 8, 16, 24. Who has N networks has 9 N guesses in the first three days, and N a day after.
- 60 wrong tries from one network in 15 minutes, at whichever accounts: it waits until they are over. The same for
  a /48 of IPv6, which holds 65,536 places of one customer.

No count of others is held against a place that has not failed itself, so nobody can shut an owner out from elsewhere.
A place from which the account's owner has come in within 90 days, or has chosen a new password by the link in an
e-mail, is known: it has its 5 tries in 15 minutes whatever happens to the account or in its network.

Kept in the cache that all processes share, under keyed hashes. A try is counted before the password is looked at, under
a lock, so that many at once are not more than their number; it is taken back when it turns out to be right.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils.crypto import salted_hmac

from apps.common import addresses

TRIES, WINDOW = 5, timedelta(minutes=15)
SUSPECT_AFTER, SUSPECT_FOR = 20, timedelta(days=3)
SLOW_TRIES = 3
SLOW_WAITS = tuple(timedelta(hours=hours) for hours in (1, 2, 4, 8, 16, 24))
NETWORK_TRIES = 60
KNOWN_FOR = timedelta(days=90)
# Longer than the longest wait, so that a place does not begin again by waiting.
REMEMBERED_FOR = timedelta(days=3)
LOCK_SECONDS, LOCK_TRIES, LOCK_PAUSE = 10, 100, 0.02


@dataclass(frozen=True)
class Count:
    """Tries within a window, and all that are remembered. Times are POSIX seconds."""

    tries: int = 0
    opened: float = 0.0
    total: int = 0
    last: float = 0.0

    def within(self, window: timedelta, now: float) -> "Count":
        """The window that the first try opened is over: begin again."""
        return self if now < self.opened + window.total_seconds() else replace(self, tries=0, opened=now)

    def without_pause(self, pause: timedelta, now: float) -> "Count":
        """Nobody has tried for so long: begin again."""
        return self if now < self.last + pause.total_seconds() else Count(opened=now)

    def add(self, now: float) -> "Count":
        return replace(self, tries=self.tries + 1, total=self.total + 1, last=now)


@dataclass(frozen=True)
class Who:
    """An account seen from an address."""

    account: str
    address: str

    @property
    def networks(self) -> list[str]:
        return sorted({addresses.network(self.address), addresses.site(self.address)})

    @property
    def place(self) -> str:
        return _key("place", self.account, addresses.network(self.address))

    @property
    def known(self) -> str:
        return _key("known", self.account, addresses.network(self.address))

    @property
    def anywhere(self) -> str:
        return _key("account", self.account)


def begin(*, account: str, address: str, now: datetime) -> float:
    """Count one try at an account. 0: look at the password; else the seconds to wait, and nothing was counted."""
    who, at = Who(account, address), now.timestamp()
    with _locked(who.place) as is_mine:
        if not is_mine:
            return 1.0
        count, wait = _look(who, at)
        if not wait:
            cache.set(who.place, astuple(count.add(at)), REMEMBERED_FOR.total_seconds())
        return wait


def waiting(*, account: str, address: str, now: datetime) -> float:
    """The seconds that a next try would have to wait; counts nothing."""
    return _look(Who(account, address), now.timestamp())[1]


def failed(*, account: str, address: str, now: datetime) -> None:
    """The try that `begin` counted was wrong: it counts for the account and for the network too."""
    who, at = Who(account, address), now.timestamp()
    with _locked(who.anywhere):
        kept = cache.get(who.anywhere)
        count = Count(*kept).without_pause(SUSPECT_FOR, at) if kept else Count(opened=at)
        cache.set(who.anywhere, astuple(count.add(at)), SUSPECT_FOR.total_seconds())
    for network in who.networks:
        key = _key("network", network)
        with _locked(key):
            kept = cache.get(key)
            count = Count(*kept).within(WINDOW, at) if kept else Count(opened=at)
            cache.set(key, astuple(count.add(at)), WINDOW.total_seconds())


def succeeded(*, account: str, address: str) -> None:
    """The try was right: its place begins again at none, and is known from now on. The account's own count stays."""
    who = Who(account, address)
    cache.delete(who.place)
    cache.set(who.known, 1, KNOWN_FOR.total_seconds())


def let_try_again(*, account: str, address: str, now: datetime) -> None:
    """A colleague vouches for a place: it may try again at once.

    Not while somebody is guessing at the account, who may be that colleague: vouching each time would be guessing
    without end.
    """
    who, at = Who(account, address), now.timestamp()
    kept = cache.get(who.anywhere)
    if kept and Count(*kept).without_pause(SUSPECT_FOR, at).tries >= SUSPECT_AFTER:
        return
    cache.delete_many([who.place, *(_key("network", network) for network in who.networks)])


def _look(who: Who, at: float) -> tuple[Count, float]:
    """The place's count, and how long it has to wait. One query."""
    networks = [_key("network", network) for network in who.networks]
    kept = cache.get_many([who.place, who.known, who.anywhere, *networks])

    def count(key: str) -> Count:
        return Count(*kept[key]) if key in kept else Count(opened=at)

    here = count(who.place).within(WINDOW, at)
    if here.tries >= TRIES:
        return here, _left(here, at)
    if who.known in kept:
        return here, 0.0
    for network in networks:
        if (others := count(network).within(WINDOW, at)).tries >= NETWORK_TRIES:
            return here, _left(others, at)
    if here.total < SLOW_TRIES or count(who.anywhere).without_pause(SUSPECT_FOR, at).tries < SUSPECT_AFTER:
        return here, 0.0
    pause = SLOW_WAITS[min(here.total - SLOW_TRIES, len(SLOW_WAITS) - 1)]
    return here, max(0.0, here.last + pause.total_seconds() - at)


def _left(count: Count, at: float) -> float:
    return max(1.0, count.opened + WINDOW.total_seconds() - at)


def _key(*parts: str) -> str:
    kind, *who = parts
    return f"guessing:{kind}:{salted_hmac('guessing', chr(0).join(who).lower(), algorithm='sha256').hexdigest()[:40]}"


@contextmanager
def _locked(key: str) -> Iterator[bool]:
    """Whether the lock was had; it goes by itself when its process dies."""
    lock = f"{key}:lock"
    for _attempt in range(LOCK_TRIES):
        if cache.add(lock, 1, LOCK_SECONDS):
            break
        time.sleep(LOCK_PAUSE)
    else:
        yield False
        return
    try:
        yield True
    finally:
        cache.delete(lock)
