from unfold.admin import ModelAdmin

from apps.catalogue.services.revision import bump_revision


class AnnouncedAdmin(ModelAdmin):
    """Base of screens whose objects anonymous pages name: every save and deletion bumps the catalogue's revision."""

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        bump_revision()

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        bump_revision()

    def delete_queryset(self, request, queryset):
        super().delete_queryset(request, queryset)
        bump_revision()
