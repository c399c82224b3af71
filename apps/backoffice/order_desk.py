"""What staff may do with an order: one row per verb, offered when the transition table and the person's rights allow it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextInputWidget, UnfoldAdminURLInputWidget

from apps.accounts.models import User
from apps.checkout.services import cancel_and_refund, refund_order
from apps.common.money import CENT
from apps.orders import services as orders
from apps.orders.models import Order

CHANGE, REFUND = "orders.change_order", "payments.add_refund"
Status = Order.Status


class ShipForm(forms.Form):
    tracking_number = forms.CharField(
        label=_("Numéro de suivi"), max_length=80, required=False, widget=UnfoldAdminTextInputWidget
    )
    tracking_url = forms.URLField(
        label=_("Adresse de suivi"), max_length=300, required=False, assume_scheme="https", widget=UnfoldAdminURLInputWidget
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
        label=_("Montant TTC (€)"), min_value=CENT, max_digits=10, decimal_places=2, widget=UnfoldAdminDecimalFieldWidget
    )
    reason = forms.CharField(label=_("Motif"), max_length=200, widget=UnfoldAdminTextInputWidget)
    # Made with the page, so that a double click refunds once.
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)


@dataclass(frozen=True)
class Verb:
    """`run` takes order, by, now and the form's cleaned data, and raises DomainError when it refuses."""

    name: str
    label: str
    run: Callable[..., object]
    offered: Callable[[Order], bool]
    permission: str = CHANGE
    form: type[forms.Form] | None = None
    is_danger: bool = False
    initial: Callable[[Order], dict[str, Any]] = field(default=lambda order: {})


def _can_become(*statuses: str) -> Callable[[Order], bool]:
    return lambda order: any(status in Order.TRANSITIONS[Status(order.status)] for status in statuses)


def _mark_paid(*, order: Order, by: User, now: datetime) -> None:
    orders.mark_paid(order=order, by=by, now=now)
