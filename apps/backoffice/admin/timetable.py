"""Schedules of the recurring jobs: staff change when a job runs, never what it runs."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.backoffice.admin.base import ReadOnlyAdmin
from apps.operations.models import DueJob

PERIODS = [
    (IntervalSchedule.MINUTES, _("minutes")),
    (IntervalSchedule.HOURS, _("heures")),
    (IntervalSchedule.DAYS, _("jours")),
]
BY_CLOCK, BY_INTERVAL = ("minute", "hour", "day_of_week"), ("every", "period")


class TimetableForm(forms.ModelForm):
    """A job with a crontab keeps one, a job with an interval keeps one."""

    every = forms.IntegerField(
        label=_("toutes les"), min_value=1, max_value=10_000, widget=UnfoldAdminIntegerFieldWidget
    )
    period = forms.ChoiceField(label=_("unité"), choices=PERIODS, widget=UnfoldAdminSelectWidget)
    minute = forms.CharField(label=_("minute"), max_length=240, widget=UnfoldAdminTextInputWidget)
    hour = forms.CharField(
        label=_("heure (UTC)"),
        max_length=96,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("L’heure universelle : une heure de moins qu’à Paris l’hiver, deux l’été. * : toutes."),
    )
    day_of_week = forms.CharField(
        label=_("jour de la semaine"),
        max_length=64,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("* : tous ; sinon mon, tue, wed, thu, fri, sat, sun, séparés par des virgules."),
    )

    class Meta:
        model = PeriodicTask
        fields = ["enabled"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.fields:
            return  # somebody who may only look
        for name in (*BY_CLOCK, *BY_INTERVAL):
            plan = self.instance.crontab if name in BY_CLOCK else self.instance.interval
            if plan is None:
                del self.fields[name]
            else:
                self.fields[name].initial = getattr(plan, name)

    def clean(self) -> dict[str, Any] | None:
        given = super().clean()
        if self.errors or given is None:
            return given
        try:
            if self.instance.crontab and set(self.changed_data) & set(BY_CLOCK):
                self.instance.crontab = self._clock(given)
            elif self.instance.interval and set(self.changed_data) & set(BY_INTERVAL):
                self.instance.interval = self._interval(given)
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                self.add_error(name if name in self.fields else None, messages)
        return given

    def _clock(self, given: dict[str, Any]) -> CrontabSchedule:
        """Other jobs may share the row: a changed time becomes another row."""
        now = self.instance.crontab
        fields = {name: given[name] for name in BY_CLOCK}
        rest = {name: getattr(now, name) for name in ("day_of_month", "month_of_year", "timezone")}
        CrontabSchedule(**fields, **rest).full_clean()
        return CrontabSchedule.objects.filter(**fields, **rest).first() or CrontabSchedule.objects.create(
            **fields, **rest
        )

    def _interval(self, given: dict[str, Any]) -> IntervalSchedule:
        fields = {name: given[name] for name in BY_INTERVAL}
        return IntervalSchedule.objects.filter(**fields).first() or IntervalSchedule.objects.create(**fields)


@admin.register(PeriodicTask)
class TimetableAdmin(ModelAdmin):
    """celery-beat's own screen lets its user run any task with any arguments; here a job's task is read-only."""

    form = TimetableForm
    list_display = ["name", "enabled", "scheduler", "last_run_at"]
    list_filter = ["enabled"]
    list_select_related = ["interval", "crontab", "solar", "clocked"]
    search_fields = ["name", "task"]
    readonly_fields = ["name", "task", "scheduler", "last_run_at"]
    ordering = ["name"]
    actions = None
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: PeriodicTask | None = None) -> list[Any]:
        fields: list[Any] = ["name", "task", "enabled"]
        if obj and self.has_change_permission(request, obj):
            fields += [BY_CLOCK] if obj.crontab else [BY_INTERVAL] if obj.interval else []
        return [*fields, "scheduler", "last_run_at"]

    @admin.display(description=_("horaire"))
    def scheduler(self, job: PeriodicTask) -> str:
        return str(job.scheduler)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(DueJob)
class DueJobAdmin(ReadOnlyAdmin):
    list_display = ["job", "due_at", "claimed_at", "sent_at", "started_at", "finished_at", "error"]
    list_filter = ["job"]
    search_fields = ["job", "error"]
    list_per_page = 100
    show_full_result_count = False
