"""Everything out again, for owners alone."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from apps.backoffice.admin.base import ReadOnlyAdmin
from apps.common.documents import document_response
from apps.common.errors import DomainError
from apps.imports.models import ShopExport
from apps.imports.retention import EXPORT_RETENTION
from apps.imports.services import shop_exports
from apps.imports.tasks import export_everything

# What the tables of an archive hold, by their names.
TABLES = {
    "rayons": _("rayons"),
    "produits": _("modèles de produits"),
    "clients": _("clients"),
    "adresses_clients": _("adresses de clients"),
    "commandes": _("commandes"),
    "lignes_commandes": _("lignes de commandes"),
    "commandes_anterieures": _("commandes antérieures"),
    "factures": _("factures et avoirs"),
    "prospects": _("prospects"),
    "commentaires": _("commentaires et avis"),
    "anciennes_adresses": _("anciennes adresses"),
}


@admin.register(ShopExport)
class ShopExportAdmin(ReadOnlyAdmin):
    """Ask for an archive of the whole shop, watch it being made, take it away."""

    list_before_template = "backoffice/shop_exports/ask.html"
    change_form_outer_before_template = "backoffice/shop_exports/state.html"
    list_display = ["created_at", "status", "rows", "weight", "created_by", "finished_at"]
    list_select_related = ["created_by"]
    show_full_result_count = False

    def get_fields(self, request, obj=None):
        return [("created_by", "created_at"), ("status", "finished_at")]

    def get_readonly_fields(self, request, obj=None):
        return [field.name for field in ShopExport._meta.fields]

    @admin.display(description=_("taille"))
    def weight(self, export: ShopExport) -> str:
        return filesizeformat(export.size) if export.size else "—"

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("demander/", view(require_POST(self.ask_view)), name="imports_shopexport_ask"),
            path("prendre/<str:token>/", view(require_GET(self.take_view)), name="imports_shopexport_take"),
            *super().get_urls(),
        ]

    def ask_view(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm("imports.add_shopexport"):
            raise PermissionDenied
        try:
            export = shop_exports.ask_export(by=request.user, now=timezone.now())
        except DomainError as error:
            messages.error(request, error.message)
            return redirect("admin:imports_shopexport_changelist")
        export_everything.delay_on_commit(export_id=export.pk)
        return redirect("admin:imports_shopexport_change", export.pk)

    def take_view(self, request: HttpRequest, token: str) -> HttpResponseBase:
        if not request.user.has_perm("imports.add_shopexport"):
            raise PermissionDenied
        export = shop_exports.export_of(token, by=request.user)
        if export is None:
            raise Http404
        shop_exports.log_taken(export=export, by=request.user, now=timezone.now())
        day = timezone.localdate(export.created_at).isoformat()
        return document_response(export.file, filename=f"boutique-{day}.zip", content_type="application/zip")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        export = self.get_object(request, object_id)
        is_running = export is not None and export.status in (ShopExport.Status.WAITING, ShopExport.Status.RUNNING)
        is_done = export is not None and export.status == ShopExport.Status.DONE
        extra = {
            "export": export,
            "is_running": is_running,
            "token": shop_exports.sign(export, by=request.user) if is_done else "",
            "gone_at": export.finished_at + EXPORT_RETENTION if is_done else None,
            "counts": [(TABLES.get(name, name), count) for name, count in export.counts.items()] if export else [],
            **(extra_context or {}),
        }
        response = super().change_view(request, object_id, form_url, extra)
        if is_running:
            # Reloads while the task runs: progress without JavaScript.
            response["Refresh"] = "3"
        # The link on it is a secret.
        response["Referrer-Policy"] = "same-origin"
        return response
