"""All that the shop holds about one person, by e-mail address: with an account, without, or both.

For staff who have made sure who asks (RGPD art. 12 § 6): nothing here proves that an address is somebody's.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.access_log import fingerprint, log_access
from apps.accounts.models import DataAccess, User
from apps.checkout.personal_data import OpenOrders, close_account
from apps.checkout.personal_data import export as export_account
from apps.comments import personal_data as comments
from apps.common.email_addresses import canonical_email
from apps.orders import personal_data as orders
from apps.prospects import personal_data as prospects
from apps.prospects.services import erase_person


@dataclass(frozen=True)
class Person:
    email: str
    user: User | None
    account: dict[str, Any]
    prospects: list[dict[str, Any]]
    orders: list[dict[str, Any]]
    comments: list[dict[str, Any]]

    @property
    def is_known(self) -> bool:
        return bool(self.user or self.prospects or self.orders or self.comments)

    @property
    def size(self) -> int:
        return bool(self.user) + len(self.prospects) + len(self.orders) + len(self.comments)


def look_up(*, email: str, by: User, now: datetime) -> Person:
    """What is held about an address; the look is logged. A constant number of queries."""
    person = _gather(canonical_email(email), now)
    _log(DataAccess.Action.LOOKED_UP, person, by, now)
    return person


def erase_all(*, email: str, by: User, now: datetime) -> Person:
    """Forget a person: account, prospects, comments' names, guest orders as far as accounting law lets us; logged.

    Returns what was held. Raises OpenOrders (details: numbers) or StaffAccount, and then nothing has changed.
    """
    email = canonical_email(email)
    with transaction.atomic(durable=True):
        person = _gather(email, now)
        unfinished = orders.open_guest_orders(email=email, now=now)
        if person.user:
            unfinished += orders.open_orders(user=person.user, now=now)
        if unfinished:
            raise OpenOrders(
                _("Des commandes ne sont pas terminées : %(numbers)s. Effacez cette personne quand elles le seront.")
                % {"numbers": ", ".join(unfinished)},
                numbers=unfinished,
            )
        if person.user:
            # Looks at the orders again, once the baskets are locked.
            close_account(user=person.user, now=now)
        orders.anonymise_guest_orders(email=email, now=now)
        comments.anonymise_address(email=email)
        erase_person(email=email)
        _log(DataAccess.Action.ERASED, person, by, now)
    return person


def _gather(email: str, now: datetime) -> Person:
    user = User.objects.filter(email=email, erased_at=None).first()
    account = export_account(user=user, now=now) if user else {}
    # An account that has proved to own the address shows what was written with it already.
    written = account.get("comments", [])
    return Person(
        email=email,
        user=user,
        account={name: value for name, value in account.items() if name in ("account", "baskets")},
        prospects=prospects.data_of_address(email),
        orders=[*account.get("orders", []), *orders.data_of_guest(email)],
        comments=written + [each for each in comments.data_of_address(email) if each not in written],
    )


def _log(action: DataAccess.Action, person: Person, by: User, now: datetime) -> None:
    log_access(
        action=action, what=_("une personne"), count=person.size, detail=fingerprint(person.email), by=by, now=now
    )
