"""`daily_scheduler`: stops development machines at night, at weekends and on public holidays."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from botocore.exceptions import ClientError
from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common.money import format_euros, round_cents
from apps.operations.aws.errors import THROTTLED, explain
from apps.operations.models import OperationRun
from apps.operations.price_list import price_list
from apps.operations.runs.definition import Operation, Options, Outcome, register
from apps.operations.runs.report import Reporter
from apps.operations.services.timetable import machines as fleet
from apps.operations.services.timetable.machines import KEEP_UP_UNTIL, Machine, State
from apps.operations.services.timetable.plan import Timetable, end_of_keep_up, read_timetables, zone_of

NAME = "daily_scheduler"
SECONDS_PER_HOUR = 3600


class SchedulerOptions(Options):
    positional = ("action",)

    action = forms.ChoiceField(
        label=gettext_lazy("Action"),
        choices=[
            ("apply", gettext_lazy("ce que dit l’horaire")),
            ("start", gettext_lazy("démarrer maintenant")),
            ("stop", gettext_lazy("arrêter maintenant")),
        ],
        help_text=gettext_lazy(
            "start et stop agissent maintenant ; apply fait ce que l’horaire (DEV_TIMETABLE) demande à cette heure"
        ),
    )


@dataclass
class Done:
    started: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    # Display names, by id.
    names: dict[str, str] = field(default_factory=dict)
    # Dollars, by list price, for what was stopped until now; and the types that the list lacks.
    saved: Decimal = Decimal(0)
    unpriced: set[str] = field(default_factory=set)


def daily_scheduler(*, action: str, dry_run: bool, report: Reporter, now: datetime) -> Outcome:
    """Start or stop what is tagged Environment=dev. `apply` starts again only what the timetable stopped, so that what
    a person stopped stays down; a machine in transition is left for the next time. What AWS refuses is reported, and
    the others follow. A repeat finds nothing to do."""
    zone = zone_of(settings.OPERATIONS["dev_time_zone"])
    timetables = read_timetables(settings.OPERATIONS["dev_timetable"], settings.OPERATIONS["dev_time_zone"])
    if action == "apply" and not timetables:
        return Outcome(_("Aucun horaire : renseignez DEV_TIMETABLE pour qu’il y en ait un."), is_idle=True)
    asked = {"start": State.UP, "stop": State.DOWN}.get(action)
    done = Done()
    found = fleet.machines()
    for number, machine in enumerate(found, start=1):
        report.progress(machine.label, number, len(found))
        timetable = timetables.get(fleet.timetable_of(machine))
        if asked is None and timetable is None:
            _leave_without_timetable(machine, timetables, done, report)
            continue
        wanted = asked or (State.UP if timetable and timetable.is_up(now) else State.DOWN)
        _bring(machine, wanted, action, zone, done, dry_run=dry_run, report=report, now=now)
    return _outcome(done, len(found), dry_run=dry_run, report=report, now=now)


def _leave_without_timetable(machine: Machine, timetables: dict[str, Timetable], done: Done, report: Reporter) -> None:
    """One whose tag names no timetable; or none of ours is for machines without such a tag."""
    done.names[machine.name] = machine.label
    if not (name := fleet.timetable_of(machine)):
        done.skipped[machine.name] = _("aucun horaire n’est pour elle")
        return
    # A mistake that nobody would see where a planned run without work leaves no row.
    done.failed[machine.name] = _("son étiquette %(tag)s nomme un horaire inconnu (connus : %(names)s)") % {
        "tag": f"{fleet.TIMETABLE}={name}",
        "names": ", ".join(sorted(filter(None, timetables))) or _("aucun"),
    }
    _say_failed(machine, done, report)


def _bring(
    machine: Machine,
    wanted: State,
    action: str,
    zone: ZoneInfo,
    done: Done,
    *,
    dry_run: bool,
    report: Reporter,
    now: datetime,
) -> None:
    """Start or stop one machine, unless there is a reason not to."""
    since = fleet.stopped_at(machine)
    done.names[machine.name] = machine.label
    if machine.state == wanted:
        if wanted == State.UP and fleet.STOPPED in machine.tags and not dry_run and not machine.refusal:
            _try(machine, done, report, lambda: fleet.clear_stop(machine))
        return
    if machine.state == State.MOVING or (wanted == State.UP and action == "apply" and since is None):
        done.skipped[machine.name] = _("en mouvement") if machine.state == State.MOVING else _("arrêtée par quelqu’un")
        return
    if machine.refusal:
        _refuse(machine, machine.refusal, done, report)
        return
    if wanted == State.DOWN and (reason := _reason_to_keep_up(machine, zone, now)):
        done.skipped[machine.name] = reason
        report.say(_("gardée    %(name)s : %(reason)s") % {"name": machine.label, "reason": reason})
        return
    if wanted == State.DOWN and (reason := fleet.protection_of(machine)):
        _refuse(machine, reason, done, report)
        return
    if wanted == State.UP:
        slept = _saved(machine, since, now, done)
        if dry_run or _try(machine, done, report, lambda: fleet.start(machine)):
            done.started.append(machine.name)
            done.saved += slept
            report.say((_("à démarrer %(name)s") if dry_run else _("démarrée  %(name)s")) % {"name": machine.label})
    elif dry_run or _try(machine, done, report, lambda: fleet.stop(machine, now=now)):
        done.stopped.append(machine.name)
        again = _(" (AWS l’avait relancée)") if machine.kind == "rds" and since else ""
        text = _("à arrêter %(name)s%(again)s") if dry_run else _("arrêtée   %(name)s%(again)s")
        report.say(text % {"name": machine.label, "again": again})


def _reason_to_keep_up(machine: Machine, zone: ZoneInfo, now: datetime) -> str:
    written = machine.tags.get(KEEP_UP_UNTIL, "").strip()
    if not written:
        return ""
    try:
        until = end_of_keep_up(written, zone)
    except ValueError:
        return _("son étiquette %(tag)s=%(written)s n’est pas une date : écrivez 2026-11-21 ou 2026-11-21T22:00") % {
            "tag": KEEP_UP_UNTIL,
            "written": written,
        }
    if now >= until:
        return ""
    return _("jusqu’au %(until)s") % {"until": until.astimezone(zone).strftime("%d/%m/%Y %H:%M")}


def _refuse(machine: Machine, reason: str, done: Done, report: Reporter) -> None:
    done.refused[machine.name] = reason
    report.say(_("refusée   %(name)s : %(reason)s") % {"name": machine.label, "reason": reason})


def _try(machine: Machine, done: Done, report: Reporter, act: Callable[[], None]) -> bool:
    try:
        act()
    except fleet.Changed as error:
        _refuse(machine, error.message, done, report)
        return False
    except ClientError as error:
        # Throttled after all retries: the others would be too, and the next run handles them.
        if error.response["Error"]["Code"] in THROTTLED:
            raise
        done.failed[machine.name] = explain(error).message
        _say_failed(machine, done, report)
        return False
    return True


def _say_failed(machine: Machine, done: Done, report: Reporter) -> None:
    reason = done.failed[machine.name]
    report.say(_("échec     %(name)s : %(reason)s") % {"name": machine.label, "reason": reason})


def _saved(machine: Machine, since: datetime | None, now: datetime, done: Done) -> Decimal:
    """Dollars that its instances would have cost while it was stopped. Disks and IPs are paid for all the same."""
    if since is None or since >= now:
        return Decimal(0)
    hours = Decimal((now - since).total_seconds()) / SECONDS_PER_HOUR
    prices = price_list(settings.OPERATIONS["region"])
    saved = Decimal(0)
    for size, count in machine.sizes.items():
        price = prices.of("rds" if machine.kind == "rds" else "ec2", size) if prices else None
        if price is None:
            done.unpriced.add(size)
        else:
            saved += price * count * hours
    return saved


def _outcome(done: Done, found: int, *, dry_run: bool, report: Reporter, now: datetime) -> Outcome:
    prices = price_list(settings.OPERATIONS["region"])
    euros = round_cents(prices.euros(done.saved)) if prices else Decimal(0)
    if done.unpriced:
        report.say(_("Sans prix dans la table : %(sizes)s.") % {"sizes": ", ".join(sorted(done.unpriced))})
    data = {
        "machines": found,
        "names": done.names,
        "started": done.started,
        "stopped": done.stopped,
        "kept": done.skipped,
        "refused": done.refused,
        "failed": done.failed,
        "saved_euros": str(euros),
        "unpriced": sorted(done.unpriced),
    }
    counts = {
        "started": len(done.started),
        "stopped": len(done.stopped),
        "found": found,
        "skipped": len(done.skipped),
        "refused": len(done.refused),
        "failed": len(done.failed),
        "saved": format_euros(euros),
        "month": format_euros(euros + saved_this_month(now=now)),
    }
    if dry_run:
        text = _("À démarrer : %(started)d, à arrêter : %(stopped)d, sur %(found)d étiquetées Environment=dev.")
    else:
        text = _(
            "Démarrées : %(started)d, arrêtées : %(stopped)d, laissées : %(skipped)d, refusées : %(refused)d, "
            "en échec : %(failed)d, sur %(found)d étiquetées Environment=dev. "
            "Économisé : %(saved)s, ce mois-ci : %(month)s."
        )
    acted: Iterable[object] = (*done.started, *done.stopped, *done.failed)
    return Outcome(text % counts, data, ok=not done.failed, is_idle=not any(acted))


def saved_this_month(*, now: datetime) -> Decimal:
    """Euros that earlier runs of this month counted."""
    month = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    runs = OperationRun.objects.of(NAME).filter(is_dry_run=False, started_at__gte=month, started_at__lt=now)
    return sum((Decimal(result.get("saved_euros", 0)) for result in runs.values_list("result", flat=True)), Decimal(0))


register(
    Operation(
        name="daily_scheduler",
        title=gettext_lazy("Horaires de développement"),
        about=gettext_lazy(
            "Démarre et arrête ce qui porte l’étiquette Environment=dev, selon l’horaire, et compte les économies."
        ),
        run=daily_scheduler,
        options=SchedulerOptions,
        time_limit=timedelta(minutes=4),
    )
)
