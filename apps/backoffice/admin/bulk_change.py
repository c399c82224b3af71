"""« Modifier en lot »: asks what becomes of the products that are selected, or of all that a filter leaves."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldBooleanWidget,
)

from apps.catalogue.models import Category, Product
from apps.catalogue.models.product import VatClass
from apps.common.errors import DomainError
from apps.common.typed import TypedForm
from apps.imports.catalogue.bulk import BulkChange, By, PriceChange, Rounding
from apps.imports.services.bulk import change_in_bulk
from apps.imports.tasks import preview_import

TEMPLATE = "backoffice/catalogue/bulk_change.html"
_UNCHANGED = ("", _("ne pas changer"))
_BY = [
    _UNCHANGED,
    (By.PERCENT, _("ajouter ou retirer un pourcentage")),
    (By.EUROS, _("ajouter ou retirer des euros")),
    (By.SET, _("le même prix pour tous")),
]
_ROUNDINGS = [
    (Rounding.CENT, _("au centime")),
    (Rounding.NINETY, _("au prix en ,90 le plus proche")),
    (Rounding.NINETY_FIVE, _("au prix en ,95 le plus proche")),
    (Rounding.NINETY_NINE, _("au prix en ,99 le plus proche")),
    (Rounding.EURO, _("à l’euro le plus proche")),
]


class BulkForm(TypedForm, forms.Form):
    """`change` is what was asked, once valid."""

    by = forms.ChoiceField(label=_("Prix TTC"), required=False, choices=_BY, widget=UnfoldAdminSelectWidget)
    amount = forms.DecimalField(
        label=_("Montant ou pourcentage"),
        required=False,
        max_digits=10,
        decimal_places=2,
        localize=True,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text=_("5 pour plus 5 % ou plus 5 €, -5 pour moins."),
    )
    rounding = forms.ChoiceField(
        label=_("Arrondi"), required=False, choices=_ROUNDINGS, initial=Rounding.CENT, widget=UnfoldAdminSelectWidget
    )
    ends_reductions = forms.BooleanField(
        label=_("Changer aussi les modèles en réduction, et arrêter leurs réductions"),
        required=False,
        widget=UnfoldBooleanWidget,
        help_text=_("Sinon leur prix reste, et le nombre en est dit."),
    )
    vat_class = forms.ChoiceField(
        label=_("TVA"), required=False, choices=[_UNCHANGED, *VatClass.choices], widget=UnfoldAdminSelectWidget
    )
    category = forms.ModelChoiceField(
        label=_("Rayon"),
        required=False,
        queryset=Category.objects.none(),
        empty_label=_UNCHANGED[1],
        widget=UnfoldAdminSelectWidget,
    )
    state = forms.ChoiceField(
        label=_("Publication"),
        required=False,
        choices=[_UNCHANGED, *Product.State.choices],
        widget=UnfoldAdminSelectWidget,
    )
    low_threshold = forms.IntegerField(
        label=_("Seuil d’alerte du stock"),
        required=False,
        min_value=0,
        max_value=1_000_000,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("Vide : ne pas changer."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rayons = self.fields["category"]
        rayons.queryset = Category.objects.order_by("path")
        rayons.label_from_instance = lambda rayon: f"{'— ' * (rayon.depth - 1)}{rayon.name_fr}"

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        by, amount = given.get("by"), given.get("amount")
        if by and amount is None and "amount" not in self.errors:
            self.add_error("amount", _("Dites de combien, ou choisissez de ne pas changer le prix."))
        elif by == By.SET and amount is not None and amount <= 0:
            self.add_error("amount", _("Un prix est plus grand que zéro."))
        elif by == By.PERCENT and amount is not None and not -100 < amount <= 1000:
            self.add_error("amount", _("Un pourcentage entre -100 et 1000."))
        elif not by and amount is not None:
            self.add_error("by", _("Dites ce que ce montant fait du prix."))
        return given

    @property
    def change(self) -> BulkChange:
        given = self.cleaned_data
        price = None
        if given["by"]:
            rounding = Rounding(given["rounding"] or Rounding.CENT)
            price = PriceChange(By(given["by"]), Decimal(given["amount"]), rounding)
        return BulkChange(
            price=price,
            ends_reductions=given["ends_reductions"],
            low_threshold=given["low_threshold"],
            vat_class=VatClass(given["vat_class"]) if given["vat_class"] else None,
            category=given["category"],
            state=Product.State(given["state"]) if given["state"] else None,
        )


def ask(request: HttpRequest, products: QuerySet[Product], frame: dict[str, Any]) -> HttpResponse:
    """The form, then the preview of the import that it becomes.

    Posted to the list with the action's own fields, so that « all that the filter leaves » is read again when sent.
    """
    form = BulkForm(request.POST) if "bulk" in request.POST else BulkForm()
    if form.is_bound and form.is_valid():
        try:
            received, left = change_in_bulk(products=products, change=form.change, by=request.user, now=timezone.now())
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            preview_import.delay_on_commit(import_id=received.pk)
            if left:
                text = ngettext(
                    "%(left)d modèle en réduction garde son prix.",
                    "%(left)d modèles en réduction gardent leur prix.",
                    left,
                )
                messages.warning(request, text % {"left": left})
            messages.info(request, _("L’aperçu dit ce qui changerait ; rien n’est encore écrit."))
            return redirect("admin:catalogue_catalogueimport_change", received.pk)
    is_all = request.POST.get("select_across") == "1"
    context = {
        **frame,
        "title": _("Modifier en lot"),
        "form": form,
        "count": products.count(),
        "selected": [] if is_all else request.POST.getlist(ACTION_CHECKBOX_NAME),
        "first": request.POST.getlist(ACTION_CHECKBOX_NAME)[:1],
        "is_all": is_all,
        "list_url": request.get_full_path(),
    }
    return TemplateResponse(request, TEMPLATE, context, status=422 if form.is_bound else 200)
