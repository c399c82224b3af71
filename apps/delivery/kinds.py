"""Kinds of delivery, with their requirements and sentences."""

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy


@dataclass(frozen=True)
class Destination:
    """`place` is printed before the place where the goods wait; empty: they are delivered to the buyer's address.

    `after_a_transfer` is a complete sentence without its full stop: `%(days)s` are working days, counted by `most`.
    """

    after_a_transfer: Promise
    place: Promise | str = ""
    needs_address: bool = False
    needs_pickup_point: bool = False
    # Handed over in the shop: no parcel leaves it.
    is_collected: bool = False


class Kind(models.TextChoices):
    """Value, destination, label. Its dates are worded by `storefront/components/delivery_dates/<value>.html`."""

    destination: Destination

    HOME = (
        "HOME",
        Destination(
            after_a_transfer=ngettext_lazy(
                "Chez vous %(days)s jour ouvré après la réception de votre paiement",
                "Chez vous %(days)s jours ouvrés après la réception de votre paiement",
                "most",
            ),
            needs_address=True,
        ),
        _("à domicile"),
    )
    PICKUP_POINT = (
        "PICKUP_POINT",
        Destination(
            after_a_transfer=ngettext_lazy(
                "Au point relais %(days)s jour ouvré après la réception de votre paiement",
                "Au point relais %(days)s jours ouvrés après la réception de votre paiement",
                "most",
            ),
            place=_("Point relais :"),
            needs_pickup_point=True,
        ),
        _("en point relais"),
    )
    IN_STORE = (
        "IN_STORE",
        Destination(
            after_a_transfer=ngettext_lazy(
                "À retirer en boutique %(days)s jour ouvré après la réception de votre paiement",
                "À retirer en boutique %(days)s jours ouvrés après la réception de votre paiement",
                "most",
            ),
            place=_("À retirer en boutique :"),
            is_collected=True,
        ),
        _("retrait en boutique"),
    )

    def __new__(cls, value: str, destination: Destination) -> "Kind":
        kind = str.__new__(cls, value)
        kind._value_ = value
        kind.destination = destination
        return kind


CARRIED = [kind for kind in Kind if not kind.destination.is_collected]


def destination_of(kind: str) -> Destination:
    """Raises ValueError for a value that no kind has."""
    return Kind(kind).destination  # type: ignore[call-arg]
