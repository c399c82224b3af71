"""`load_generator`: sends visitors at the requested rate, and reports whether the shop held its thresholds."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from botocore.exceptions import BotoCoreError, ClientError
from django import forms
from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common import partial_files
from apps.operations.aws.errors import explain
from apps.operations.runs.definition import Operation, Options, Outcome, register
from apps.operations.runs.report import Reporter
from apps.operations.services.loadtest.cloudwatch import Fleet, watch_fleet
from apps.operations.services.loadtest.comparison import Compared, compare
from apps.operations.services.loadtest.generator import generator_python, measure
from apps.operations.services.loadtest.report import report_data, report_page
from apps.operations.services.loadtest.shelf import put_report, report_before
from apps.operations.services.loadtest.summary import LATE_MS, Summary, summarise
from apps.operations.services.loadtest.target import Target, find_target

logger = structlog.get_logger(__name__)


class LoadOptions(Options):
    url = forms.URLField(
        label=gettext_lazy("Adresse"), required=False, assume_scheme="https", help_text=gettext_lazy("qui charger")
    )
    environment = forms.SlugField(
        label=gettext_lazy("Environnement"),
        required=False,
        help_text=gettext_lazy("ou le répartiteur de terraform/environments/…, d’après les sorties de Terraform"),
    )
    group = forms.CharField(
        label=gettext_lazy("Groupe"),
        required=False,
        max_length=255,
        help_text=gettext_lazy("groupe d’instances dont CloudWatch dit le nombre et les processeurs"),
    )
    rate = forms.FloatField(
        label=gettext_lazy("Visiteurs"),
        min_value=0.1,
        max_value=500,
        initial=5,
        help_text=gettext_lazy("arrivées par seconde, la montée passée"),
    )
    ramp = forms.IntegerField(
        label=gettext_lazy("Montée"), min_value=0, max_value=900, initial=30, help_text=gettext_lazy("secondes")
    )
    seconds = forms.IntegerField(
        label=gettext_lazy("Durée"), min_value=5, max_value=900, initial=60, help_text=gettext_lazy("secondes ensuite")
    )
    think = forms.FloatField(
        label=gettext_lazy("Réflexion"),
        min_value=0,
        max_value=60,
        initial=2,
        help_text=gettext_lazy("secondes entre deux pages, en moyenne"),
    )
    buy = forms.IntegerField(
        label=gettext_lazy("Acheteurs"),
        min_value=0,
        max_value=100,
        initial=10,
        help_text=gettext_lazy("leur part des visites, en pour cent"),
    )
    p95 = forms.IntegerField(
        label="p95", min_value=1, initial=500, help_text=gettext_lazy("seuil du p95, en millisecondes")
    )
    p99 = forms.IntegerField(
        label="p99", min_value=1, initial=2000, help_text=gettext_lazy("seuil du p99, en millisecondes")
    )
    failures = forms.FloatField(
        label=gettext_lazy("Erreurs"),
        min_value=0,
        max_value=100,
        initial=1,
        help_text=gettext_lazy("leur part au plus, en pour cent"),
    )
    abort_p95 = forms.IntegerField(
        label=gettext_lazy("Arrêt au p95"),
        min_value=1,
        required=False,
        help_text=gettext_lazy("millisecondes au-delà desquelles l’essai s’arrête avant son terme"),
    )
    abort_failures = forms.FloatField(
        label=gettext_lazy("Arrêt aux erreurs"),
        min_value=0,
        max_value=100,
        required=False,
        help_text=gettext_lazy("pour cent d’erreurs au-delà desquels il s’arrête"),
    )
    abort_after = forms.IntegerField(
        label=gettext_lazy("Arrêt après"),
        min_value=1,
        max_value=300,
        initial=10,
        help_text=gettext_lazy("secondes de suite au-delà d’un de ces deux seuils"),
    )
    generators = forms.IntegerField(
        label=gettext_lazy("Générateurs"),
        min_value=1,
        max_value=16,
        initial=1,
        help_text=gettext_lazy("processus qui se partagent les visiteurs, quand un seul ne suffit pas"),
    )


def load_generator(
    *, url: str, environment: str, group: str, dry_run: bool, report: Reporter, now: datetime, **asked: Any
) -> Outcome:
    """Load a shop that LOAD_TEST_HOSTS allows, and say whether it held its thresholds. Ctrl-C ends it with what was
    measured. It leaves orders of …@load-test.example in the shop that it loads."""
    target = find_target(url=url, environment=environment, group=group)
    if dry_run:
        text = _("%(url)s serait chargée : jusqu’à %(rate)s visiteurs par seconde pendant %(seconds)d s.")
        return Outcome(text % {"url": target.url, "rate": asked["rate"], "seconds": asked["ramp"] + asked["seconds"]})
    folder = settings.VAR_DIR / "loadtest" / f"{now.astimezone(UTC):%Y-%m-%dT%H-%M-%S}"
    folder.mkdir(parents=True, exist_ok=True)
    python = generator_python(report)
    report.say(_("Chargement de %(url)s…") % {"url": target.url})
    browse, search = (100 - asked["buy"]) * 7 / 9, (100 - asked["buy"]) * 2 / 9
    arguments = [f"--{name}={asked[name]}" for name in ("rate", "ramp", "seconds", "think", "buy")]
    arguments += [f"--browse={browse}", f"--search={search}"]
    arguments += [f"--abort-after={asked['abort_after']}", f"--generators={asked['generators']}"]
    for name in ("abort_p95", "abort_failures"):
        if asked[name] is not None:
            arguments.append(f"--{name.replace('_', '-')}={asked[name]}")
    measured = measure(
        target=target, python=python, output=folder / "measured.json", arguments=arguments, report=report
    )
    summary = summarise(measured)
    began = datetime.fromtimestamp(measured["started"], UTC)
    fleet = _fleet(target, began, datetime.fromtimestamp(measured["started"] + summary.seconds, UTC), report)
    missed = _missed(summary, asked)
    before = _before(target, began)
    data = report_data(
        target=target, began=began, asked=asked, summary=summary, missed=missed, fleet=fleet, before=before
    )
    page, local = report_page(data), folder / "report.html"
    with partial_files.whole(local) as partial:
        partial.write_text(page, encoding="utf-8")
    name = _shelved(target, began, data, page, report)
    compared = compare(data, before) if before else []
    return _outcome(summary, missed, local, report, name, compared)


def _before(target: Target, began: datetime) -> dict[str, Any] | None:
    try:
        return report_before(host=target.host, began=began)
    except (BotoCoreError, ClientError) as error:
        # Where the report cannot be put either, the run says so.
        logger.warning("load_report_before_not_read", exc_info=error)
        return None


def _shelved(target: Target, began: datetime, data: dict[str, Any], page: str, report: Reporter) -> str:
    """Where the report lies for everybody; empty when it could not be put there."""
    try:
        return put_report(host=target.host, began=began, data=data, page=page)
    except (BotoCoreError, ClientError) as error:
        reason = explain(error).message
    except OSError as error:
        reason = error.strerror or str(error)
    # The measurements are on this machine, and cost minutes.
    report.say(_("Le rapport n’est que sur cette machine : %(reason)s") % {"reason": reason})
    return ""


def _fleet(target: Target, began: datetime, ended: datetime, report: Reporter) -> Fleet | None:
    if not target.group:
        return None
    try:
        return watch_fleet(group=target.group, began=began, ended=ended)
    except (BotoCoreError, ClientError) as error:
        # A report without the fleet is better than none.
        report.say(_("Sans les mesures de CloudWatch : %(reason)s") % {"reason": explain(error).message})
        return None


def _missed(summary: Summary, asked: dict[str, Any]) -> list[str]:
    missed = []
    if summary.aborted:
        missed.append(_aborted(summary.aborted))
    if summary.lost:
        text = _("%(lost)d générateurs sur %(count)d ont disparu : il est venu moins de visiteurs que voulu.")
        missed.append(text % {"lost": summary.lost, "count": summary.generators})
    if summary.all.count == 0:
        return [*missed, _("Personne n’a reçu de réponse.")]
    for mark in ("p95", "p99"):
        if (found := getattr(summary.all, mark)) > asked[mark]:
            missed.append(
                _("Le %(mark)s est de %(found).0f ms, pour %(limit)d au plus.")
                % {"mark": mark, "found": found, "limit": asked[mark]}
            )
    share = 100 * summary.all.error_share
    if share > asked["failures"]:
        missed.append(
            _("%(found)s %% des requêtes ont échoué, pour %(limit)s %% au plus.")
            % {"found": number_format(share, 1), "limit": number_format(asked["failures"], 1)}
        )
    if summary.lag_p99 > LATE_MS:
        missed.append(
            _(
                "Le générateur avait lui-même %(lag).0f ms de retard : ses mesures ne disent rien de sûr. Baissez "
                "--rate."
            )
            % {"lag": summary.lag_p99}
        )
    return missed


def _aborted(found: dict[str, Any]) -> str:
    if found["what"] == "p95":
        text = _(
            "Arrêté à la seconde %(second)d : le p95 dépassait %(limit).0f ms depuis %(after)d s (%(found).0f ms)."
        )
    else:
        text = _(
            "Arrêté à la seconde %(second)d : plus de %(limit)s %% des requêtes échouaient depuis %(after)d s "
            "(%(found)s %%)."
        )
        found = {**found, "limit": number_format(found["limit"], 1), "found": number_format(found["found"], 1)}
    return text % found


def _outcome(
    summary: Summary, missed: list[str], page: Path, report: Reporter, name: str, compared: list[Compared]
) -> Outcome:
    for each in summary.pages:
        figures = f"p50 {each.p50:6.0f} ms   p95 {each.p95:6.0f} ms   p99 {each.p99:6.0f} ms"
        report.say(
            _("%(name)-20s %(count)6d requêtes   %(figures)s   %(errors)d erreurs")
            % {"name": each.title, "count": each.count, "figures": figures, "errors": each.errors}
        )
    if compared:
        report.say(_("— Avec l’essai d’avant —"))
    for line in compared:
        figures = f"{number_format(line.before, 1)} → {number_format(line.now, 1)} {line.unit}".rstrip()
        change = f"   {100 * line.change:+.0f} %" if line.change is not None else ""
        mark = _("pire") if line.is_worse else _("mieux") if line.is_better else ""
        report.say(f"{line.name!s:<24}{figures}{change}   {mark}".rstrip())
    orders = sum(summary.orders.values())
    report.say(_("Commandes laissées dans la boutique : %(orders)d.") % {"orders": orders})
    report.say(_("Rapport : %(page)s") % {"page": page})
    verdict = " ".join(missed) if missed else _("Tous les seuils sont tenus.")
    text = _(
        "%(count)d requêtes, p50 %(p50).0f ms, p95 %(p95).0f ms, p99 %(p99).0f ms, %(errors)d erreurs. %(verdict)s"
    )
    whole = summary.all
    measures = {"count": whole.count, "p50": whole.p50, "p95": whole.p95, "p99": whole.p99, "errors": whole.errors}
    data = {
        **measures,
        "missed": missed,
        "orders": summary.orders,
        "report": str(page),
        "report_name": name,
        "lag_p99": summary.lag_p99,
        "aborted": summary.aborted,
        "compared": [
            {"name": str(line.name), "before": line.before, "now": line.now, "difference": line.difference}
            for line in compared
        ],
    }
    return Outcome(text % {**measures, "verdict": verdict}, data, ok=not missed)


register(
    Operation(
        name="load_generator",
        title=gettext_lazy("Essai de charge"),
        about=gettext_lazy(
            "Des visiteurs qui regardent, cherchent et achètent, au rythme voulu, et ce que la boutique en a fait."
        ),
        run=load_generator,
        options=LoadOptions,
        time_limit=timedelta(minutes=28),
    )
)
