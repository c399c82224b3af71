"""Personal data of one person across all apps, for staff: display and erasure."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminEmailInputWidget

from apps.aftersales.models import Withdrawal
from apps.backoffice.admin.payments import gateway_label
from apps.catalogue.models.withdrawal import WithdrawalException
from apps.checkout.personal_data import collect_person, erase_person
from apps.comments.models import Comment
from apps.common.errors import DomainError
from apps.common.fields import EmailFormField
from apps.common.money import format_euros
from apps.common.typed import TypedForm
from apps.orders.models import Order
from apps.prospects.fields import FIELDS as PROSPECT_FIELDS
from apps.prospects.models import Prospect

PERMISSION = "accounts.handle_person"
# Labels of the records' fields; a field that is missing here is displayed by its name.
WORDS = {
    **{name: Prospect._meta.get_field(name).verbose_name for name in PROSPECT_FIELDS},
    "address": gettext_lazy("adresse"),
    "addresses": gettext_lazy("adresses"),
    "at": gettext_lazy("le"),
    "author": gettext_lazy("auteur"),
    "bought_on": gettext_lazy("acheté le"),
    "city": gettext_lazy("ville"),
    "company": gettext_lazy("société"),
    "consent_address": gettext_lazy("consentement depuis"),
    "consent_at": gettext_lazy("consentement le"),
    "consent_version": gettext_lazy("texte accepté"),
    "country": gettext_lazy("pays"),
    "created_at": gettext_lazy("créé le"),
    "date_joined": gettext_lazy("inscrit le"),
    "declared_at": gettext_lazy("déclarée le"),
    "delivered_to": gettext_lazy("livrée à"),
    "delivery": gettext_lazy("livraison"),
    "delivery_total": gettext_lazy("livraison"),
    "edited_at": gettext_lazy("modifié le"),
    "email": gettext_lazy("adresse e-mail"),
    "files": gettext_lazy("fichier"),
    "first_name": gettext_lazy("prénom"),
    "history": gettext_lazy("historique"),
    "items_total": gettext_lazy("produits"),
    "language": gettext_lazy("langue"),
    "last_contact_at": gettext_lazy("dernier contact"),
    "last_login": gettext_lazy("dernière connexion"),
    "last_name": gettext_lazy("nom"),
    "line1": gettext_lazy("rue"),
    "lines": gettext_lazy("ligne"),
    "message": gettext_lazy("message"),
    "name": gettext_lazy("nom"),
    "notes": gettext_lazy("note"),
    "number": gettext_lazy("numéro"),
    "order": gettext_lazy("commande"),
    "paid_at": gettext_lazy("payé le"),
    "payment_method": gettext_lazy("moyen de paiement"),
    "payment_text": gettext_lazy("moyen de paiement"),
    "phone": gettext_lazy("téléphone"),
    "placed_at": gettext_lazy("passée le"),
    "postcode": gettext_lazy("code postal"),
    "product": gettext_lazy("produit"),
    "quantity": gettext_lazy("quantité"),
    "price": gettext_lazy("prix"),
    "rating": gettext_lazy("avis"),
    "recipient": gettext_lazy("destinataire"),
    "refunded": gettext_lazy("remboursé"),
    "section_id": gettext_lazy("section"),
    "settled_at": gettext_lazy("close le"),
    "shipped_at": gettext_lazy("expédiée le"),
    "source": gettext_lazy("origine"),
    "stage": gettext_lazy("étape"),
    "status": gettext_lazy("état"),
    "status_text": gettext_lazy("état"),
    "terms": gettext_lazy("conditions"),
    "text": gettext_lazy("texte"),
    "total": gettext_lazy("total"),
    "unit_price": gettext_lazy("prix"),
    "variant": gettext_lazy("modèle"),
    "vat_rate": gettext_lazy("TVA (%)"),
    "vat_total": gettext_lazy("dont TVA"),
    "version": gettext_lazy("version"),
    "accepted_at": gettext_lazy("acceptées le"),
    "from": gettext_lazy("de"),
    "note": gettext_lazy("note"),
    "pickup_point": gettext_lazy("point relais"),
    "reason": gettext_lazy("motif"),
    "sku": gettext_lazy("référence"),
    "to": gettext_lazy("à"),
    "tracking_number": gettext_lazy("numéro de suivi"),
    "withdrawal_exception": gettext_lazy("exception au droit de rétractation"),
}
AMOUNTS = {"delivery_total", "items_total", "refunded", "total", "unit_price", "vat_total"}
CODES = {
    "from": dict(Order.Status.choices),
    "language": dict(settings.LANGUAGES),
    "status": {
        **dict(Comment.Status.choices),
        **dict(Order.Status.choices),
        **dict(Withdrawal.Status.choices),
    },
    "to": dict(Order.Status.choices),
    "withdrawal_exception": dict(WithdrawalException.choices),
}


class LookUpForm(TypedForm, forms.Form):
    email = EmailFormField(
        label=gettext_lazy("Adresse e-mail"),
        max_length=254,
        widget=UnfoldAdminEmailInputWidget(attrs={"autocomplete": "off"}),
    )


def person(request: HttpRequest, frame: dict[str, Any]) -> HttpResponse:
    """The e-mail is sent by POST, so that it stands in no URL, no log and no browser history."""
    form = LookUpForm(request.POST if request.method == "POST" else None)
    found, problem, status = None, "", 200
    if request.method == "POST":
        status = 422
    if form.is_valid():
        email, now = form.cleaned_data["email"], timezone.now()
        status = 200
        if "erase" in request.POST:
            if request.POST.get("sure") == "on":
                try:
                    erase_person(email=email, by=request.user, now=now)  # type: ignore[arg-type]
                except DomainError as error:
                    problem, status = error.message, 409
                else:
                    messages.success(
                        request, _("Cette personne est effacée. Reste ce que la loi nous oblige à garder.")
                    )
                    return redirect("admin:person")
            else:
                problem, status = _("Cochez la case pour confirmer : un effacement ne s’annule pas."), 422
        found = collect_person(email=email, by=request.user, now=now)  # type: ignore[arg-type]
    context = {
        **frame,
        "title": _("Tout sur une personne"),
        "form": form,
        "person": found,
        "problem": problem,
        "chapters": _chapters(found) if found else [],
    }
    return TemplateResponse(request, "backoffice/person.html", context, status=status)


def _chapters(found: Any) -> list[tuple[str, list[list[tuple[str, Any]]]]]:
    """The data by section: each record as labels and values, without empty ones."""
    parts = [
        (_("Compte"), [found.account["account"]] if found.user else []),
        (_("Paniers"), found.account.get("baskets", [])),
        (_("Commandes"), found.orders),
        (_("Commandes antérieures"), found.past_orders),
        (_("Factures et avoirs"), found.documents),
        (_("Rétractations"), found.withdrawals),
        (_("Prospects"), found.prospects),
        (_("Commentaires"), found.comments),
    ]
    return [(title, [[*_flat(record)] for record in records]) for title, records in parts]


def _flat(record: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, value in record.items():
        here = (*path, str(WORDS.get(name, name)))
        if isinstance(value, dict):
            yield from _flat(value, here)
        elif isinstance(value, list):
            for place, each in enumerate(value, start=1):
                numbered = (*here[:-1], f"{here[-1]} {place}")
                if isinstance(each, dict):
                    yield from _flat(each, numbered)
                else:
                    yield ", ".join(numbered), each
        elif value not in (None, ""):
            yield ", ".join(here), _worded(name, value)


def _worded(name: str, value: Any) -> Any:
    """Codes and amounts as staff read them."""
    if isinstance(value, Decimal) and name in AMOUNTS:
        return format_euros(value)
    if name == "payment_method":
        return gateway_label(value)
    return CODES.get(name, {}).get(value, value) if isinstance(value, str) else value
