import csv
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.imports.comments.readers import read_comments
from apps.imports.services.comments import import_comments


class Command(BaseCommand):
    help = "Reprend les commentaires de Disqus (XML), WordPress (WXR), Isso (base) ou Remark42 ; à refaire sans risque."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument(
            "--sections", metavar="FILE", help="CSV à deux colonnes : l’adresse de la page, la section (« produit-12 »)"
        )
        parser.add_argument("--dry-run", action="store_true", help="dit ce qui serait repris, sans rien écrire")
        parser.add_argument("--json", action="store_true", help="écrit le bilan en JSON, et rien d’autre")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sections = self._sections(options["sections"])
            comments = read_comments(Path(options["file"]))
            report = import_comments(comments=comments, sections=sections, dry_run=options["dry_run"])
        except DomainError as error:
            raise CommandError(error.message) from error
        except OSError as error:
            raise CommandError(f"{error.filename} : {error.strerror}") from error
        if options["json"]:
            outcome = {"created": report.created, "repeated": report.repeated}
            details = {"sections": dict(report.sections), "left_out": dict(report.left_out)}
            self.stdout.write(json.dumps({**outcome, **details}, ensure_ascii=False))
            return
        self.stdout.write(_("%(count)s commentaires repris") % {"count": report.created})
        self.stdout.write(_("%(count)s déjà là") % {"count": report.repeated})
        for section, count in report.sections.most_common():
            self.stdout.write(f"  {section} : {count}")
        for why, count in report.left_out.items():
            self.stdout.write(_("%(count)s laissés : %(why)s") % {"count": count, "why": why})

    def _sections(self, path: str | None) -> dict[str, str]:
        if not path:
            return {}
        with Path(path).open(encoding="utf-8-sig", newline="") as stream:
            sample = stream.readline()
            stream.seek(0)
            rows = csv.reader(stream, delimiter=";" if ";" in sample else ",")
            return {row[0].strip(): row[1].strip() for row in rows if len(row) > 1 and row[1].strip()}
