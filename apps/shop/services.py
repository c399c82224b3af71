import time
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.common import revisions
from apps.common.errors import DomainError
from apps.shop.models import Shop, TermsText
from apps.shop.terms import TEMPLATES


class AlreadyOpen(DomainError):
    code = "shop_already_open"


class NotReady(DomainError):
    """`details["reasons"]`: a sentence for each thing that is missing."""

    code = "shop_not_ready"


def the_row() -> Shop:
    """The shop's one row; created blank where there is none."""
    return Shop.objects.get_or_create(pk=1)[0]


@transaction.atomic
def save_shop(*, shop: Shop, by: AbstractBaseUser | None) -> None:
    """Write a new version of the shop's facts. Pages and processes have it within seconds of the commit.

    A former prefix of order numbers is kept: people quote numbers for years. The caller holds the row's lock if others
    may save too.
    """
    before = Shop.objects.filter(pk=1).values_list("order_prefix", "former_prefixes").first()
    if before and before[0] != shop.order_prefix:
        former = [prefix for prefix in before[1].split() if prefix != shop.order_prefix]
        shop.former_prefixes = " ".join([before[0], *former])
    _write(shop, by=by)


@transaction.atomic
def open_shop(*, reasons: list[str], by: AbstractBaseUser, now: datetime) -> Shop:
    """Open the shop to the public. Raises NotReady with `reasons`, what the caller has found missing; AlreadyOpen."""
    the_row()
    shop = Shop.objects.select_for_update().get(pk=1)
    if shop.opened_at is not None:
        raise AlreadyOpen(_("La boutique est déjà ouverte."))
    if reasons:
        sentence = ngettext(
            "La boutique ne peut pas encore ouvrir : il manque %(count)s chose.",
            "La boutique ne peut pas encore ouvrir : il manque %(count)s choses.",
            len(reasons),
        )
        raise NotReady(sentence % {"count": len(reasons)}, reasons=reasons)
    shop.opened_at = now
    _write(shop, by=by)
    return shop


@transaction.atomic
def publish_terms(*, text_fr: str, text_en: str, by: AbstractBaseUser, now: datetime) -> TermsText:
    """Put terms of sale in force under the day's date. The same texts as those in force are not published again.

    Every earlier version stays as it is, for the orders that accepted it.
    """
    the_row()
    shop = Shop.objects.select_for_update().get(pk=1)
    current = TermsText.objects.filter(version=shop.terms_version).first()
    if current and (current.text_fr, current.text_en) == (text_fr, text_en):
        return current
    text = TermsText.objects.create(
        version=_free_version(timezone.localdate(now).isoformat()),
        text_fr=text_fr,
        text_en=text_en,
        published_at=now,
        published_by_id=by.pk,
    )
    shop.terms_version = text.version
    _write(shop, by=by)
    return text


def _free_version(day: str) -> str:
    """« 2026-11-28 », « 2026-11-28-2 » … : the first that neither an order nor a template has."""
    taken = {*TEMPLATES, *TermsText.objects.filter(version__startswith=day).values_list("version", flat=True)}
    return next(name for count in range(1, 1000) if (name := f"{day}-{count}" if count > 1 else day) not in taken)


def _write(shop: Shop, *, by: AbstractBaseUser | None) -> None:
    shop.version = time.time_ns()
    shop._history_user = by  # type: ignore[attr-defined]
    shop.save()
    revisions.invalidate()
    transaction.on_commit(revisions.invalidate)
