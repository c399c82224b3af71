"""Orders put right by staff: a misspelt address, a wrong tracking number, a note for colleagues.

What was bought and what it cost is the contract, which nobody corrects.
"""

import hashlib
from dataclasses import astuple, dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.common.errors import DomainError
from apps.common.typed import is_mainland_postcode
from apps.orders.emails import OrderEmail
from apps.orders.models import Order
from apps.orders.services.moves import lock_order, note_event
from apps.orders.services.notify import enqueue_email, enqueue_link
from apps.orders.services.search import refresh_search

Status = Order.Status
DESTINATION = ("recipient", "company", "line1", "line2", "postcode", "city")
# Where a parcel goes is settled once it has left.
_BEFORE_IT_LEAVES = (Status.AWAITING_PAYMENT, Status.CONFIRMED, Status.PREPARING, Status.READY)
_HAS_LEFT = (Status.SHIPPED, Status.DELIVERED)


class CorrectionRefused(DomainError):
    """Too late, changed by a colleague meanwhile, or of an order whose customer was erased."""

    code = "correction_refused"


@dataclass(frozen=True)
class Contact:
    """Who gets an order, where, and how to reach them."""

    recipient: str
    company: str
    line1: str
    line2: str
    postcode: str
    city: str
    email: str
    phone: str

    @classmethod
    def of(cls, order: Order) -> "Contact":
        return cls(**{name: getattr(order, name) for name in cls.__dataclass_fields__})

    @property
    def version(self) -> str:
        """Of what a page has displayed, to be sent back with a correction."""
        return hashlib.sha256("\0".join(astuple(self)).encode()).hexdigest()[:32]


def may_correct_destination(order: Order) -> bool:
    return order.anonymised_at is None and order.status in _BEFORE_IT_LEAVES


def may_correct_tracking(order: Order) -> bool:
    return order.anonymised_at is None and order.status in _HAS_LEFT and not order.destination.is_collected


def correct_contact(*, order: Order, contact: Contact, seen: str, by: User | None, now: datetime) -> list[str]:
    """Write who gets the order, where, and how to reach them; returns the names of the columns that changed.

    A new e-mail address gets the link of the order's page. `seen` is the `Contact.version` that the page displayed. An
    invoice that was issued keeps the address that it has. Raises CorrectionRefused.
    """
    with transaction.atomic(durable=True):
        order = lock_order(order)
        held = Contact.of(order)
        if order.anonymised_at is not None:
            raise CorrectionRefused(_("Les données de cette personne ont été effacées."))
        if seen != held.version:
            raise CorrectionRefused(
                _("Quelqu’un a corrigé cette commande pendant votre saisie : rechargez la page, puis recommencez.")
            )
        changed = [name for name in Contact.__dataclass_fields__ if getattr(contact, name) != getattr(held, name)]
        if set(changed) & set(DESTINATION) and not may_correct_destination(order):
            raise CorrectionRefused(_("Le colis est parti : son adresse ne change plus. Voyez avec le transporteur."))
        if order.destination.needs_address and set(changed) & set(DESTINATION):
            _refuse_undeliverable(contact)
        if not changed:
            return []
        Order.objects.filter(pk=order.pk).update(**{name: getattr(contact, name) for name in changed})
        refresh_search([order.pk])
        named = {field.name: field.verbose_name for field in Order._meta.fields}
        labels = ", ".join(str(named[name]) for name in changed)
        note_event(order=order, note=_("Corrigé : %s") % labels, now=now, by=by)
        if "email" in changed:
            enqueue_link(order=order, language=order.language, now=now)
    return changed


def _refuse_undeliverable(contact: Contact) -> None:
    if not (contact.line1 and contact.postcode and contact.city):
        raise CorrectionRefused(_("L’adresse, le code postal et la ville sont nécessaires à la livraison."))
    if not is_mainland_postcode(contact.postcode):
        raise CorrectionRefused(_("Nous livrons en France métropolitaine : cinq chiffres, 69002 par exemple."))


def correct_tracking(
    *, order: Order, tracking_number: str, tracking_url: str, notifies: bool, by: User | None, now: datetime
) -> bool:
    """Write where an order that has left is followed, and send its e-mail again if asked; False when nothing changed.

    Raises CorrectionRefused.
    """
    with transaction.atomic(durable=True):
        order = lock_order(order)
        if not may_correct_tracking(order):
            raise CorrectionRefused(_("Cette commande n’a pas de colis en route."))
        if (tracking_number, tracking_url) == (order.tracking_number, order.tracking_url):
            return False
        Order.objects.filter(pk=order.pk).update(tracking_number=tracking_number, tracking_url=tracking_url)
        refresh_search([order.pk])
        note_event(order=order, note=_("Suivi corrigé : %s") % (tracking_number or "—"), now=now, by=by)
        if notifies:
            enqueue_email(order=order, kind=OrderEmail.SHIPPED, now=now, occasion=f"suivi-{now:%Y%m%d%H%M%S}")
    return True


def add_note(*, order: Order, text: str, by: User | None, now: datetime) -> None:
    """A line of the order's history that the team alone reads."""
    with transaction.atomic(durable=True):
        note_event(order=lock_order(order), note=text, now=now, by=by)
