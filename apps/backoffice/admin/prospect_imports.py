from io import StringIO

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminFileFieldWidget

from apps.backoffice.admin.people_columns import EncodingField, PeopleColumnsForm, columns_page
from apps.common.errors import DomainError
from apps.prospects.models import ProspectImport, Stage
from apps.prospects.services import imports


class UploadForm(forms.ModelForm):
    file = forms.FileField(
        label=_("Fichier"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.tsv,.txt,.gz,.zip,.xlsx,.ods,text/csv"}),
        help_text=_(
            "CSV, XLSX ou ODS, 5 Mo et 5 000 lignes au plus, avec une adresse e-mail par personne. L’export de "
            "HubSpot, Pipedrive, Mailchimp, Brevo, LinkedIn, Outlook ou Google se lit tel quel. Rien n’est écrit "
            "avant votre confirmation."
        ),
    )
    encoding = EncodingField()

    class Meta:
        model = ProspectImport
        fields = ["file"]

    def clean(self):
        """Reads the file at once, so that its errors are form errors."""
        file = self.cleaned_data.get("file")
        if file and not self.errors:
            try:
                self.received = imports.receive_prospects(
                    file=file,
                    by=self.author,
                    now=timezone.now(),
                    encoding=self.cleaned_data.get("encoding", ""),
                )
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
        return (
            ["file", "encoding"] if obj is None else [("name", "status"), ("created_by", "created_at"), "finished_at"]
        )

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
        if self.model.objects.filter(pk=obj.pk, status=ProspectImport.Status.COLUMNS).exists():
            return redirect("admin:prospect_import_columns", obj.pk)
        messages.info(request, _("Fichier lu. Voici ce qu’il apporterait ; rien n’est encore écrit."))
        return redirect("admin:prospects_prospectimport_change", obj.pk)

    def get_urls(self):
        def at(route, view, name):
            return path(f"<int:pk>/{route}/", self.admin_site.admin_view(view), name=f"prospect_import_{name}")

        return [
            at("colonnes", self.columns_view, "columns"),
            at("confirmer", require_POST(self.confirm_view), "confirm"),
            at("refus", require_GET(self.rejects_view), "rejects"),
            *super().get_urls(),
        ]

    def columns_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What its columns are, as long as it is not imported; a choice that is not valid yet is shown again."""
        if not request.user.has_perm("prospects.change_prospectimport"):
            raise PermissionDenied
        received = get_object_or_404(ProspectImport, pk=pk)
        if received.status == ProspectImport.Status.DONE:
            messages.error(request, _("Les colonnes de cet import ne changent plus."))
            return redirect("admin:prospects_prospectimport_change", pk)
        surveyed, begin, offered = imports.survey_prospects(received)
        form = PeopleColumnsForm(surveyed, begin, offered=offered, data=request.POST or None)
        if request.method != "POST" or "again" in request.POST or not form.is_valid():
            return columns_page(self, request, received, form)
        try:
            imports.choose_columns(received=received, choice=form.choice)
        except DomainError as error:
            messages.error(request, error.message)
        return redirect("admin:prospects_prospectimport_change", pk)

    def rejects_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Refused lines as a file, as long as the list is not imported: it is deleted then."""
        if not request.user.has_perm("prospects.change_prospectimport"):
            raise PermissionDenied
        received = get_object_or_404(ProspectImport, pk=pk, status=ProspectImport.Status.PREVIEWED)
        stream = StringIO(newline="")
        imports.write_rejects(received=received, stream=stream)
        name = f"{received.name.rpartition('.')[0] or received.name}.rejets.csv"
        response = HttpResponse(stream.getvalue().encode("utf-8-sig"), content_type="text/csv")
        response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
        return response

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
