from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import ngettext

from apps.common import partial_files
from apps.imports.services import shop_exports


class Command(BaseCommand):
    help = "Écrit toute la boutique (produits, clients, commandes, prospects, commentaires…) dans une archive zip."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        """Writes a temporary file and renames it at the end: a partial export is never taken for a whole one."""
        path = Path(options["file"])
        try:
            with partial_files.whole(path) as partial:
                counts = shop_exports.write_archive(partial, now=timezone.now())
                # Of people: for its owner's eyes.
                partial.chmod(0o600)
        except OSError as error:
            raise CommandError(f"{error.filename or path} : {error.strerror}") from error
        rows = sum(counts.values())
        self.stdout.write(
            ngettext("%(count)d ligne dans %(file)s", "%(count)d lignes dans %(file)s", rows)
            % {"count": rows, "file": path}
        )
        for name, count in counts.items():
            self.stdout.write(f"  {name} : {count}")
