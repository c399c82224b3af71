from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminTextareaWidget

from apps.common.money import format_euros
from apps.operations.models import AuditFinding

# Longest acceptance: then it is reviewed.
LONGEST = timedelta(days=366)
SEVERITIES = {
    AuditFinding.Severity.CRITICAL: "danger",
    AuditFinding.Severity.HIGH: "danger",
    AuditFinding.Severity.MEDIUM: "warning",
    AuditFinding.Severity.LOW: "info",
    AuditFinding.Severity.INFO: "default",
}


class AcceptForm(forms.ModelForm):
    class Meta:
        model = AuditFinding
        fields = ["accepted_reason", "accepted_until_date"]
        widgets = {"accepted_reason": UnfoldAdminTextareaWidget, "accepted_until_date": UnfoldAdminDateWidget}

    def clean_accepted_until_date(self) -> Any:
        until = self.cleaned_data["accepted_until_date"]
        today = timezone.localdate()
        if until and "accepted_until_date" in self.changed_data and not today <= until <= today + LONGEST:
            raise forms.ValidationError(_("Choisissez un jour d’ici un an au plus."))
        return until


class Presence(admin.SimpleListFilter):
    title = _("état")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("à traiter")), ("accepted", _("accepté")), ("gone", _("disparu"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        today = timezone.localdate()
        if self.value() == "gone":
            return queryset.filter(gone_at__isnull=False)
        if self.value() == "accepted":
            return queryset.present().accepted(today)
        if self.value() == "open":
            return queryset.present().exclude(accepted_until_date__gte=today)
        return queryset


@admin.register(AuditFinding)
class AuditFindingAdmin(ModelAdmin):
    """What audits found. Whoever may change one accepts it, for a reason and until a day; nothing else changes here."""

    form = AcceptForm
    list_display = ["gravity", "problem", "check_name", "region", "money", "first_seen_at", "state"]
    list_display_links = ["problem"]
    list_filter = [Presence, "severity", "check_name"]
    search_fields = ["resource", "problem", "check_name"]
    list_select_related = ["accepted_by"]
    list_per_page = 100
    show_full_result_count = False
    readonly_fields = [
        "gravity",
        "problem",
        "remedy",
        "check_name",
        "resource",
        "region",
        "money",
        "sources",
        "first_seen_at",
        "last_seen_at",
        "gone_at",
        "accepted_by",
    ]
    fieldsets = [
        (None, {"fields": [*readonly_fields[:-1]]}),
        (_("Accepter"), {"fields": ["accepted_reason", "accepted_until_date", "accepted_by"]}),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: AuditFinding, form: Any, change: bool) -> None:
        """Updates the columns of the form alone: an audit may be writing the others at this moment."""
        obj.accepted_by_id = request.user.pk if obj.accepted_until_date else None
        obj.save(update_fields=["accepted_by", "accepted_reason", "accepted_until_date"])

    @display(description=_("gravité"), ordering="severity", label=SEVERITIES)
    def gravity(self, finding: AuditFinding) -> tuple[str, str]:
        return finding.severity, finding.get_severity_display()

    @display(description=_("par mois"), ordering="euros")
    def money(self, finding: AuditFinding) -> str:
        return "" if finding.euros is None else format_euros(finding.euros)

    @display(description=_("état"))
    def state(self, finding: AuditFinding) -> str:
        if finding.gone_at is not None:
            return str(_("disparu"))
        if finding.accepted_until_date is None:
            return str(_("à traiter"))
        is_over = finding.accepted_until_date < timezone.localdate()
        return str(_("acceptation expirée") if is_over else _("accepté"))
