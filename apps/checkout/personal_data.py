"""People's rights over their data (GDPR articles 15, 17 and 20), over every part of the shop that knows them.

A customer asks from the account; about anybody, by e-mail address, staff ask.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts import personal_data as accounts
from apps.accounts.access_log import fingerprint, log_access
from apps.accounts.models import DataAccess, User
from apps.aftersales import personal_data as aftersales
from apps.basket import personal_data as basket
from apps.comments import personal_data as comments
from apps.common import mail
from apps.common.email_addresses import canonical_email
from apps.common.errors import DomainError
from apps.common.tasks import send_after_commit
from apps.invoicing import personal_data as invoicing
from apps.orders import personal_data as orders
from apps.payments import personal_data as payments
from apps.prospects import personal_data as prospects


class OpenOrders(DomainError):
    code = "open_orders"


def collect_customer(*, user: User, now: datetime) -> dict[str, Any]:
    """All that the shop holds about somebody, in a form that other programs read."""
    return {
        "exported_at": now,
        "account": accounts.collect_account(user=user),
        "baskets": basket.collect_baskets(user=user),
        "orders": orders.collect_orders(user=user),
        "past_orders": orders.collect_past_orders(emails=orders.verified_emails(user)),
        "documents": invoicing.collect_documents(user=user),
        "withdrawals": aftersales.collect_withdrawals(user=user),
        "comments": comments.collect_comments(user=user),
        "comment_reports": comments.collect_reports(user=user),
        "prospects": prospects.collect_prospects(user=user) if _is_theirs(user) else [],
    }


def erase_customer(*, user: User, now: datetime) -> None:
    """Close an account and erase whoever held it; orders stay as far as accounting law requires.

    Raises OpenOrders (details: numbers) or StaffAccount, and then nothing has changed. Locks the baskets before it
    looks at the orders, so that no order is placed in between. Tells the former address when it is done.
    """
    with transaction.atomic(durable=True):
        _erase_customer(user=user, now=now)


def _erase_customer(*, user: User, now: datetime) -> None:
    """Within the caller's transaction."""
    farewell = _farewell(user)
    basket.lock_baskets(user=user)
    unfinished = _numbers(
        aftersales.open_withdrawals(user=user),
        orders.open_orders(user=user, now=now),
        payments.open_disputes(user=user),
    )
    if unfinished:
        raise OpenOrders(
            ngettext(
                "La commande %(numbers)s n’est pas terminée. Vous pourrez effacer votre compte quand elle le sera.",
                "Les commandes %(numbers)s ne sont pas terminées. Vous pourrez effacer votre compte quand elles le "
                "seront.",
                len(unfinished),
            )
            % {"numbers": ", ".join(unfinished)},
            numbers=unfinished,
        )
    basket.erase_baskets(user=user)
    aftersales.erase_withdrawals(user=user, now=now)
    orders.erase_orders(user=user, now=now)
    comments.erase_comments(user=user)
    if _is_theirs(user):
        prospects.erase_prospects(email=user.email)
    orders.erase_past_orders(emails=orders.verified_emails(user), now=now)
    accounts.erase_account(user=user, now=now)
    send_after_commit(farewell, key=f"erased-{user.pk}")


def _numbers(*found: list[str]) -> list[str]:
    """Of orders that are not finished, each once: under way, withdrawn and not refunded, or disputed."""
    return list(dict.fromkeys(number for numbers in found for number in numbers))


def _is_theirs(user: User) -> bool:
    """Prospects hang on an e-mail address alone: only who has proved that it is theirs may see or erase them."""
    return EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists()


def _farewell(user: User) -> EmailMultiAlternatives:
    with translation.override(user.language):
        return mail.compose_text(
            subject=_("Votre compte est effacé"),
            text="\n\n".join(
                [
                    _("Bonjour,"),
                    _(
                        "Comme vous l’avez demandé, votre compte, vos adresses et vos paniers sont effacés. Vos "
                        "commandes payées restent dans nos comptes pendant dix ans, sans votre adresse e-mail ni "
                        "votre téléphone : la loi nous y oblige (art. L123-22 du code de commerce)."
                    ),
                    _("Si ce n’était pas vous, répondez tout de suite à ce message."),
                ]
            ),
            to=user.email,
            language=user.language,
            key=f"erased-{user.pk}",
        )


@dataclass(frozen=True)
class Person:
    email: str
    user: User | None
    account: dict[str, Any]
    prospects: list[dict[str, Any]]
    orders: list[dict[str, Any]]
    past_orders: list[dict[str, Any]]
    comments: list[dict[str, Any]]
    withdrawals: list[dict[str, Any]]
    documents: list[dict[str, Any]]

    @property
    def has_data(self) -> bool:
        return self.size > 0

    @property
    def size(self) -> int:
        lists = (self.prospects, self.orders, self.past_orders, self.comments, self.withdrawals, self.documents)
        return bool(self.user) + sum(map(len, lists))


def collect_person(*, email: str, by: User, now: datetime) -> Person:
    """All that is held about an e-mail address, with an account or without; the look is logged. A constant number of
    queries.

    For staff who have made sure who asks (GDPR art. 12 § 6): nothing here proves that an address is somebody's.
    """
    person = _gather(canonical_email(email), now)
    _log(DataAccess.Action.LOOKED_UP, person, by, now)
    return person


def erase_person(*, email: str, by: User, now: datetime) -> Person:
    """Erase a person for staff who have made sure who asks; logged. Their account, prospects, name on comments, and
    guest orders as far as accounting law lets us.

    Returns what was held. Raises OpenOrders (details: numbers) or StaffAccount, and then nothing has changed.
    """
    email = canonical_email(email)
    with transaction.atomic(durable=True):
        person = _gather(email, now)
        unfinished = _numbers(
            orders.open_guest_orders(email=email, now=now),
            aftersales.open_guest_withdrawals(email=email),
            payments.open_guest_disputes(email=email),
        )
        if person.user:
            unfinished = _numbers(
                unfinished,
                orders.open_orders(user=person.user, now=now),
                aftersales.open_withdrawals(user=person.user),
                payments.open_disputes(user=person.user),
            )
        if unfinished:
            raise OpenOrders(
                _("Des commandes ne sont pas terminées : %(numbers)s. Effacez cette personne quand elles le seront.")
                % {"numbers": ", ".join(unfinished)},
                numbers=unfinished,
            )
        if person.user:
            # Looks at the orders again, once the baskets are locked.
            _erase_customer(user=person.user, now=now)
        aftersales.erase_guest_withdrawals(email=email, now=now)
        orders.erase_guest_orders(email=email, now=now)
        orders.erase_past_orders(emails=[email], now=now)
        comments.erase_guest_comments(email=email)
        prospects.erase_prospects(email=email)
        _log(DataAccess.Action.ERASED, person, by, now)
    return person


def _gather(email: str, now: datetime) -> Person:
    user = User.objects.filter(email=email, erased_at=None).first()
    account = collect_customer(user=user, now=now) if user else {}
    # An account that has proved to own the address shows what was written with it already.
    written = account.get("comments", [])
    emails = sorted({email, *(orders.verified_emails(user) if user else [])})
    return Person(
        email=email,
        user=user,
        account={name: value for name, value in account.items() if name in ("account", "baskets")},
        prospects=prospects.collect_prospects_by_email(email=email),
        orders=[*account.get("orders", []), *orders.collect_guest_orders(email=email)],
        past_orders=orders.collect_past_orders(emails=emails),
        comments=written + [each for each in comments.collect_guest_comments(email=email) if each not in written],
        withdrawals=[*account.get("withdrawals", []), *aftersales.collect_guest_withdrawals(email=email)],
        documents=[*account.get("documents", []), *invoicing.collect_guest_documents(email=email)],
    )


def _log(action: DataAccess.Action, person: Person, by: User, now: datetime) -> None:
    log_access(
        action=action, what=_("une personne"), count=person.size, detail=fingerprint(person.email), by=by, now=now
    )
