from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from apps.backoffice import moderation
from apps.comments import services
from apps.comments.models import Comment, Report


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
        queue = self.admin_site.admin_view(self.moderation)
        return [path("moderation/", queue, name="comments_comment_moderation"), *super().get_urls()]

    def moderation(self, request: HttpRequest) -> HttpResponse:
        return moderation.queue(request, frame={**self.admin_site.each_context(request), "opts": self.opts})

    @admin.action(description=_("Publier"), permissions=["change"])
    def publish(self, request, queryset):
        numbers = list(queryset.values_list("pk", flat=True))
        services.publish(comments=numbers, by=request.user, now=timezone.now())

    @admin.action(description=_("Relire et décider"), permissions=["change"])
    def decide(self, request, queryset):
        numbers = ",".join(str(number) for number in queryset.values_list("pk", flat=True)[: moderation.PAGE_SIZE])
        return redirect(f"{reverse('admin:comments_comment_moderation')}?comment={numbers}")
