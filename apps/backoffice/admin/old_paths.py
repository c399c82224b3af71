"""Links of a former shop that redirect here, and those that nobody knows."""

from functools import partial
from io import BytesIO

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextInputWidget

from apps.backoffice.admin.base import ReadOnlyAdmin
from apps.catalogue.listing.page_urls import category_url, product_url
from apps.common.errors import DomainError
from apps.common.typed import TypedForm, TypedModelForm
from apps.imports.models import OldPath, UnknownPath
from apps.imports.services import old_paths

MAX_BYTES = 5 * 1024 * 1024


class OldPathForm(TypedModelForm):
    path = forms.CharField(
        label=_("ancienne adresse"),
        max_length=500,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Par exemple /12-miel-de-lavande.html, ou le lien entier."),
    )
    target = forms.CharField(
        label=_("page de la boutique"),
        max_length=500,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Par exemple /produit/miel-de-lavande/ : si le produit est renommé, le lien le suit."),
    )

    class Meta:
        model = OldPath
        fields: list[str] = []

    def clean(self):
        cleaned = super().clean()
        if not self.errors:
            try:
                self.entry = old_paths.add_path(
                    old=self.cleaned_data["path"], new=self.cleaned_data["target"], now=timezone.now()
                )
            except DomainError as error:
                self.add_error(None, error.message)
        return cleaned

    def _post_clean(self):
        """The service has stored the entry."""


class FileForm(TypedForm, forms.Form):
    file = forms.FileField(
        label=_("Fichier"), widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.ods,text/csv"})
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("Ce fichier dépasse 5 Mo. Coupez-le en plusieurs."))
        return file


@admin.register(OldPath)
class OldPathAdmin(ModelAdmin):
    """Added one by one or from a file, deleted, never edited: the same path given again replaces its entry."""

    form = OldPathForm
    list_before_template = "backoffice/old_paths/verbs.html"
    list_display = ["path", "leads_to", "hits", "last_asked_at"]
    list_select_related = ["product", "category"]
    search_fields = ["path", "to_path"]
    show_full_result_count = False
    list_per_page = 50

    def get_fields(self, request, obj=None):
        return ["path", "target"] if obj is None else ["path", "leads_to", ("hits", "last_asked_at"), "created_at"]

    def get_readonly_fields(self, request, obj=None):
        return [] if obj is None else [*(field.name for field in OldPath._meta.fields), "leads_to"]

    def has_change_permission(self, request, obj=None):
        return False

    @admin.display(description=_("mène à"))
    def leads_to(self, entry: OldPath) -> str:
        if entry.product is not None:
            return product_url(entry.product.slug_fr, "fr")
        if entry.category is not None:
            return category_url(entry.category.slug_fr, "fr")
        return entry.to_path

    def get_changeform_initial_data(self, request):
        return {"path": request.GET.get("path", "")[:500]}

    def save_model(self, request, obj, form, change):
        obj.pk, obj.path = form.entry.pk, form.entry.path

    def get_urls(self):
        view = self.admin_site.admin_view(self.import_view)
        return [path("importer/", view, name="imports_oldpath_import"), *super().get_urls()]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """A file of old and new paths; what it says is written at once, and refused lines are listed."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = FileForm(request.POST or None, request.FILES or None) if request.method == "POST" else FileForm()
        report, status = None, 200
        if request.method == "POST":
            status = 422
            if form.is_valid():
                file = form.cleaned_data["file"]
                content = file.read()
                try:
                    report = old_paths.import_paths(
                        open_=partial(BytesIO, content),
                        name=file.name,
                        now=timezone.now(),
                        dry_run="try" in request.POST,
                    )
                    status = 200
                except DomainError as error:
                    form.add_error("file", error.message)
            if report is not None and "try" not in request.POST and not report.rejected:
                messages.success(request, _("Les anciennes adresses sont reprises."))
                return redirect("admin:imports_oldpath_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Reprendre d’anciennes adresses"),
            "opts": self.opts,
            "form": form,
            "report": report,
            "is_trial": "try" in request.POST,
        }
        return TemplateResponse(request, "backoffice/old_paths/import.html", context, status=status)


@admin.register(UnknownPath)
class UnknownPathAdmin(ReadOnlyAdmin):
    list_before_template = "backoffice/old_paths/unknown.html"
    list_display = ["path", "hits", "first_asked_at", "last_asked_at", "add"]
    search_fields = ["path"]
    show_full_result_count = False
    list_per_page = 50

    def get_list_display(self, request):
        columns = list(super().get_list_display(request))
        return columns if request.user.has_perm("imports.add_oldpath") else columns[:-1]

    @admin.display(description=_("rediriger"))
    def add(self, entry: UnknownPath) -> str:
        return render_to_string("backoffice/old_paths/add.html", {"path": entry.path})
