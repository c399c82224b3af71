from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminFileFieldWidget

from apps.common.errors import DomainError
from apps.prospects.models import ProspectImport, Stage
from apps.prospects.services import imports


class UploadForm(forms.ModelForm):
    file = forms.FileField(
        label=_("fichier"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.xlsx,.txt,text/csv"}),
        help_text=_(
            "CSV ou XLSX, 5 Mo et 5 000 lignes au plus, avec une colonne e-mail et un nom. Rien n’est écrit avant "
            "votre confirmation."
        ),
    )

    class Meta:
        model = ProspectImport
        fields = ["file"]

    def clean(self):
        """Reads the file at once, so that its errors are form errors."""
        file = self.cleaned_data.get("file")
        if file and not self.errors:
            try:
                self.received = imports.receive_prospects(file=file, by=self.author, now=timezone.now())
            except DomainError as error:
                self.add_error("file", error.message)
        return self.cleaned_data

    def _post_clean(self):
        """The service has stored the file."""


@admin.register(ProspectImport)
class ProspectImportAdmin(ModelAdmin):
    """Upload a list, read the preview, confirm. A finished import is a record."""

    form = UploadForm
    list_display = ["name", "status", "created_by", "created_at", "finished_at"]
    list_select_related = ["created_by"]
    change_form_outer_before_template = "backoffice/prospects/import_preview.html"
    show_full_result_count = False

    def get_fields(self, request, obj=None):
        return ["file"] if obj is None else [("name", "status"), ("created_by", "created_at"), "finished_at"]

    def get_readonly_fields(self, request, obj=None):
        return [] if obj is None else [field.name for field in ProspectImport._meta.fields]

    def has_delete_permission(self, request, obj=None):
        return False

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.author = request.user
        return form

    def save_model(self, request, obj, form, change):
        obj.pk, obj.name = form.received.pk, form.received.name

    def response_add(self, request, obj, post_url_continue=None):
        messages.info(request, _("Fichier lu. Voici ce qu’il apporterait ; rien n’est encore écrit."))
        return redirect("admin:prospects_prospectimport_change", obj.pk)

    def get_urls(self):
        confirm = self.admin_site.admin_view(require_POST(self.confirm_view))
        return [path("<int:pk>/confirmer/", confirm, name="prospect_import_confirm"), *super().get_urls()]

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm("prospects.change_prospectimport"):
            raise PermissionDenied
        received = get_object_or_404(ProspectImport, pk=pk)
        words = [word for word, _count in received.report.get("stages", [])]
        try:
            imports.import_prospects(
                import_id=pk,
                by=request.user,
                now=timezone.now(),
                stages={word: request.POST.get(f"stage-{number}", "") for number, word in enumerate(words)},
                completes="completes" in request.POST,
            )
        except DomainError as error:
            messages.error(request, error.message)
        return redirect("admin:prospects_prospectimport_change", pk)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        received = self.get_object(request, object_id)
        extra = {
            "received": received,
            "stages": Stage.objects.order_by("position", "pk"),
            "show_save": False,
            "show_save_and_continue": False,
        }
        return super().change_view(request, object_id, form_url, {**extra, **(extra_context or {})})
