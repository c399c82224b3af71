from pathlib import Path
from tempfile import NamedTemporaryFile

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminFileFieldWidget

from apps.backoffice import moderation
from apps.comments import services
from apps.comments.models import Comment, Report
from apps.common.errors import DomainError
from apps.common.typed import TypedForm
from apps.imports.comments.readers import read_comments
from apps.imports.services.comments import CommentsReport, import_comments

MAX_BYTES = 20 * 1024 * 1024
MAX_LISTED = 50


class CommentsFileForm(TypedForm, forms.Form):
    file = forms.FileField(
        label=_("Fichier"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".xml,.gz,.db,.json,.csv,.xlsx"}),
        help_text=_(
            "L’export de Disqus (XML), celui de WordPress (Outils, Exporter : XML), la base d’Isso (comments.db), une "
            "sauvegarde de Remark42, ou « commentaires » d’une archive de cette boutique ; 20 Mo au plus."
        ),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("Ce fichier dépasse 20 Mo : faites-le reprendre par import_comments."))
        return file


class ReportInline(TabularInline):
    model = Report
    fields = readonly_fields = ["reason", "note", "user", "created_at"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(Comment)
class CommentAdmin(ModelAdmin):
    """All comments. Pending and reported ones have a page of their own, the moderation queue."""

    list_before_template = "backoffice/comments_verbs.html"
    list_display = ["author", "text", "section_id", "rating", "status", "open_reports", "created_at"]
    list_filter = ["status", "rating", "by_team"]
    search_fields = ["author", "text", "section_id"]
    show_full_result_count = False
    fields = readonly_fields = [
        *("author", "text", "section_id", "parent", "user", "rating", "bought_on", "status", "reason"),
        *("created_at", "edited_at", "withdrawn_at", "open_reports", "moderated_by", "moderated_at"),
    ]
    list_select_related = ["parent", "user"]
    ordering = ["-pk"]
    actions = ["publish", "decide"]
    inlines = [ReportInline]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False  # refused with a reason instead, of which its author is notified

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("moderation/", view(self.moderation), name="comments_comment_moderation"),
            path("importer/", view(self.import_view), name="comments_comment_import"),
            *super().get_urls(),
        ]

    def moderation(self, request: HttpRequest) -> HttpResponse:
        return moderation.queue(request, frame={**self.admin_site.each_context(request), "opts": self.opts})

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Comments of another program: seen first, or written at once; the same file again adds nothing."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        form = CommentsFileForm(request.POST or None, request.FILES or None)
        report, status, is_trial = None, 200, "try" in request.POST
        if request.method == "POST":
            status = 422
            if form.is_valid():
                try:
                    report = self._import(form.cleaned_data["file"], dry_run=is_trial)
                    status = 200
                except DomainError as error:
                    form.add_error("file", error.message)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Reprendre des commentaires"),
            "opts": self.opts,
            "form": form,
            "report": report,
            "sections": report.sections.most_common(MAX_LISTED) if report else [],
            "left_out": report.left_out.items() if report else [],
            "is_trial": is_trial,
        }
        return TemplateResponse(request, "backoffice/comments_import.html", context, status=status)

    def _import(self, file: UploadedFile, *, dry_run: bool) -> CommentsReport:
        with NamedTemporaryFile(suffix=Path(file.name or "").suffix[:8]) as stored:
            for chunk in file.chunks():
                stored.write(chunk)
            stored.flush()
            return import_comments(comments=read_comments(Path(stored.name)), sections={}, dry_run=dry_run)

    @admin.action(description=_("Publier"), permissions=["change"])
    def publish(self, request, queryset):
        numbers = list(queryset.values_list("pk", flat=True))
        services.publish(comments=numbers, by=request.user, now=timezone.now())

    @admin.action(description=_("Relire et décider"), permissions=["change"])
    def decide(self, request, queryset):
        numbers = ",".join(str(number) for number in queryset.values_list("pk", flat=True)[: moderation.PAGE_SIZE])
        return redirect(f"{reverse('admin:comments_comment_moderation')}?comment={numbers}")
