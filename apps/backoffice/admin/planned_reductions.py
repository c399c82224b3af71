from typing import Any

from django import forms
from django.contrib import admin, messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from apps.catalogue.models import PlannedReduction
from apps.catalogue.services import planned_prices
from apps.catalogue.services.prices import NoReferencePrice, NotAReduction
from apps.common.errors import DomainError

State = PlannedReduction.State
_FIELD_OF = {
    NotAReduction: "amount",
    NoReferencePrice: "variant",
    planned_prices.AlreadyOver: "ends_at",
    planned_prices.SpoilsAnother: "starts_at",
}


class PlannedReductionForm(forms.ModelForm):
    """Refuses at entry, by `planned_prices.check_plan`, what would be refused when it starts."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        names = ("variant", "amount", "starts_at", "ends_at")
        if any(cleaned.get(name) is None for name in names) or cleaned["starts_at"] >= cleaned["ends_at"]:
            return cleaned  # the fields and the constraint report it
        planned = PlannedReduction(pk=self.instance.pk, **{name: cleaned[name] for name in names})
        try:
            planned_prices.check_plan(planned=planned, now=timezone.now())
        except DomainError as error:
            self.add_error(_FIELD_OF.get(type(error)), error.message)
        return cleaned


@admin.register(PlannedReduction)
class PlannedReductionAdmin(ModelAdmin):
    """Planned here; started and ended by `apply_planned_prices`."""

    form = PlannedReductionForm
    list_display = ["variant", "product_name", "amount", "starts_at", "ends_at", "state", "stopped_at", "refusal"]
    list_filter = ["state"]
    list_select_related = ["variant__product"]
    search_fields = ["variant__sku", "variant__product__name_fr"]
    raw_id_fields = ["variant"]
    fieldsets = [
        (
            None,
            {
                "fields": ["variant", "amount", ("starts_at", "ends_at")],
                "description": _(
                    "La réduction vaut du début (compris) à la fin (non comprise). Quand plusieurs réductions d’un "
                    "même modèle courent en même temps, le prix le plus bas est demandé ; quand l’une finit, le prix "
                    "passe à la plus basse de celles qui courent encore, ou revient au prix courant. Le prix barré est "
                    "le plus bas des 30 jours avant la réduction ; pour des réductions qui se suivent sans "
                    "interruption, celui d’avant la première (art. L112-1-1 du code de la consommation). Un prix saisi "
                    "sur le produit, ou importé, arrête les réductions en cours et laisse celles à venir."
                ),
            },
        )
    ]
    actions = ["stop"]
    show_full_result_count = False

    @admin.display(description=_("produit"))
    def product_name(self, planned) -> str:
        return planned.variant.product.name

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (obj is None or obj.state == State.PLANNED)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and (
            obj is None or obj.state in (State.PLANNED, State.REFUSED)
        )

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        return self._or_message(request, super().changeform_view, object_id, form_url, extra_context)

    def delete_view(self, request, object_id, extra_context=None):
        return self._or_message(request, super().delete_view, object_id, extra_context)

    def _or_message(self, request, view, *args):
        """A DomainError (the row changed since the page was loaded) becomes a message and a redirect to the list."""
        try:
            return view(request, *args)
        except DomainError as error:
            messages.error(request, error.message)
            return redirect("admin:catalogue_plannedreduction_changelist")

    def save_model(self, request, obj, form, change):
        planned_prices.plan_reduction(planned=obj, by=request.user, now=timezone.now())

    def delete_model(self, request, obj):
        planned_prices.cancel_planned(planned=obj)

    def delete_queryset(self, request, queryset):
        for planned in queryset:
            try:
                planned_prices.cancel_planned(planned=planned)
            except DomainError as error:
                messages.error(request, error.message)

    @admin.action(description=_("Arrêter maintenant"), permissions=["change"])
    def stop(self, request, queryset):
        now = timezone.now()
        count = sum(
            planned_prices.stop_planned(planned=planned, by=request.user, now=now)
            for planned in queryset.order_by("pk")
        )
        if count:
            sentence = ngettext("%(count)s réduction arrêtée.", "%(count)s réductions arrêtées.", count)
            messages.success(request, sentence % {"count": count})
        else:
            messages.warning(request, gettext("Aucune des réductions choisies n’est en cours."))
