from django.contrib import admin
from unfold.admin import ModelAdmin

from apps.prospects.models import Stage


@admin.register(Stage)
class StageAdmin(ModelAdmin):
    list_display = ["name_fr", "code", "position", "colour", "wip_limit", "asks_reason", "outcome"]
    list_editable = ["position"]

    def get_readonly_fields(self, request, obj=None):
        # Programs know a stage by it.
        return ["code"] if obj else []
