"""The report of a load: one self-contained file of HTML, and the same figures as JSON."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from apps.operations.services.loadtest.charts import Chart, line_chart
from apps.operations.services.loadtest.cloudwatch import Fleet
from apps.operations.services.loadtest.summary import Summary
from apps.operations.services.loadtest.target import Target


def write_report(
    *,
    folder: Path,
    target: Target,
    began: datetime,
    asked: dict[str, Any],
    summary: Summary,
    missed: list[str],
    fleet: Fleet | None,
) -> Path:
    """Writes report.html and report.json into the folder, and returns the first."""
    folder.mkdir(parents=True, exist_ok=True)
    data = {
        "url": target.url,
        "release": settings.RELEASE,
        "began": began.isoformat(),
        "asked": asked,
        "missed": missed,
        **asdict(summary),
        "fleet": asdict(fleet) if fleet else None,
    }
    (folder / "report.json").write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
    page = folder / "report.html"
    context = {
        "target": target,
        "began": began,
        "asked": asked,
        "summary": summary,
        "missed": missed,
        "charts": _charts(summary, fleet, asked),
        "fleet": fleet,
        "release": settings.RELEASE,
    }
    page.write_text(render_to_string("operations/load_report.html", context), encoding="utf-8")
    return page


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
