from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from apps.comments import services
from apps.comments.models import Comment


@admin.register(Comment)
class CommentAdmin(ModelAdmin):
    """The moderation queue: what waits comes first by its filter."""

    list_display = ["author", "text", "section_id", "status", "created_at"]
    list_filter = ["status"]
    search_fields = ["author", "text", "section_id"]
    show_full_result_count = False
    fields = readonly_fields = [
        *("author", "text", "section_id", "parent", "user", "status", "reason", "created_at"),
        *("moderated_by", "moderated_at"),
    ]
    list_select_related = True
    ordering = ["-created_at", "-pk"]
    actions = ["publish", "reject"]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False  # refused with a reason instead, which its author is owed

    @admin.action(description=gettext_lazy("Publier"), permissions=["change"])
    def publish(self, request, queryset):
        numbers = list(queryset.values_list("pk", flat=True))
        services.publish(comments=numbers, by=request.user, now=timezone.now())

    @admin.action(description=gettext_lazy("Refuser : contraire à nos règles"), permissions=["change"])
    def reject(self, request, queryset):
        numbers = list(queryset.values_list("pk", flat=True))
        reason = _("Contraire aux règles de publication")
        services.reject(comments=numbers, reason=reason, by=request.user, now=timezone.now())
