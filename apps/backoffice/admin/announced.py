from unfold.admin import ModelAdmin

from apps.catalogue.services.revision import bump_revision


class AnnouncedAdmin(ModelAdmin):
    """For what anonymous pages show by its name: a change or a deletion is on all of them at once."""

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        bump_revision()

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        bump_revision()

    def delete_queryset(self, request, queryset):
        super().delete_queryset(request, queryset)
        bump_revision()
