from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import ngettext

from apps.common import partial_files, replicas
from apps.imports.catalogue.export import write_catalogue


class Command(BaseCommand):
    help = "Écrit tout le catalogue dans un fichier CSV que import_catalogue relit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        """Writes a temporary file and renames it at the end: a partial export is never taken for a whole one."""
        path = Path(options["file"])
        try:
            with partial_files.whole(path) as partial:
                products = replicas.read(lambda: self._write(partial), is_long=True)
        except OSError as error:
            raise CommandError(f"{error.filename or path} : {error.strerror}") from error
        self.stdout.write(
            ngettext("%(count)d produit dans %(file)s", "%(count)d produits dans %(file)s", products)
            % {"count": products, "file": path}
        )

    def _write(self, partial: Path) -> int:
        with partial.open("w", encoding="utf-8-sig", newline="") as stream:
            return write_catalogue(stream)
