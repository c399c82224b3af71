from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from apps.catalogue.models import CatalogueImport
from apps.common.documents import document_response
from apps.common.errors import DomainError
from apps.common.tabular.encoding import CODECS
from apps.imports.catalogue.labels import COLUMNS
from apps.imports.services import catalogue_imports
from apps.imports.tasks import apply_import, preview_import


class UploadForm(forms.ModelForm):
    file = forms.FileField(
        label=_("fichier"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.tsv,.txt,.gz,.zip,.xlsx,.ods,text/csv"}),
        help_text=_(
            "CSV, compressé (gz, zip) ou non, XLSX ou ODS, 50 Mo au plus. Rien n’est changé avant votre confirmation."
        ),
    )
    encoding = forms.ChoiceField(
        label=_("encodage"),
        required=False,
        choices=[("", _("reconnaître")), *CODECS.items()],
        widget=UnfoldAdminSelectWidget,
        help_text=_("Seulement pour un fichier dont les accents n’ont pas pu être reconnus."),
    )

    class Meta:
        model = CatalogueImport
        fields = ["file", "format", "vat_class"]
        widgets = {"format": UnfoldAdminSelectWidget, "vat_class": UnfoldAdminSelectWidget}

    def clean_file(self):
        file = self.cleaned_data["file"]
        try:
            catalogue_imports.check_upload(file=file)
        except DomainError as error:
            raise forms.ValidationError(error.message) from error
        return file


@admin.register(CatalogueImport)
class CatalogueImportAdmin(ModelAdmin):
    """Upload a file, read the preview, confirm. A finished import is a record: neither edited nor deleted."""

    form = UploadForm
    list_display = ["name", "status", "format", "outcome", "created_by", "created_at", "finished_at"]
    list_filter = ["status", "format"]
    list_select_related = ["created_by"]
    change_form_outer_before_template = "backoffice/catalogue/import_preview.html"
    show_full_result_count = False

    def get_fields(self, request, obj=None):
        if obj is None:
            return ["file", "format", "vat_class", "encoding"]
        return [
            ("name", "status"),
            ("format", "vat_class"),
            ("created_by", "created_at"),
            ("confirmed_by", "finished_at"),
        ]

    def get_readonly_fields(self, request, obj=None):
        return [] if obj is None else [field.name for field in CatalogueImport._meta.fields]

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description=_("bilan"))
    def outcome(self, received) -> str:
        report = received.report
        if "created" not in report:
            return received.problem or "—"
        return _("%(created)s créés, %(updated)s modifiés, %(rejected)s refusés") % {
            "created": report["created"],
            "updated": report["updated"],
            "rejected": report["rejected"],
        }

    def save_model(self, request, obj, form, change):
        """Only creates: an existing import is read-only."""
        received = catalogue_imports.receive_import(
            file=form.cleaned_data["file"],
            format_=form.cleaned_data["format"],
            vat_class=form.cleaned_data["vat_class"],
            encoding=form.cleaned_data["encoding"],
            author=request.user,
            now=timezone.now(),
        )
        preview_import.delay_on_commit(import_id=received.pk)
        obj.pk, obj.name = received.pk, received.name

    def response_add(self, request, obj, post_url_continue=None):
        messages.info(request, _("Fichier reçu. L’aperçu dit ce qui changerait ; rien n’est encore écrit."))
        return redirect("admin:catalogue_catalogueimport_change", obj.pk)

    def get_urls(self):
        return [
            path("<int:pk>/confirmer/", self._guarded(self.confirm_view, "change"), name="catalogue_import_confirm"),
            path("<int:pk>/refus/", self._guarded(self.rejects_view, "view"), name="catalogue_import_rejects"),
            *super().get_urls(),
        ]

    def _guarded(self, view, action: str):
        def checked(request: HttpRequest, pk: int) -> HttpResponseBase:
            if not request.user.has_perm(f"catalogue.{action}_catalogueimport"):
                raise PermissionDenied
            return view(request, pk)

        return self.admin_site.admin_view(require_POST(checked) if action == "change" else require_GET(checked))

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        received = get_object_or_404(CatalogueImport, pk=pk)
        try:
            catalogue_imports.confirm_import(received=received, by=request.user, now=timezone.now())
        except DomainError as error:
            messages.error(request, error.message)
        else:
            apply_import.delay_on_commit(import_id=pk)
        return redirect("admin:catalogue_catalogueimport_change", pk)

    def rejects_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        received = get_object_or_404(CatalogueImport, pk=pk)
        if not received.rejects:
            raise Http404
        filename = received.rejects.name.rsplit("/", 1)[-1]
        return document_response(received.rejects, filename=filename, content_type="text/csv")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        received = self.get_object(request, object_id)
        buttons = {"show_save": False, "show_save_and_continue": False, "show_save_and_add_another": False}
        extra = {"received": received, **buttons, **_report_context(received)}
        response = super().change_view(request, object_id, form_url, {**extra, **(extra_context or {})})
        if received and received.status in (CatalogueImport.Status.RECEIVED, CatalogueImport.Status.CONFIRMED):
            # Reloads while the task runs: progress without JavaScript.
            response["Refresh"] = "3"
        return response


def _report_context(received: CatalogueImport | None) -> dict[str, object]:
    """The template's context for the report; empty until there is one."""
    if received is None or "created" not in received.report:
        return {}
    report = received.report
    is_done = received.status == CatalogueImport.Status.DONE
    figures = [
        (_("créés") if is_done else _("à créer"), report["created"]),
        (_("modifiés") if is_done else _("à modifier"), report["updated"]),
        (_("inchangés"), report["unchanged"]),
        (_("lignes refusées"), report["rejected"]),
        (_("images à télécharger"), report["images"]),
    ]
    differences = [
        (code, COLUMNS.get(column, column), before or "—", after or "—")
        for code, column, before, after in report["differences"]
    ]
    return {
        "alerts": [] if is_done else _alerts(report),
        "is_done": is_done,
        "can_confirm": received.status == CatalogueImport.Status.PREVIEWED,
        "changes_nothing": not (report["created"] or report["updated"] or report["defined"]),
        "figures": figures,
        "differences": differences,
        "report": report,
    }


def _alerts(report: dict[str, Any]) -> list[str]:
    """What to look at before confirming; a report of before these figures has none."""
    doubtful, without_stock = report.get("doubtful", 0), report.get("without_stock", 0)
    big, drafts = report.get("big_price_change_count", 0), report.get("drafts", 0)
    sentences = (
        (
            big,
            ngettext("%(count)d prix change de plus de moitié.", "%(count)d prix changent de plus de moitié.", big),
        ),
        (
            without_stock,
            ngettext(
                "Ce fichier ne donne pas le stock : %(count)d nouveau produit sera épuisé.",
                "Ce fichier ne donne pas le stock : %(count)d nouveaux produits seront épuisés.",
                without_stock,
            ),
        ),
        (
            doubtful,
            ngettext(
                "%(count)d produit est à relire, sa lecture étant douteuse : nouveau, il est en brouillon.",
                "%(count)d produits sont à relire, leur lecture étant douteuse : nouveaux, ils sont en brouillon.",
                doubtful,
            ),
        ),
        (
            drafts,
            ngettext(
                "%(count)d nouveau produit arrive en brouillon.",
                "%(count)d nouveaux produits arrivent en brouillon.",
                drafts,
            ),
        ),
    )
    return [sentence % {"count": count} for count, sentence in sentences if count]
