"""Rate limits on wrong passwords and codes: shared by every login, and unable to lock an account's owner out.

A *source* is one account tried from one network (a /24 of IPv4, a /64 of IPv6). Three things are counted:

- Per source: 5 tries in 15 minutes; then it waits until the 15 minutes are over.
- Per account: after 20 wrong tries from any source the account is suspect, until there was none for 3 days. While it
  is, a source has 3 tries, then waits 1 hour before the next, then 2, 4, 8, 16 and 24 each time. An attacker with N
  networks has 9 N guesses in the first three days, and N a day after.
- Per network: 60 wrong tries in 15 minutes, at whichever accounts; then it waits until they are over. The same for a
  /48 of IPv6, which gives one customer 65,536 sources.

Wrong tries from other networks never delay a source that has not failed itself, so an owner cannot be locked out from
elsewhere. A source is *trusted* for 90 days after a successful login, or after a new password was chosen by the link in
an e-mail: only the first limit applies to it.

Stored in the shared cache under keyed hashes. A try is counted before the password is checked, under a lock, so that
concurrent tries do not exceed the limit; a successful one resets its source's count.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils.crypto import salted_hmac

from apps.common import ip_networks

TRIES, WINDOW = 5, timedelta(minutes=15)
SUSPECT_AFTER, SUSPECT_FOR = 20, timedelta(days=3)
SLOW_TRIES = 3
SLOW_WAITS = tuple(timedelta(hours=hours) for hours in (1, 2, 4, 8, 16, 24))
NETWORK_TRIES = 60
TRUSTED_FOR = timedelta(days=90)
# At least the longest wait, so that waiting does not reset a source.
REMEMBERED_FOR = timedelta(days=3)
LOCK_SECONDS, LOCK_TRIES, LOCK_PAUSE = 10, 100, 0.02


@dataclass(frozen=True)
class Count:
    """`tries` in the current window, `total` since the first one. `opened` and `last` are POSIX seconds."""

    tries: int = 0
    opened: float = 0.0
    total: int = 0
    last: float = 0.0

    def within(self, window: timedelta, now: float) -> "Count":
        """With `tries` reset when the window that began at `opened` is over."""
        return self if now < self.opened + window.total_seconds() else replace(self, tries=0, opened=now)

    def without_pause(self, pause: timedelta, now: float) -> "Count":
        """A new count when the last try is at least `pause` ago."""
        return self if now < self.last + pause.total_seconds() else Count(opened=now)

    def add(self, now: float) -> "Count":
        return replace(self, tries=self.tries + 1, total=self.total + 1, last=now)


@dataclass(frozen=True)
class Source:
    """One account tried from one IP, with the cache keys of its counts."""

    account: str
    ip: str

    @property
    def networks(self) -> list[str]:
        return sorted({ip_networks.network(self.ip), ip_networks.site(self.ip)})

    @property
    def key(self) -> str:
        return _key("place", self.account, ip_networks.network(self.ip))

    @property
    def trusted_key(self) -> str:
        return _key("known", self.account, ip_networks.network(self.ip))

    @property
    def account_key(self) -> str:
        return _key("account", self.account)


def begin(*, account: str, ip: str, now: datetime) -> float:
    """Count one try. Returns 0 when the password may be checked; else the seconds to wait, and nothing was counted."""
    source, at = Source(account, ip), now.timestamp()
    with _locked(source.key) as is_mine:
        if not is_mine:
            return 1.0
        count, wait = _look(source, at)
        if not wait:
            cache.set(source.key, astuple(count.add(at)), REMEMBERED_FOR.total_seconds())
        return wait


def waiting(*, account: str, ip: str, now: datetime) -> float:
    """Seconds that the next try would have to wait; counts nothing."""
    return _look(Source(account, ip), now.timestamp())[1]


def failed(*, account: str, ip: str, now: datetime) -> None:
    """Count the try that `begin` counted for the account and for the network too: it was wrong."""
    source, at = Source(account, ip), now.timestamp()
    with _locked(source.account_key):
        counts = cache.get(source.account_key)
        count = Count(*counts).without_pause(SUSPECT_FOR, at) if counts else Count(opened=at)
        cache.set(source.account_key, astuple(count.add(at)), SUSPECT_FOR.total_seconds())
    for network in source.networks:
        key = _key("network", network)
        with _locked(key):
            counts = cache.get(key)
            count = Count(*counts).within(WINDOW, at) if counts else Count(opened=at)
            cache.set(key, astuple(count.add(at)), WINDOW.total_seconds())


def succeeded(*, account: str, ip: str) -> None:
    """Reset the source's count and trust it from now on: the try was right. The account's count stays."""
    source = Source(account, ip)
    cache.delete(source.key)
    cache.set(source.trusted_key, 1, TRUSTED_FOR.total_seconds())


def let_try_again(*, account: str, ip: str, now: datetime) -> None:
    """Let a source try again at once, at a colleague's request.

    Does nothing while the account is suspect: the colleague may be the one who guesses, and could do so without limit.
    """
    source, at = Source(account, ip), now.timestamp()
    counts = cache.get(source.account_key)
    if counts and Count(*counts).without_pause(SUSPECT_FOR, at).tries >= SUSPECT_AFTER:
        return
    cache.delete_many([source.key, *(_key("network", network) for network in source.networks)])


def _look(source: Source, at: float) -> tuple[Count, float]:
    """The source's count, and the seconds that it has to wait. One query."""
    networks = [_key("network", network) for network in source.networks]
    counts = cache.get_many([source.key, source.trusted_key, source.account_key, *networks])

    def count(key: str) -> Count:
        return Count(*counts[key]) if key in counts else Count(opened=at)

    here = count(source.key).within(WINDOW, at)
    if here.tries >= TRIES:
        return here, _left(here, at)
    if source.trusted_key in counts:
        return here, 0.0
    for network in networks:
        if (others := count(network).within(WINDOW, at)).tries >= NETWORK_TRIES:
            return here, _left(others, at)
    if here.total < SLOW_TRIES or count(source.account_key).without_pause(SUSPECT_FOR, at).tries < SUSPECT_AFTER:
        return here, 0.0
    pause = SLOW_WAITS[min(here.total - SLOW_TRIES, len(SLOW_WAITS) - 1)]
    return here, max(0.0, here.last + pause.total_seconds() - at)


def _left(count: Count, at: float) -> float:
    return max(1.0, count.opened + WINDOW.total_seconds() - at)


def _key(*parts: str) -> str:
    kind, *rest = parts
    return f"guessing:{kind}:{salted_hmac('guessing', chr(0).join(rest).lower(), algorithm='sha256').hexdigest()[:40]}"


@contextmanager
def _locked(key: str) -> Iterator[bool]:
    """Yields whether the lock was taken; it expires by itself when its process dies."""
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
