from django import forms
from django.contrib import admin, messages
from django.shortcuts import redirect
from unfold.admin import ModelAdmin

from apps.common.errors import DomainError
from apps.prospects.models import Stage
from apps.prospects.services import check_delete_stage, check_hide_stage


class StageForm(forms.ModelForm):
    class Meta:
        model = Stage
        fields = "__all__"  # noqa: DJ007 staff define a column in every respect

    def clean(self):
        given = super().clean()
        if self.instance.pk and given.get("is_hidden"):
            try:
                check_hide_stage(stage=self.instance)
            except DomainError as error:
                self.add_error("is_hidden", error.message)
        return given


@admin.register(Stage)
class StageAdmin(ModelAdmin):
    """The columns of the board, in their order."""

    form = StageForm
    list_display = [
        "name_fr",
        "position",
        "colour",
        "wip_limit",
        "cold_after_days",
        "asks_reason",
        "is_hidden",
        "outcome",
    ]
    list_editable = ["position", "wip_limit", "cold_after_days", "asks_reason"]
    fields = [
        *(("name_fr", "name_en"), "code", ("position", "colour"), ("wip_limit", "cold_after_days")),
        *("asks_reason", "is_hidden", "outcome"),
    ]
    prepopulated_fields = {"code": ["name_fr"]}
    # Deletion has a page of its own, which lists what prevents it.
    actions = None

    def get_readonly_fields(self, request, obj=None):
        # The identifier of a stage in programs.
        return ["code"] if obj else []

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else self.prepopulated_fields

    def delete_view(self, request, object_id, extra_context=None):
        stage = self.get_object(request, object_id)
        if stage and self.has_delete_permission(request, stage):
            try:
                check_delete_stage(stage=stage)
            except DomainError as error:
                messages.error(request, error.message)
                return redirect("admin:prospects_stage_change", stage.pk)
        return super().delete_view(request, object_id, extra_context)
