"""A customer's rights over their data (GDPR articles 15, 17 and 20), over every part of the shop that knows them."""

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts import services as accounts
from apps.accounts.models import User
from apps.basket import personal_data as basket
from apps.comments import personal_data as comments
from apps.common import mail
from apps.common.errors import DomainError
from apps.common.tasks import send_after_commit
from apps.orders import personal_data as orders
from apps.prospects import personal_data as prospects
from apps.prospects.services import erase_person


class OpenOrders(DomainError):
    code = "open_orders"


def export(*, user: User, now: datetime) -> dict[str, Any]:
    """All that the shop holds about somebody, in a form that other programs read."""
    return {
        "exported_at": now,
        "account": accounts.personal_data(user),
        "baskets": basket.personal_data(user),
        "orders": orders.personal_data(user),
        "comments": comments.personal_data(user),
        "comment_reports": comments.reports_of(user),
        "prospects": prospects.personal_data(user) if _is_theirs(user) else [],
    }


def erase(*, user: User, now: datetime) -> None:
    """Close an account and forget whoever held it; orders stay as far as accounting law requires.

    Raises OpenOrders (details: numbers) or StaffAccount, and then nothing has changed. Locks the baskets before it
    looks at the orders, so that no order is placed in between. Tells the former address when it is done.
    """
    with transaction.atomic(durable=True):
        close_account(user=user, now=now)


def close_account(*, user: User, now: datetime) -> None:
    """`erase` within the caller's transaction."""
    farewell = _farewell(user)
    basket.lock_baskets(user=user)
    unfinished = orders.open_orders(user=user, now=now)
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
    basket.delete_baskets(user=user)
    orders.anonymise_orders(user=user, now=now)
    comments.anonymise_comments(user=user)
    if _is_theirs(user):
        erase_person(email=user.email)
    accounts.anonymise_account(user=user, now=now)
    send_after_commit(farewell, key=f"erased-{user.pk}")


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
