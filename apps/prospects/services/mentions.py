"""Resolves mentions: « @camille » is a colleague, by e-mail, its local part, or first name."""

import re
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from apps.accounts.models import User

_MENTION = re.compile(r"(?<![\w@.])@(\w[\w.+-]*(?:@[\w-]+(?:\.[\w-]+)+)?)")


@dataclass(frozen=True)
class Mentions:
    people: list[User]
    unknown: list[str]


def team() -> "QuerySet[User]":
    """Who may work on prospects: active staff with the right to change them."""
    permission = {"codename": "change_prospect", "content_type__app_label": "prospects"}
    granted = Q(is_superuser=True)
    for path in ("user_permissions", "groups__permissions"):
        granted |= Q(**{f"{path}__{name}": value for name, value in permission.items()})
    return User.objects.filter(granted, is_staff=True, is_active=True).distinct().order_by("email")


def handles() -> dict[str, User]:
    """What to write after the @ for each colleague; one query. A name that two share means neither."""
    people = list(team())
    found: dict[str, User] = {}
    shared: set[str] = set()
    for user in people:
        for handle in {user.email.partition("@")[0].lower(), user.first_name.lower()} - {""}:
            if handle in found:
                shared.add(handle)
            found[handle] = user
    for handle in shared:
        del found[handle]
    return found | {user.email.lower(): user for user in people}


def short_handles(by_handle: dict[str, User]) -> list[tuple[str, User]]:
    """One handle for each colleague, the shortest that means nobody else."""
    shortest: dict[int, tuple[str, User]] = {}
    for handle, user in by_handle.items():
        if user.pk not in shortest or (len(handle), handle) < (len(shortest[user.pk][0]), shortest[user.pk][0]):
            shortest[user.pk] = (handle, user)
    return sorted(shortest.values(), key=lambda entry: entry[0])


def find_mentions(text: str) -> Mentions:
    """Colleagues named in a text, each once, and the names that mean nobody. One query if there is an @."""
    written = [match.rstrip(".-") for match in _MENTION.findall(text)]
    if not written:
        return Mentions([], [])
    by_handle = handles()
    people = {user.pk: user for name in written if (user := by_handle.get(name.lower()))}
    return Mentions(list(people.values()), [name for name in written if name.lower() not in by_handle])
