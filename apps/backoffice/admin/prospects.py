from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST
from import_export.admin import ExportActionModelAdmin
from unfold.admin import ModelAdmin
from unfold.contrib.import_export.forms import ExportForm

from apps.backoffice.prospects import actions, card, compare, convert, lists
from apps.backoffice.prospects.export import FORMATS, ProspectResource, log_export
from apps.common.typed import TypedModelForm
from apps.prospects.models import Merge, Prospect

READ = ("GET", "HEAD")
ASK = (*READ, "POST")


@admin.register(Prospect)
class ProspectAdmin(ExportActionModelAdmin, ModelAdmin):
    """The list is Django's; the card is a page of our own, which changes it through services only."""

    form = TypedModelForm
    list_display = ["__str__", "company", "email", "stage", "assignee", "next_action_date", "verified", "created_at"]
    list_filter = ["stage", "verified"]
    list_select_related = ["stage", "assignee"]
    search_fields = ["first_name", "last_name", "email", "company"]
    show_full_result_count = False
    resource_classes = [ProspectResource]
    export_form_class = ExportForm

    def get_queryset(self, request):
        return super().get_queryset(request).filter(deleted_at=None)

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False  # a card goes to the trash through its own page; Django's would leave nothing to restore

    def get_export_formats(self):
        return FORMATS

    def get_export_data(self, file_format, request, queryset, **kwargs):
        log_export(request, queryset.count())
        return super().get_export_data(file_format, request, queryset.select_related("stage", "assignee"), **kwargs)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not object_id.isdecimal():
            raise Http404
        prospect = Prospect.objects.cards().select_related("customer").filter(pk=object_id).first()
        if prospect is None:
            raise Http404
        if prospect.merged_into_id:
            return redirect(card.card_url(prospect.merged_into_id))
        if prospect.deleted_at:
            raise Http404
        frame = self._frame(request)
        if request.method != "POST":
            return card.show(request, prospect, frame)
        if not self.has_change_permission(request):
            raise PermissionDenied
        return card.save(request, prospect, frame)

    def get_urls(self):
        def at(route: str, view: Callable[..., Any], name: str, permission: str = "change", **kwargs: Any) -> Any:
            return path(f"<int:pk>/{route}", self._guarded(view, permission, **kwargs), name=f"prospects_card_{name}")

        return [
            at("note/", actions.write_note, "note", framed=True),
            at("fichier/", actions.add_file, "file", framed=True),
            at("fichier/<int:attachment_id>/", actions.download, "download", "view", methods=READ),
            at("fichier/<int:attachment_id>/supprimer/", actions.remove_file, "unfile"),
            at("deplacer/", actions.move, "move", framed=True),
            at("supprimer/", actions.delete, "delete", "delete"),
            at("comparer/<int:other>/", compare.show, "compare", methods=READ, framed=True),
            at("fusionner/<int:other>/", compare.merge, "merge", framed=True),
            at("convertir/", convert.convert, "convert", methods=ASK, framed=True),
            at("separer/<int:merge>/", compare.undo, "unmerge"),
            path("corbeille/", self._page(lists.trash, "delete"), name="prospects_trash"),
            path(
                "corbeille/<int:pk>/retablir/",
                self._page(require_POST(lists.restore), "delete"),
                name="prospects_restore",
            ),
            path("recapitulatif/", self._page(lists.digest, "view"), name="prospects_digest"),
            *super().get_urls(),
        ]

    def _guarded(
        self,
        view: Callable[..., HttpResponseBase],
        permission: str,
        *,
        framed: bool = False,
        methods: Sequence[str] = ("POST",),
    ) -> Callable[..., HttpResponseBase]:
        """The view with the card of its URL, for whoever has the permission."""

        def checked(request: HttpRequest, pk: int, **kwargs: int) -> HttpResponseBase:
            if not request.user.has_perm(f"prospects.{permission}_prospect"):
                raise PermissionDenied
            if "merge" in kwargs:
                get_object_or_404(Merge, pk=kwargs["merge"], survivor=pk)
            found = get_object_or_404(Prospect.objects.not_deleted().cards().select_related("customer"), pk=pk)
            if framed:
                return view(request, found, self._frame(request), **kwargs)
            return view(request, found, **kwargs)

        return self.admin_site.admin_view(require_http_methods(methods)(checked))

    def _page(self, view: Callable[..., HttpResponseBase], permission: str) -> Callable[..., HttpResponseBase]:
        def checked(request: HttpRequest, **kwargs: int) -> HttpResponseBase:
            if not request.user.has_perm(f"prospects.{permission}_prospect"):
                raise PermissionDenied
            return view(request, self._frame(request), **kwargs)

        return self.admin_site.admin_view(checked)

    def _frame(self, request: HttpRequest) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts}
