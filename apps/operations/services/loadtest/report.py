"""The report of a load: its figures as data, and a page of them, self-contained or of the back office."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.operations.services.loadtest.charts import Chart, line_chart
from apps.operations.services.loadtest.cloudwatch import Fleet
from apps.operations.services.loadtest.comparison import asked_differently, compare, pages_before
from apps.operations.services.loadtest.summary import Moment, Summary, Times
from apps.operations.services.loadtest.target import Target

STYLES = "operations/load.css"
OPTIONS = {
    "rate": gettext_lazy("visiteurs par seconde"),
    "ramp": gettext_lazy("secondes de montée"),
    "seconds": gettext_lazy("secondes"),
    "think": gettext_lazy("secondes de réflexion"),
    "buy": gettext_lazy("pour cent d’acheteurs"),
    "generators": gettext_lazy("générateurs"),
}


def report_data(
    *,
    target: Target,
    began: datetime,
    asked: dict[str, Any],
    summary: Summary,
    missed: list[str],
    fleet: Fleet | None,
    before: dict[str, Any] | None,
) -> dict[str, Any]:
    return {
        "url": target.url,
        "host": target.host,
        "release": settings.RELEASE,
        "began": began.isoformat(),
        "asked": asked,
        "missed": missed,
        **asdict(summary),
        "fleet": asdict(fleet) if fleet else None,
        # Without what it was itself compared with.
        "before": {name: value for name, value in before.items() if name != "before"} if before else None,
    }


def report_page(data: dict[str, Any]) -> str:
    """One file without a URL of anything else."""
    return render_to_string("operations/load_report.html", report_context(data, is_standalone=True))


def report_context(data: dict[str, Any], *, is_standalone: bool) -> dict[str, Any]:
    summary, before = _summary(data), data.get("before")
    fleet = Fleet(**data["fleet"]) if data.get("fleet") else None
    p95_before = pages_before(before) if before else {}
    return {
        **data,
        "styles": Path(str(finders.find(STYLES))).read_text() if is_standalone else "",
        "began": datetime.fromisoformat(data["began"]),
        "summary": summary,
        "charts": _charts(summary, fleet, data["asked"]),
        "fleet": fleet,
        "before_began": datetime.fromisoformat(before["began"]) if before else None,
        "compared": compare(data, before) if before else [],
        "other_options": [
            {"label": OPTIONS[name], "was": was, "now": now} for name, was, now in asked_differently(data, before)
        ]
        if before
        else [],
        "pages": [{"times": page, "p95_before": p95_before.get(page.name)} for page in summary.pages],
    }


def _summary(data: dict[str, Any]) -> Summary:
    return Summary(
        all=Times(**data["all"]),
        pages=[Times(**page) for page in data["pages"]],
        moments=[Moment(**moment) for moment in data["moments"]],
        **{name: data[name] for name in ("seconds", "lag_p99", "orders", "errors", "aborted", "generators", "lost")},
    )


def _charts(summary: Summary, fleet: Fleet | None, asked: dict[str, Any]) -> list[Chart]:
    moments, seconds = summary.moments, float(summary.seconds)

    def points(name: str) -> list[tuple[float, float]]:
        return [(moment.second, getattr(moment, name)) for moment in moments]

    # A moment without a response has no response time.
    times = [
        (mark, colour, [(moment.second, getattr(moment, mark)) for moment in moments if moment.requests])
        for mark, colour in (("p99", 3), ("p95", 2), ("p50", 1))
    ]
    rates = [
        (_("requêtes"), 1, points("requests")),
        (_("visiteurs"), 2, points("arrivals")),
        (_("erreurs"), 3, points("errors")),
    ]
    charts = [
        line_chart(_("Temps de réponse"), "ms", times, seconds=seconds, limit=asked.get("p95")),
        line_chart(_("Chaque seconde"), _("par seconde"), rates, seconds=seconds),
    ]
    if fleet:
        charts += [
            line_chart(_("Instances en service"), "", [(_("instances"), 1, fleet.instances)], seconds=seconds),
            line_chart(_("Processeurs"), "%", [("CPU", 2, fleet.cpu)], seconds=seconds, top=100.0),
        ]
    return charts
