"""Checks of a restored database: its content against the backup, and this release's schema."""

from typing import Any

from django.db import DatabaseError
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.utils.translation import gettext as _

from apps.operations.runs.report import Reporter
from apps.operations.services.backup import invariants
from apps.operations.services.backup.loading import differences
from apps.operations.services.backup.manifest import Manifest
from apps.operations.services.backup.source import contents
from apps.operations.services.backup.target import ALIAS

MAX_LISTED = 20


def same_content(manifest: Manifest, report: Reporter) -> tuple[bool, list[str]]:
    """Whether contents could be compared, and where they differ. Before any migration, which changes them."""
    if not manifest.contents:
        report.say(
            _("Cette sauvegarde vient d’une version sans empreintes : les lignes ont été comptées, pas comparées.")
        )
        return False, []
    report.progress(_("Comparaison du contenu"))
    wrong = differences(manifest, contents(ALIAS))
    if not wrong:
        report.say(
            _("Contenu identique à ce qui a été sauvegardé : %(count)d tables comparées ligne à ligne.")
            % {"count": len(manifest.contents)}
        )
    return True, wrong[:MAX_LISTED]


def migrated(report: Reporter) -> tuple[list[str], list[str]]:
    """The migrations that ran, and what is wrong with the database's history."""
    try:
        unknown = invariants.unknown_migrations(ALIAS)
        if unknown:
            return [], [_("migrations inconnues : %(names)s") % {"names": ", ".join(unknown)}]
        report.progress(_("Migrations"))
        ran = invariants.migrate_forward(ALIAS)
    except InconsistentMigrationHistory as error:
        return [], [str(error)]
    except DatabaseError as error:
        return [], [_("une migration a échoué : %(error)s") % {"error": error}]
    if ran:
        report.say(
            _("Schéma plus ancien, amené à celui de cette version : %(count)d migrations (%(names)s).")
            % {"count": len(ran), "names": ", ".join(ran)}
        )
    return ran, []


def bring_up(data: dict[str, Any], report: Reporter) -> list[str]:
    """Runs this release's migrations, then checks the shop's books."""
    data["migrations_run"], problems = migrated(report)
    if problems:
        hint = _("si une migration avait été interrompue, supprimez cette base et restaurez de nouveau")
        return [*problems, hint]
    report.progress(_("Vérification"))
    faults = invariants.faults(ALIAS)
    data["faults"], data["first_faults"] = len(faults), faults[:MAX_LISTED]
    if not faults:
        report.say(_("Stocks, commandes, paiements et index de recherche s’accordent."))
    return faults[:MAX_LISTED]
