from copy import copy
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from apps.backoffice.admin import import_products
from apps.backoffice.admin.import_columns import ColumnsForm
from apps.catalogue.models import CatalogueImport
from apps.catalogue.tasks import fetch_wanted_images
from apps.common.documents import document_response
from apps.common.errors import DomainError
from apps.common.tabular.encoding import CODECS
from apps.common.typed import TypedForm
from apps.imports.catalogue.labels import COLUMNS
from apps.imports.retention import JOURNAL_RETENTION
from apps.imports.services import catalogue_imports, jobs, undo
from apps.imports.tasks import apply_import, preview_import, undo_import


class UploadForm(forms.ModelForm):
    file = forms.FileField(
        label=_("fichier"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.tsv,.txt,.gz,.zip,.xlsx,.ods,.xml,text/csv"}),
        help_text=_(
            "CSV, compressé (gz, zip) ou non, XLSX, ODS ou flux XML, 50 Mo au plus. Rien n’est changé avant votre "
            "confirmation."
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


class ConfirmForm(TypedForm, forms.Form):
    starting_stock = forms.IntegerField(required=False, min_value=0, max_value=1_000_000)


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
        def at(route, view, action, name):
            return path(f"<int:pk>/{route}/", self._guarded(view, action), name=f"catalogue_import_{name}")

        return [
            at("confirmer", self.confirm_view, "change", "confirm"),
            at("colonnes", self.columns_view, "change", "columns"),
            at("encodage", self.encoding_view, "change", "encoding"),
            at("revoir-les-colonnes", self.reopen_view, "change", "reopen"),
            at("pause", self.wish_view(CatalogueImport.Wish.PAUSE), "change", "pause"),
            at("interrompre", self.wish_view(CatalogueImport.Wish.STOP), "change", "stop"),
            at("reprendre", self.resume_view, "change", "resume"),
            at("annuler", self.undo_view, "change", "undo"),
            at("refus", self.rejects_view, "view", "rejects"),
            at("redemander-les-images", self.ask_again_view, "change", "ask_again"),
            at("produits", self.products_view, "view", "products"),
            at("apercu.csv", self.file_view, "view", "file"),
            *super().get_urls(),
        ]

    def _guarded(self, view, action: str):
        def checked(request: HttpRequest, pk: int) -> HttpResponseBase:
            if not request.user.has_perm(f"catalogue.{action}_catalogueimport"):
                raise PermissionDenied
            return view(request, get_object_or_404(CatalogueImport, pk=pk))

        return self.admin_site.admin_view(require_POST(checked) if action == "change" else require_GET(checked))

    def _back(self, received: CatalogueImport) -> HttpResponse:
        return redirect("admin:catalogue_catalogueimport_change", received.pk)

    def _done(self, request: HttpRequest, received: CatalogueImport, change, task=None) -> HttpResponse:
        """Make one change and send its task, or say why not; the import's page again."""
        try:
            change()
        except DomainError as error:
            messages.error(request, error.message)
        else:
            if task is not None:
                task.delay_on_commit(import_id=received.pk)
        return self._back(received)

    def confirm_view(self, request: HttpRequest, received: CatalogueImport) -> HttpResponse:
        form = ConfirmForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Le stock de départ est un nombre entier de pièces, un million au plus."))
            return self._back(received)
        pieces = form.cleaned_data["starting_stock"]

        def confirm():
            catalogue_imports.confirm_import(
                received=received, by=request.user, now=timezone.now(), starting_stock=pieces
            )

        return self._done(request, received, confirm, apply_import)

    def columns_view(self, request: HttpRequest, received: CatalogueImport) -> HttpResponse:
        """A choice that is not valid yet is shown again, nothing lost."""
        if received.status != CatalogueImport.Status.MAPPING:
            messages.error(request, _("Les colonnes de cet import sont déjà choisies."))
            return self._back(received)
        form = ColumnsForm(received, request.POST)
        if "again" in request.POST or not form.is_valid():
            page = copy(request)
            page.method = "GET"
            return self.change_view(page, str(received.pk), extra_context={"columns_form": form})

        def choose():
            catalogue_imports.choose_columns(
                received=received, reading=form.reading, by=request.user, now=timezone.now()
            )

        return self._done(request, received, choose, preview_import)

    def encoding_view(self, request: HttpRequest, received: CatalogueImport) -> HttpResponse:
        def choose():
            catalogue_imports.choose_encoding(received=received, encoding=request.POST.get("encoding", ""))

        return self._done(request, received, choose, preview_import)

    def reopen_view(self, request: HttpRequest, received: CatalogueImport) -> HttpResponse:
        def reopen():
            catalogue_imports.reopen_columns(received=received)

        return self._done(request, received, reopen, preview_import)

    def wish_view(self, wish: str):
        def view(request: HttpRequest, received: CatalogueImport) -> HttpResponse:
            def ask():
                catalogue_imports.ask_to(received=received, wish=wish, now=timezone.now())

            return self._done(request, received, ask)

        return view

    def resume_view(self, request: HttpRequest, received: CatalogueImport) -> HttpResponse:
        def resume():
            catalogue_imports.resume_import(received=received)

        return self._done(request, received, resume, apply_import)

    def undo_view(self, request: HttpRequest, received: CatalogueImport) -> HttpResponse:
        def start():
            undo.start_undo(received=received, now=timezone.now())

        return self._done(request, received, start, undo_import)

    def ask_again_view(self, request: HttpRequest, received: CatalogueImport) -> HttpResponse:
        """Fetch the failed pictures of its products again."""
        if import_products.ask_again_for_pictures(received):
            fetch_wanted_images.delay_on_commit()
        return self._back(received)

    def rejects_view(self, request: HttpRequest, received: CatalogueImport) -> HttpResponseBase:
        if not received.rejects:
            raise Http404
        filename = received.rejects.name.rsplit("/", 1)[-1]
        return document_response(received.rejects, filename=filename, content_type="text/csv")

    def products_view(self, request: HttpRequest, received: CatalogueImport) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Produits de « %(name)s »") % {"name": received.name},
            "received": received,
            **import_products.listed(request, received),
        }
        return TemplateResponse(request, "backoffice/catalogue/import_products.html", context)

    def file_view(self, request: HttpRequest, received: CatalogueImport) -> HttpResponseBase:
        return import_products.as_file(received)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        received = self.get_object(request, object_id)
        buttons = {"show_save": False, "show_save_and_continue": False, "show_save_and_add_another": False}
        extra = {"received": received, **buttons, **_report_context(received), **(extra_context or {})}
        if received and received.status == CatalogueImport.Status.MAPPING:
            extra.setdefault("columns_form", ColumnsForm(received))
        response = super().change_view(request, object_id, form_url, extra)
        if received and received.status in jobs.RUNNING:
            # Reloads while the task runs: progress without JavaScript.
            response["Refresh"] = "3"
        return response


def _report_context(received: CatalogueImport | None) -> dict[str, object]:
    """The template's context for the report; empty until there is one."""
    if received is None or "created" not in received.report:
        return {}
    report = received.report
    status = CatalogueImport.Status
    is_done = received.status in (status.DONE, status.STOPPED, status.UNDOING, status.UNDONE, status.REFUSED)
    figures = [
        (_("créés") if is_done else _("à créer"), report["created"]),
        (_("modifiés") if is_done else _("à modifier"), report["updated"]),
        (_("inchangés"), report.get("unchanged", 0)),
        (_("lignes refusées"), report.get("rejected", 0)),
        (_("images à télécharger"), report.get("images", 0)),
    ]
    differences = [
        (code, COLUMNS.get(column, column), before or "—", after or "—")
        for code, column, before, after in report.get("differences", [])
    ]
    return {
        "alerts": [] if is_done else _alerts(report),
        "is_done": is_done,
        "can_confirm": received.status == status.PREVIEWED,
        "can_undo": undo.can_undo(received, now=timezone.now()),
        "undo_until": received.finished_at and received.finished_at + JOURNAL_RETENTION,
        "outstanding": import_products.outstanding(received),
        "pictures": import_products.pictures(received) if is_done and report.get("images") else None,
        "samples": [] if is_done else _samples(received),
        "changes_nothing": not (report["created"] or report["updated"] or report.get("defined")),
        "figures": figures,
        "differences": differences,
        "report": report,
    }


def _samples(received: CatalogueImport) -> list[dict[str, Any]]:
    """Products of the preview whose page can be looked at as the shop would show it."""
    return [
        {
            "url": reverse("storefront:import_sample", args=[received.pk, number]),
            "name": sample["fields"].get("name_fr") or sample["code"],
            "line": sample["line"],
            "is_new": sample["product"] is None,
        }
        for number, sample in enumerate(received.report.get("samples", []))
        if sample["variants"]
    ]


def _alerts(report: dict[str, Any]) -> list[str]:
    """What to look at before confirming; a report of before these figures has none."""
    doubtful, without_stock = report.get("doubtful", 0), report.get("without_stock", 0)
    big, drafts = report.get("big_price_change_count", 0), report.get("drafts", 0)
    published, sold_out = report.get("published", 0), report.get("sold_out", 0)
    rayons, missing = report.get("new_rayon_count", 0), report.get("missing", 0)
    on_sale = report["created"] - drafts
    sentences = (
        (
            big,
            ngettext("%(count)d prix change de plus de 30 %%.", "%(count)d prix changent de plus de 30 %%.", big),
        ),
        (
            sold_out,
            ngettext(
                "%(count)d produit en vente sera épuisé.", "%(count)d produits en vente seront épuisés.", sold_out
            ),
        ),
        (
            published,
            ngettext("%(count)d brouillon sera mis en vente.", "%(count)d brouillons seront mis en vente.", published),
        ),
        (
            on_sale,
            ngettext(
                "%(count)d nouveau produit sera en vente aussitôt.",
                "%(count)d nouveaux produits seront en vente aussitôt.",
                on_sale,
            ),
        ),
        (
            missing,
            ngettext(
                "%(count)d produit de ce fournisseur manque au fichier.",
                "%(count)d produits de ce fournisseur manquent au fichier.",
                missing,
            ),
        ),
        (
            rayons,
            ngettext("%(count)d nouveau rayon sera créé.", "%(count)d nouveaux rayons seront créés.", rayons),
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
