"""Verbs of staff on an order: one row each, offered when the order and the person's permissions allow it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminTextInputWidget,
    UnfoldAdminURLInputWidget,
    UnfoldBooleanWidget,
)

from apps.accounts.models import User
from apps.aftersales.models import Withdrawal
from apps.checkout.services import cancel_and_refund, hand_over, make_ready, ship
from apps.common.fields import EmailFormField
from apps.common.money import CENT, ZERO
from apps.common.typed import TypedForm, is_phone
from apps.orders import services as orders
from apps.orders.models import Order
from apps.payments import gateways
from apps.payments.models import Payment, Refund
from apps.payments.services import RefundRefused, receive_payment, refund, settle_refund

CHANGE, REFUND = "orders.change_order", "payments.add_refund"
Status = Order.Status
REQUESTED = Refund.Status.REQUESTED


class ShipForm(forms.Form):
    tracking_number = forms.CharField(
        label=_("Numéro de suivi"), max_length=80, required=False, widget=UnfoldAdminTextInputWidget
    )
    tracking_url = forms.URLField(
        label=_("Adresse de suivi"),
        max_length=300,
        required=False,
        assume_scheme="https",
        widget=UnfoldAdminURLInputWidget,
    )


class CancelForm(forms.Form):
    note = forms.CharField(
        label=_("Motif"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Gardé dans l’historique. Ce qui a été payé est remboursé."),
    )


class RefundForm(forms.Form):
    amount = forms.DecimalField(
        label=_("Montant TTC (€)"),
        min_value=CENT,
        max_digits=10,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
    )
    reason = forms.CharField(label=_("Motif"), max_length=200, widget=UnfoldAdminTextInputWidget)
    # Made with the page, so that a double click refunds once.
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)


class ContactForm(TypedForm, forms.Form):
    """Who gets the order, where, and how to reach them."""

    recipient = forms.CharField(label=_("Destinataire"), max_length=120, widget=UnfoldAdminTextInputWidget)
    company = forms.CharField(label=_("Société"), max_length=120, required=False, widget=UnfoldAdminTextInputWidget)
    line1 = forms.CharField(label=_("Adresse"), max_length=120, required=False, widget=UnfoldAdminTextInputWidget)
    line2 = forms.CharField(
        label=_("Complément d’adresse"), max_length=120, required=False, widget=UnfoldAdminTextInputWidget
    )
    postcode = forms.CharField(label=_("Code postal"), max_length=10, required=False, widget=UnfoldAdminTextInputWidget)
    city = forms.CharField(label=_("Ville"), max_length=80, required=False, widget=UnfoldAdminTextInputWidget)
    email = EmailFormField(
        label=_("Adresse e-mail"),
        max_length=254,
        widget=UnfoldAdminEmailInputWidget,
        help_text=_("Une nouvelle adresse reçoit le lien de la commande."),
    )
    phone = forms.CharField(label=_("Téléphone"), max_length=30, required=False, widget=UnfoldAdminTextInputWidget)
    # Of what the page displayed: nobody overwrites what a colleague corrected meanwhile.
    seen = forms.CharField(max_length=32, widget=forms.HiddenInput)

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"]
        if phone and not is_phone(phone):
            raise forms.ValidationError(_("Ce numéro de téléphone n’en est pas un."))
        return phone


class TrackingForm(ShipForm):
    notifies = forms.BooleanField(
        label=_("Prévenir le client"), required=False, initial=True, widget=UnfoldBooleanWidget
    )


class NoteForm(TypedForm, forms.Form):
    text = forms.CharField(
        label=_("Note"),
        max_length=250,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Gardée dans l’historique. Le client ne la voit pas."),
    )


@dataclass(frozen=True)
class Verb:
    """`run` takes order, by, now and the form's cleaned data, and raises DomainError when it refuses."""

    name: str
    label: str
    done: str
    run: Callable[..., object]
    offered: Callable[[Order], bool]
    permission: str = CHANGE
    form: type[forms.Form] = forms.Form
    initial: Callable[[Order], dict[str, Any]] = lambda order: {}
    is_danger: bool = False
    # Beside the next step, not the next step itself.
    is_aside: bool = False

    def form_for(self, order: Order, data: Mapping[str, Any] | None) -> forms.Form:
        return self.form(data, initial=self.initial(order) if data is None else None)


def _can_become(*statuses: Order.Status) -> Callable[[Order], bool]:
    return lambda order: any(order.can_become(status) for status in statuses)


def _awaits_money(order: Order) -> bool:
    """Also after its hold ended: a late transfer confirms the order if the pieces are there, or is refunded."""
    gateway = gateways.get(order.payment_method)
    if order.paid_at is not None or order.status == Status.CANCELLED or gateway is None or gateway.is_remote:
        return False
    return order.status != Status.EXPIRED or not order.payments.captured().exists()


def _refundable(order: Order) -> Payment | None:
    return next((payment for payment in order.payments.captured() if payment.refundable), None)


def _refund_initial(order: Order) -> dict[str, Any]:
    """What is left; of an order that its customer has withdrawn from, what the law gives back of it."""
    payment = _refundable(order)
    initial = {"amount": payment.refundable if payment else None, "key": f"desk-{uuid4()}"}
    withdrawals = list(Withdrawal.objects.unsettled().filter(order=order))
    if payment and withdrawals:
        due = sum((each.refund_total for each in withdrawals), ZERO)
        initial |= {"amount": min(due, payment.refundable), "reason": _("Rétractation")}
    return initial


def _refund(*, order: Order, by: User, now: datetime, amount: Decimal, reason: str, key: str) -> None:
    # The first click may commit between two reads: its refund is looked up again before a refusal.
    payment = _refunded_as(order, key) or _refundable(order) or _refunded_as(order, key)
    if payment is None:
        raise RefundRefused(_("Il ne reste rien à rembourser sur cette commande."))
    refund(payment=payment, amount=amount, reason=reason, by=by, key=key, now=now)


def _refunded_as(order: Order, key: str) -> Payment | None:
    return order.payments.filter(refunds__key=key).first()


def _settle(*, order: Order, by: User, now: datetime) -> None:
    for asked in _unsettled(order):
        settle_refund(refund=asked, by=by, now=now)


def _unsettled(order: Order) -> list[Refund]:
    """Refunds that staff make themselves: a transfer, cash from the till, or what a bank sent back."""
    refunds = Refund.objects.filter(payment__order=order).select_related("payment__order")
    return [each for each in refunds if each.is_sent_back or (_is_by_hand(each) and each.status == REQUESTED)]


def _is_by_hand(refund: Refund) -> bool:
    gateway = gateways.get(refund.payment.gateway)
    return gateway is not None and not gateway.is_remote


def _contact_initial(order: Order) -> dict[str, Any]:
    contact = orders.Contact.of(order)
    return {**asdict(contact), "seen": contact.version}


def _correct_contact(*, order: Order, by: User, now: datetime, seen: str, **contact: str) -> None:
    orders.correct_contact(order=order, contact=orders.Contact(**contact), seen=seen, by=by, now=now)


VERBS = {
    verb.name: verb
    for verb in [
        Verb(
            name="paid",
            label=_("Marquer payée"),
            done=_("%(number)s est payée."),
            run=receive_payment,
            offered=_awaits_money,
        ),
        Verb(
            name="prepare",
            label=_("Mettre en préparation"),
            done=_("%(number)s est en préparation."),
            run=orders.prepare_order,
            offered=_can_become(Status.PREPARING),
        ),
        Verb(
            name="ready",
            label=_("Prête à retirer"),
            done=_("%(number)s attend son client, qui est prévenu."),
            run=make_ready,
            offered=lambda order: order.can_become(Status.READY) and order.destination.is_collected,
        ),
        Verb(
            name="ship",
            label=_("Expédier"),
            done=_("%(number)s est expédiée, le client est prévenu."),
            run=ship,
            offered=lambda order: order.can_become(Status.SHIPPED) and not order.destination.is_collected,
            form=ShipForm,
        ),
        Verb(
            name="deliver",
            label=_("Marquer remise"),
            done=_("%(number)s est remise au client."),
            run=hand_over,
            offered=_can_become(Status.DELIVERED),
        ),
        Verb(
            name="refund",
            label=_("Rembourser"),
            done=_("Remboursement de %(number)s enregistré."),
            run=_refund,
            offered=lambda order: _refundable(order) is not None,
            permission=REFUND,
            form=RefundForm,
            initial=_refund_initial,
            is_danger=True,
        ),
        Verb(
            name="settle",
            label=_("Remboursement effectué"),
            done=_("Le remboursement de %(number)s est noté comme effectué, le client est prévenu."),
            run=_settle,
            offered=lambda order: bool(_unsettled(order)),
            permission=REFUND,
        ),
        Verb(
            name="contact",
            label=_("Corriger les coordonnées"),
            done=_("Les coordonnées de %(number)s sont enregistrées."),
            run=_correct_contact,
            offered=lambda order: order.anonymised_at is None,
            form=ContactForm,
            initial=_contact_initial,
            is_aside=True,
        ),
        Verb(
            name="tracking",
            label=_("Corriger le suivi"),
            done=_("Le suivi de %(number)s est enregistré."),
            run=orders.correct_tracking,
            offered=orders.may_correct_tracking,
            form=TrackingForm,
            initial=lambda order: {"tracking_number": order.tracking_number, "tracking_url": order.tracking_url},
            is_aside=True,
        ),
        Verb(
            name="note",
            label=_("Ajouter une note"),
            done=_("La note est dans l’historique de %(number)s."),
            run=orders.add_note,
            offered=lambda order: True,
            form=NoteForm,
            is_aside=True,
        ),
        Verb(
            name="cancel",
            label=_("Annuler la commande"),
            done=_("%(number)s est annulée, le stock est rendu."),
            run=cancel_and_refund,
            offered=_can_become(Status.CANCELLED),
            form=CancelForm,
            is_danger=True,
        ),
    ]
}


def offered_verbs(order: Order, user: User) -> list[Verb]:
    """What this person may do with this order now; queries its payments and refunds."""
    return [verb for verb in VERBS.values() if user.has_perm(verb.permission) and verb.offered(order)]
