import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.imports.models import HistoryImport
from apps.imports.services import history_imports, history_undo


class Command(BaseCommand):
    help = (
        "Reprend les clients ou les commandes d’une ancienne boutique (Shopify, WooCommerce, PrestaShop, tableau) ; "
        "à refaire sans risque. Les commandes se lisent seulement ; les comptes n’ont pas de mot de passe."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", nargs="?")
        parser.add_argument(
            "--source", metavar="NAME", default="", help="le nom de l’ancienne boutique, si vous en reprenez plusieurs"
        )
        parser.add_argument("--dry-run", action="store_true", help="dit ce qui serait repris, sans rien écrire")
        parser.add_argument("--undo", metavar="ID", type=int, help="annule cet import, au plus 30 jours après")
        parser.add_argument("--json", action="store_true", help="écrit le bilan en JSON, et rien d’autre")

    def handle(self, *args: Any, **options: Any) -> None:
        if (options["undo"] is None) == (options["file"] is None):
            raise CommandError(_("Donnez un fichier à importer, ou --undo avec le numéro d’un import."))
        try:
            received = self._undo(options["undo"]) if options["undo"] is not None else self._import(options)
        except DomainError as error:
            raise CommandError(error.message) from error
        except OSError as error:
            raise CommandError(f"{error.filename} : {error.strerror}") from error
        if options["json"]:
            self.stdout.write(json.dumps({"id": received.pk, **received.report}, ensure_ascii=False))
        else:
            self._say(received)

    def _import(self, options: dict[str, Any]) -> HistoryImport:
        return history_imports.run_command(
            path=Path(options["file"]), source=options["source"], dry_run=options["dry_run"], now=timezone.now()
        )

    def _undo(self, pk: int) -> HistoryImport:
        received = HistoryImport.objects.filter(pk=pk).first()
        if received is None:
            raise CommandError(_("Il n’y a pas d’import %(number)s.") % {"number": pk})
        history_undo.start_undo(received=received, now=timezone.now())
        history_undo.undo_history(import_id=pk, now=timezone.now())
        received.refresh_from_db()
        if received.problem:
            raise CommandError(received.problem)
        return received

    def _say(self, received: HistoryImport) -> None:
        report = received.report
        if received.status == HistoryImport.Status.UNDONE:
            self.stdout.write(
                _("%(undone)s annulés, %(left)s laissés") % {"undone": report["undone"], "left": report["left"]}
            )
            return
        what = received.get_kind_display()
        self.stdout.write(f"{report['source']}, {what}" + (f" (import {received.pk})" if received.pk else ""))
        self.stdout.write(_("%(count)s repris") % {"count": report["created"]})
        self.stdout.write(_("%(count)s déjà là") % {"count": report["repeated"]})
        for word, count in report["unknown_statuses"]:
            self.stdout.write(_("état inconnu « %(word)s » : %(count)s") % {"word": word, "count": count})
        if report["ignored"]:
            self.stdout.write(report["ignored"])
        self.stdout.write(_("%(count)s lignes refusées") % {"count": report["rejected"]})
        for line, column, value, reason, remedy in report["rejects"]:
            where = f" ({column})" if column else ""
            self.stdout.write(f"  {line}{where} : {reason}" + (f" « {value} »" if value else "") + f". {remedy}")
