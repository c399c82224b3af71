from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from apps.prospects.models import Prospect, ProspectEvent, Stage


@admin.register(Stage)
class StageAdmin(ModelAdmin):
    list_display = ["name_fr", "code", "position", "colour", "wip_limit", "asks_reason", "outcome"]
    list_editable = ["position"]

    def get_readonly_fields(self, request, obj=None):
        # Programs know a stage by it.
        return ["code"] if obj else []


class EventInline(TabularInline):
    model = ProspectEvent
    fk_name = "prospect"
    fields = readonly_fields = ["at", "kind", "by_name", "from_stage", "to_stage", "reason"]
    extra = 0
    can_delete = False
    tab = True

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(Prospect)
class ProspectAdmin(ModelAdmin):
    """To look at; changes go through the services, which keep versions and history."""

    list_display = ["__str__", "company", "email", "stage", "assignee", "next_action_date", "verified", "created_at"]
    list_filter = ["stage", "verified"]
    list_select_related = ["stage", "assignee"]
    search_fields = ["first_name", "last_name", "email", "company"]
    show_full_result_count = False
    date_hierarchy = "created_at"
    inlines = [EventInline]

    def get_queryset(self, request):
        return super().get_queryset(request).filter(deleted_at=None)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
