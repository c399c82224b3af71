import json
from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.imports.services import old_paths


class Command(BaseCommand):
    help = "Reprend d’anciennes adresses et les pages d’ici où elles mènent, en deux colonnes ; à refaire sans risque."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="dit ce qui serait repris, sans rien écrire")
        parser.add_argument("--json", action="store_true", help="écrit le bilan en JSON, et rien d’autre")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        try:
            report = old_paths.import_paths(
                open_=partial(path.open, "rb"), name=path.name, now=timezone.now(), dry_run=options["dry_run"]
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        if options["json"]:
            self.stdout.write(json.dumps(vars(report), ensure_ascii=False))
            return
        self.stdout.write(
            _("%(created)s ajoutées, %(changed)s changées, %(unchanged)s inchangées, %(rejected)s refusées")
            % {
                "created": report.created,
                "changed": report.changed,
                "unchanged": report.unchanged,
                "rejected": report.rejected,
            }
        )
        for line, reason in report.rejects:
            self.stdout.write(f"  {line} : {reason}")
