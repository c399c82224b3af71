"""`backup_inventory`: every backup with its state, and what `cleanup` will do with it. Only reads."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.operations.runs.definition import Operation, Outcome, register
from apps.operations.runs.report import Reporter
from apps.operations.services.backup.inventory import Policy
from apps.operations.services.backup.keeping import Backup, find
from apps.operations.services.backup.options import RetentionOptions
from apps.operations.services.backup.store import backups

KINDS = {
    "export": gettext_lazy("sauvegarde logique"),
    "rds": gettext_lazy("instantané de la base"),
    "ebs": gettext_lazy("instantané d’un volume"),
}


def take_inventory(
    *, days: int, weeks: int, months: int, unsigned: bool, dry_run: bool, report: Reporter, now: datetime
) -> Outcome:
    """The newest first. A dry run is the same: nothing is written."""
    store = backups()
    found, strange = find(store, Policy(now, weeks, months), unsigned=unsigned)
    newest_first = sorted(found, key=lambda each: each.at, reverse=True)
    listed = [_described(each, now - timedelta(days=days)) for each in newest_first]
    for each in listed:
        states = ", ".join(state["text"] for state in states_of(each))
        report.say(
            _("%(at)s  %(name)s : %(states)s ; %(fate)s")
            % {"at": _day(each["taken_at"]), "name": each["name"], "states": states, "fate": fate_of(each)}
        )
    for name, reason in strange.items():
        report.say(_("laissé %(name)s : %(reason)s") % {"name": name, "reason": reason})
    whole = [each for each in listed if each["is_whole"]]
    verified = [each for each in whole if each.get("verified_at")]
    data = {
        "at": now.isoformat(),
        "store": store.name,
        "backups": listed,
        "counts": dict(Counter(_counted(each) for each in newest_first)),
        "newest_at": whole[0]["taken_at"] if whole else None,
        "newest_verified_at": verified[0]["taken_at"] if verified else None,
        "left": strange,
    }
    return Outcome(_sentence(data, len(whole)), data)


def _described(each: Backup, limit: datetime) -> dict[str, Any]:
    reason = each.reason_to_keep or (_("récent") if each.at >= limit and not each.is_leftover else "")
    return {
        **each.facts,
        "kind": each.kind,
        "name": each.name,
        "region": each.region,
        "taken_at": each.at.isoformat(),
        "kept": reason,
    }


def _counted(each: Backup) -> str:
    """« rds staging eu-west-3 », « ebs staging vol-0123 »: `cleanup` keeps the newest of each."""
    place = each.facts.get("volume") or each.region
    return " ".join(part for part in (each.kind, each.facts["environment"], place) if part)


def states_of(each: dict[str, Any]) -> list[dict[str, str]]:
    """Texts with the tone of a label, of a backup as `backup_inventory` describes it."""
    states = []

    def add(is_so: object, text: str, tone: str = "info") -> None:
        if is_so:
            states.append({"text": text, "tone": tone})

    is_failed = each.get("status", "available") not in {"available", "completed", "creating", "pending"}
    add(each["is_whole"], _("faite"), "success")
    add(is_failed, each.get("status", ""), "danger")
    add(not each["is_whole"] and not is_failed, _("inachevée"), "warning")
    if each["kind"] == "export":
        add(each.get("verified_at"), _("vérifiée le %(day)s") % {"day": _day(each.get("verified_at"))}, "success")
        add(each["is_whole"] and not each.get("verified_at"), _("jamais vérifiée"), "warning")
        add(each["is_whole"] and not each.get("is_signed"), _("non signée"), "danger")
        where = {"day": _day(each.get("restored_at")), "into": each.get("restored_into")}
        add(each.get("restored_at"), _("restaurée le %(day)s dans %(into)s") % where)
    add(each.get("copied_to"), _("copiée vers %(regions)s") % {"regions": ", ".join(each.get("copied_to") or [])})
    add(each.get("is_held"), _("retenue"))
    add(each.get("is_shared"), _("partagée"), "warning")
    add(each.get("is_imaged"), _("une image en dépend"))
    return states


def fate_of(each: dict[str, Any]) -> str:
    if each["kept"]:
        return _("gardée : %(reason)s") % {"reason": each["kept"]}
    return _("partira au prochain ménage")


def _day(moment: str | None) -> str:
    return timezone.localtime(datetime.fromisoformat(moment)).strftime("%d/%m/%Y %H:%M") if moment else ""


def _sentence(data: dict[str, Any], whole: int) -> str:
    if not whole:
        text = _("Il n’y a aucune sauvegarde entière dans %(store)s : lancez backup_manager.")
        return text % {"store": data["store"]}
    values = {
        "count": len(data["backups"]),
        "newest": _day(data["newest_at"]),
        "verified": _day(data["newest_verified_at"]),
        "left": len(data["left"]),
    }
    text = (
        _("Sauvegardes : %(count)d ; la plus récente est du %(newest)s, la plus récente vérifiée du %(verified)s.")
        if data["newest_verified_at"]
        else _("Sauvegardes : %(count)d ; la plus récente est du %(newest)s ; aucune n’a été vérifiée (restore_check).")
    )
    if data["left"]:
        text = f"{text} {_('Ce qui n’est pas à nous est laissé : %(left)d.')}"
    return text % values


register(
    Operation(
        name="backup_inventory",
        title=gettext_lazy("Inventaire des sauvegardes"),
        about=gettext_lazy(
            "Chaque sauvegarde avec son état (faite, vérifiée, restaurée, retenue, copiée), et ce que le ménage en "
            "fera."
        ),
        run=take_inventory,
        options=RetentionOptions,
        time_limit=timedelta(minutes=10),
    )
)
