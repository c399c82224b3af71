"""Base classes of several screens."""

from typing import Any

from django.http import HttpRequest
from unfold.admin import ModelAdmin

from apps.catalogue.services.revision import bump_revision


class ReadOnlyAdmin(ModelAdmin):
    """Records that services write and nobody edits."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class InvalidatesPages(ModelAdmin):
    """For records that anonymous pages display: a change or a deletion invalidates the cached pages."""

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        bump_revision()

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        bump_revision()

    def delete_queryset(self, request, queryset):
        super().delete_queryset(request, queryset)
        bump_revision()


class ProposesSlugs:
    """For screens that propose a slug from a name: œ, ß and ø are written out as everywhere in the shop."""

    class Media:
        # Named together so that ours comes after the one it replaces.
        js = ["admin/js/urlify.js", "backoffice/slugs.js"]
