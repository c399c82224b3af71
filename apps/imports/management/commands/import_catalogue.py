import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from kombu.exceptions import OperationalError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from apps.catalogue.models.product import VAT_RATES, VatClass
from apps.catalogue.tasks import fetch_wanted_images
from apps.common.errors import DomainError
from apps.common.tabular.encoding import CODECS
from apps.imports.catalogue.labels import COLUMNS
from apps.imports.catalogue.run import Format, RejectsFile, Report, open_catalogue, run_import

_RATES = {f"{rate:f}".rstrip("0").rstrip("."): vat_class for vat_class, rate in VAT_RATES.items()}
_MAX_LINES = 8


class Command(BaseCommand):
    help = "Importe un catalogue : liste de commerçant (CSV français), export Shopify, ou notre propre export."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", metavar="FILE", help="fichier CSV, compressé (gz, zip) ou non, ou classeur XLSX ou ODS"
        )
        parser.add_argument("--format", choices=[str(format_) for format_ in Format], default="auto")
        parser.add_argument(
            "--encoding", choices=list(CODECS), default="", help="l’encodage, quand le fichier ne le prouve pas"
        )
        parser.add_argument("--dry-run", action="store_true", help="dit ce qui changerait, sans rien écrire")
        parser.add_argument(
            "--rejects", metavar="FILE", help="fichier des lignes refusées (par défaut : FILE.rejets.csv, ici)"
        )
        parser.add_argument(
            "--vat", choices=list(_RATES), default="20", help="TVA des nouveaux produits si le fichier n’en a pas"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        rejects_path = Path(options["rejects"] or f"{path.name.removesuffix('.gz').removesuffix('.csv')}.rejets.csv")
        if rejects_path.resolve() == path.resolve():
            raise CommandError(_("Le fichier des rejets remplacerait le catalogue : choisissez un autre --rejects."))
        rejects = RejectsFile(lambda: rejects_path.open("w", encoding="utf-8-sig", newline=""))
        console = Console(file=self.stdout._out, no_color=options["no_color"], highlight=False)
        began = time.monotonic()
        try:
            source = open_catalogue(lambda: path.open("rb"), str(path), encoding=options["encoding"])
            with self._bar(console) as bar:
                task = bar.add_task(path.name, total=source.survey.lines)
                report = run_import(
                    source=source,
                    format_=Format(options["format"]),
                    dry_run=options["dry_run"],
                    rejects=rejects,
                    vat=VatClass(_RATES[options["vat"]]),
                    now=timezone.now(),
                    progress=lambda line: bar.update(task, completed=line),
                )
        except DomainError as error:
            raise CommandError(error.message) from error
        except OSError as error:
            raise CommandError(f"{error.filename} : {error.strerror}") from error
        finally:
            rejects.close()
        if report.images and not options["dry_run"]:
            self._fetch_images()
        self._summarise(console, report, time.monotonic() - began, dry_run=options["dry_run"], rejects=rejects_path)

    def _fetch_images(self) -> None:
        """Sends the task that fetches them; without a broker the next sweep does."""
        try:
            fetch_wanted_images.delay()
        except OperationalError:
            self.stderr.write(_("La file des tâches ne répond pas : les images seront téléchargées plus tard."))

    def _bar(self, console: Console) -> Progress:
        return Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn(_("lignes")),
            TimeElapsedColumn(),
            console=console,
        )

    def _summarise(self, console: Console, report: Report, seconds: float, *, dry_run: bool, rejects: Path) -> None:
        table = Table.grid(padding=(0, 2))
        table.add_column(justify="right")
        table.add_column()
        for count, label in (
            (report.rows, _("lignes lues")),
            (report.created, _("produits à créer") if dry_run else _("produits créés")),
            (report.updated, _("produits à modifier") if dry_run else _("produits modifiés")),
            (report.unchanged, _("produits inchangés")),
            (report.defined, _("rayons, marques et caractéristiques définis")),
            (report.drafts, _("nouveaux produits en brouillon")),
            (report.doubtful, _("produits à relire : lecture douteuse")),
            (report.without_stock, _("nouveaux produits épuisés : le fichier ne donne pas leur stock")),
            (report.big_price_change_count, _("prix qui changent de plus de moitié")),
            (report.images, _("images à télécharger")),
            (report.rejected, _("lignes refusées")),
        ):
            if count or label in (_("lignes lues"), _("lignes refusées")):
                table.add_row(f"{count:,}".replace(",", " "), label)
        console.print()
        title = _("Essai, rien n’a été écrit") if dry_run else _("Import terminé")
        console.print(f"[bold]{title}[/bold] ({report.format}, {report.encoding}, {seconds:.1f} s)")
        console.print(table)
        if report.reasons:
            console.print(f"\n[bold]{_('Refus')}[/bold]")
            for reason, count in report.reasons.most_common(_MAX_LINES):
                console.print(f"  {count} × {escape(reason)}")
            for reject in report.rejects[:_MAX_LINES]:
                console.print(f"  {_('ligne')} {reject.row.line} : {escape(reject.reason)}", soft_wrap=True)
            console.print(
                _("Les lignes refusées sont dans %(file)s : corrigez-les, puis importez ce fichier.")
                % {"file": rejects},
                soft_wrap=True,
            )
        if report.warnings:
            console.print(f"\n[bold]{_('À savoir')}[/bold]")
            for text, count in report.warnings.most_common(_MAX_LINES):
                lines = ", ".join(str(line) for line in report.warned[text])
                where = ngettext("ligne", "lignes", count)
                console.print(f"  {count} × {escape(text)} ({where} {lines}{'…' if count > 5 else ''})", soft_wrap=True)
        if dry_run and report.differences:
            console.print(f"\n[bold]{_('Premières différences')}[/bold]")
            for difference in report.differences[:_MAX_LINES]:
                console.print(
                    f"  {escape(difference.code)} {COLUMNS.get(difference.column, difference.column)} : "
                    f"{escape(difference.before or '∅')} → {escape(difference.after or '∅')}",
                    soft_wrap=True,
                )
