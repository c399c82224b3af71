from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import linebreaksbr
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format, localize
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.backoffice.admin.base import ReadOnlyAdmin
from apps.backoffice.dead_letters import dead_letters_view
from apps.backoffice.operation_form import start_form
from apps.common.http import status_of
from apps.operations.errors import AlreadyRunning
from apps.operations.models import OperationRun
from apps.operations.runs.definition import Operation

START = "operations.start_operation"
COLOURS = {
    OperationRun.State.QUEUED: "info",
    OperationRun.State.RUNNING: "info",
    OperationRun.State.SUCCEEDED: "success",
    OperationRun.State.FAILED: "danger",
    OperationRun.State.OUT_OF_TIME: "danger",
    OperationRun.State.ABANDONED: "warning",
    OperationRun.State.REFUSED: "warning",
}


def operations() -> dict[str, Operation]:
    """By name. Their modules are loaded when somebody first comes here: 0.15 s that most processes never need."""
    from apps.operations.operations import OPERATIONS

    return OPERATIONS


@admin.register(OperationRun)
class OperationRunAdmin(ReadOnlyAdmin):
    """Runs and their outcome; whoever has the permission starts an operation here, and a worker runs it."""

    list_before_template = "backoffice/operations/start_list.html"
    list_display = ["title", "when", "outcome", "message", "who", "duration"]
    list_filter = ["operation", "state", "source", "is_dry_run"]
    list_select_related = ["started_by"]
    list_per_page = 50
    show_full_result_count = False
    fields = [
        ("title", "state"),
        "message",
        ("when", "duration"),
        ("who", "host"),
        "links_to_follow",
        "lines",
        "options",
        "result",
    ]

    @display(description=_("opération"), ordering="operation")
    def title(self, run: OperationRun) -> str:
        operation = operations().get(run.operation)
        name = str(operation.title) if operation else run.operation
        return _("%(name)s (essai)") % {"name": name} if run.is_dry_run else name

    @display(description=_("lancée le"), ordering="started_at")
    def when(self, run: OperationRun) -> str:
        return date_format(timezone.localtime(run.started_at), "SHORT_DATETIME_FORMAT")

    @display(description=_("état"), ordering="state", label=COLOURS)
    def outcome(self, run: OperationRun) -> tuple[str, str]:
        return run.state, run.get_state_display()

    @display(description=_("lancée par"))
    def who(self, run: OperationRun) -> str:
        return str(run.started_by or run.get_source_display())

    @display(description=_("durée"))
    def duration(self, run: OperationRun) -> str:
        if run.finished_at is None:
            return "…"
        seconds = (run.finished_at - run.started_at).total_seconds()
        return f"{localize(round(seconds, 1))} s" if seconds < 120 else f"{seconds / 60:.0f} min"

    @display(description=_("liens"))
    def links_to_follow(self, run: OperationRun) -> str:
        links = {**run.links}
        if "findings" in run.result:
            links[_("L’audit en une page")] = reverse("admin:operations_audit", args=[run.pk])
        if run.result.get("report_name"):
            links[_("Le rapport de l’essai de charge")] = reverse("admin:operations_load", args=[run.pk])
        if "backups" in run.result:
            links[_("Les sauvegardes en une page")] = reverse("admin:operations_backups", args=[run.pk])
        return render_to_string("operations/links.html", {"links": links})

    @display(description=_("journal"))
    def lines(self, run: OperationRun) -> str:
        return linebreaksbr(run.log.rstrip("\n"))

    def get_urls(self) -> list[Any]:
        start = self.admin_site.admin_view(self.start_view)
        dead_letters = self.admin_site.admin_view(partial(dead_letters_view, site=self.admin_site))
        audit = self.admin_site.admin_view(self.audit_view)
        return [
            path("start/<slug:name>/", start, name="operations_start"),
            path("dead-letters/", dead_letters, name="operations_dead_letters"),
            path("<int:pk>/audit/", audit, name="operations_audit"),
            path("<int:pk>/load/", self.admin_site.admin_view(self.load_view), name="operations_load"),
            path("<int:pk>/backups/", self.admin_site.admin_view(self.backups_view), name="operations_backups"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        found = operations().values() if request.user.has_perm(START) else []
        startable = sorted(found, key=lambda operation: str(operation.title))
        return super().changelist_view(request, {"startable": startable, **(extra_context or {})})

    def audit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The report of an audit, as `audit_infra --html` writes it."""
        from apps.operations.services.audit.page import context as audit_context

        if not self.has_view_permission(request):
            raise PermissionDenied
        run = get_object_or_404(OperationRun, pk=pk, operation="audit_infra", result__has_key="findings")
        back = reverse("admin:operations_operationrun_change", args=[pk])
        context = audit_context(run.result, is_standalone=False)
        return TemplateResponse(request, "operations/audit.html", {**context, "back_url": back})

    def load_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The report of a load, in the reader's language."""
        from apps.operations.services.loadtest.report import report_context
        from apps.operations.services.loadtest.shelf import report

        if not self.has_view_permission(request):
            raise PermissionDenied
        run = get_object_or_404(OperationRun, pk=pk, operation="load_generator", result__has_key="report_name")
        data = report(run.result["report_name"])
        if data is None:
            raise Http404(_("Le rapport de cet essai n’est plus là."))
        back = reverse("admin:operations_operationrun_change", args=[pk])
        context = report_context(data, is_standalone=False)
        return TemplateResponse(request, "operations/load_report.html", {**context, "back_url": back})

    def backups_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The inventory that a run took."""
        from apps.operations.services.backup.listing import KINDS, fate_of, states_of

        if not self.has_view_permission(request):
            raise PermissionDenied
        run = get_object_or_404(OperationRun, pk=pk, operation="backup_inventory", result__has_key="backups")
        rows = [
            {
                **each,
                "taken": datetime.fromisoformat(each["taken_at"]),
                "label": KINDS[each["kind"]],
                "short_facts": [each[name] for name in ("region", "volume", "release") if each.get(name)],
                "states": states_of(each),
                "fate": fate_of(each),
            }
            for each in run.result["backups"]
        ]
        context = {
            **self.admin_site.each_context(request),
            **run.result,
            "title": _("Inventaire des sauvegardes"),
            "opts": self.opts,
            "run": run,
            "at": datetime.fromisoformat(run.result["at"]),
            "backups": rows,
            "back_url": reverse("admin:operations_operationrun_change", args=[pk]),
        }
        return TemplateResponse(request, "backoffice/operations/backups.html", context)

    def start_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """The form of an operation's options; sends its task once."""
        if not request.user.has_perm(START):
            raise PermissionDenied
        operation = operations().get(name)
        if operation is None:
            raise Http404
        runs = reverse("admin:operations_operationrun_changelist")
        form, status = start_form(operation, request.POST or None), 200
        if request.method == "POST" and form.is_valid():
            try:
                self._hand_over(request, operation, form.given(), is_dry_run=form.cleaned_data["dry_run"])
            except AlreadyRunning as error:
                form.add_error(None, error.message)
                status = status_of(error)
            else:
                self.message_user(
                    request,
                    _("« %(title)s » est confiée à un serveur ; elle est en attente jusqu’à ce qu’il la commence.")
                    % {"title": operation.title},
                    messages.SUCCESS,
                )
                return redirect(runs)
        context = {**self.admin_site.each_context(request), "title": operation.title, "operation": operation}
        return TemplateResponse(
            request,
            "backoffice/operations/start.html",
            {**context, "form": form, "back_url": runs, "opts": self.opts},
            status=status,
        )

    def _hand_over(
        self, request: HttpRequest, operation: Operation, options: dict[str, Any], *, is_dry_run: bool
    ) -> None:
        from apps.operations.runs.run import queue_run
        from apps.operations.tasks import TASKS

        run = queue_run(
            operation=operation, options=options, user=request.user, now=timezone.now(), is_dry_run=is_dry_run
        )
        try:
            TASKS[operation.name].delay_on_commit(
                options=options, user_id=request.user.pk, dry_run=is_dry_run, run_id=run.pk
            )
        except Exception:
            # Without a message nobody would begin it, and it would hold the next one back.
            run.delete()
            raise
