from django import forms
from django.contrib import admin, messages
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.backoffice.admin.typed_over import TypedOverForm
from apps.backoffice.admin.variant_form import reserved_sentence
from apps.catalogue.models import Stock, StockMovement
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.services.stock import correct_stock
from apps.common.errors import DomainError

BY_HAND = [
    StockMovement.Reason.CORRECTION,
    StockMovement.Reason.RECEIPT,
    StockMovement.Reason.LOSS,
    StockMovement.Reason.RETURN,
]


class StockForm(TypedOverForm):
    """Correction of a stock: the counted pieces, and the reason for the difference from the ledger."""

    counted = forms.IntegerField(
        label=_("pièces comptées"),
        min_value=0,
        max_value=10_000_000,
        show_hidden_initial=True,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("Le nombre de pièces présentes, réservées comprises."),
    )
    reason = forms.ChoiceField(
        label=_("motif"), choices=[(reason.value, reason.label) for reason in BY_HAND], widget=UnfoldAdminSelectWidget
    )
    note = forms.CharField(label=_("note"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget)

    class Meta:
        model = Stock
        fields = ["low_threshold"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.initial["counted"] = self.instance.on_hand

    def clean(self):
        cleaned = super().clean()
        self.refuse_if_moved(
            "counted",
            _("Le stock a changé pendant votre saisie : il est de %(now)s. Vérifiez, puis enregistrez.")
            % {"now": self.instance.on_hand},
        )
        reserved = self.instance.reserved
        if "counted" in self.changed_data and self.cleaned_data.get("counted", reserved) < reserved:
            self.add_error("counted", reserved_sentence(reserved))
        return cleaned


class LowStockFilter(admin.SimpleListFilter):
    title = _("disponibilité")
    parameter_name = "disponibilite"

    def lookups(self, request, model_admin):
        return [("faible", _("bientôt épuisé")), ("epuise", _("épuisé"))]

    def queryset(self, request, queryset):
        if self.value() == "faible":
            return queryset.filter(on_hand__lte=F("reserved") + F("low_threshold"))
        if self.value() == "epuise":
            return queryset.filter(on_hand=F("reserved"))
        return queryset


@admin.register(Stock)
class StockAdmin(ModelAdmin):
    form = StockForm
    list_display = ["variant", "product_name", "on_hand", "reserved", "available", "low_threshold"]
    list_select_related = ["variant__product"]
    list_filter = [LowStockFilter]
    search_fields = ["variant__sku", "variant__product__name_fr"]
    show_full_result_count = False
    ordering = ["variant__sku"]
    readonly_fields = ["on_hand", "reserved"]
    fields = [("on_hand", "reserved"), "counted", "reason", "note", "low_threshold"]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description=_("produit"), ordering="variant__product__name_fr")
    def product_name(self, stock) -> str:
        return stock.variant.product.name

    @admin.display(description=_("disponible"))
    def available(self, stock) -> int:
        return stock.available

    def save_model(self, request, obj, form, change):
        # Only the threshold is a plain field; on_hand belongs to the ledger.
        if "low_threshold" in form.changed_data:
            obj.save(update_fields=["low_threshold"])
            # Pages show « Plus que … » from this threshold on.
            refresh_listing(product_ids=[obj.variant.product_id])
        if "counted" not in form.changed_data:
            return
        try:
            correct_stock(
                variant=obj.variant,
                on_hand=form.cleaned_data["counted"],
                expected=form.seen("counted"),
                reason=form.cleaned_data["reason"],
                note=form.cleaned_data["note"],
                author=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            self.message_user(request, error.message, level=messages.ERROR)
