"""The database settings of read replicas."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environ import Env

# A page waits no longer for a replica; the primary is asked instead. In seconds.
CONNECT, ANSWER = 1, 2
# Reads of minutes: an export, the data lake.
LONG_ANSWER = 300


def databases(urls: list[str], *, primary: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Two aliases for each URL, `replica1` and `replica1_long`, in the order of the URLs: the same server and the
    primary's options, with a short and a long timeout."""
    found = {}
    for number, url in enumerate(urls, start=1):
        own = Env.db_url_config(url)
        if own.get("ENGINE") != primary["ENGINE"]:
            raise ImproperlyConfigured(f"DATABASE_REPLICA_URLS: replica {number} is not of the kind of DATABASE_URL.")
        for ending, answer in (("", ANSWER), ("_long", LONG_ANSWER)):
            found[f"replica{number}{ending}"] = {
                **primary,
                **{name: value for name, value in own.items() if name != "OPTIONS"},
                "OPTIONS": {**primary["OPTIONS"], **own.get("OPTIONS", {}), **_timeouts(own, answer)},
                # Tests see one database.
                "TEST": {"MIRROR": "default"},
            }
    return found


def _timeouts(own: dict[str, Any], answer: int) -> dict[str, int]:
    if own["ENGINE"] == "django.db.backends.sqlite3":
        return {}
    return {"connect_timeout": CONNECT, "read_timeout": answer, "write_timeout": answer}
