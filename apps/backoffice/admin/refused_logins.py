from axes.models import AccessAttempt
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin


@admin.register(AccessAttempt)
class RefusedLoginAdmin(ModelAdmin):
    """Failed logins to the back office, read-only. Deleting one unblocks its source at once, unless somebody is
    guessing at the account (20 failures in 3 days)."""

    list_display = ["attempt_time", "username", "ip_address", "failures_since_start"]
    search_fields = ["username", "ip_address"]
    ordering = ["-attempt_time"]
    show_full_result_count = False
    # Without `post_data`: it may contain a password that was typed into another field.
    fields = readonly_fields = ["attempt_time", "username", "ip_address", "user_agent", "failures_since_start", "page"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    @admin.display(description=_("page"))
    def page(self, attempt) -> str:
        return attempt.path_info
