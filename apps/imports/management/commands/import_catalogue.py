import json
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

from apps.catalogue.models import CatalogueImport
from apps.catalogue.models.product import VAT_RATES, VatClass
from apps.catalogue.tasks import fetch_wanted_images
from apps.common.errors import DomainError
from apps.common.tabular.encoding import CODECS
from apps.imports.catalogue.formats import Format, detect, open_catalogue
from apps.imports.catalogue.journal import Journal
from apps.imports.catalogue.labels import COLUMNS
from apps.imports.catalogue.matching import Supplier
from apps.imports.catalogue.reading import Reading
from apps.imports.catalogue.report import RejectsFile, Report, summary
from apps.imports.catalogue.run import run_import
from apps.imports.services import catalogue_imports, jobs, mappings, pictures, undo

_RATES = {f"{rate:f}".rstrip("0").rstrip("."): vat_class for vat_class, rate in VAT_RATES.items()}
_MAX_LINES = 8


class Command(BaseCommand):
    help = "Importe un catalogue : liste de commerçant (CSV français), export Shopify, ou notre propre export."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", metavar="FILE", nargs="?", help="fichier CSV, compressé (gz, zip) ou non, ou classeur XLSX ou ODS"
        )
        parser.add_argument("--format", choices=[str(format_) for format_ in Format], default="auto")
        parser.add_argument(
            "--mapping", metavar="NAME", default="", help="lecture de colonnes retenue sous ce nom de fournisseur"
        )
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
        parser.add_argument(
            "--starting-stock",
            metavar="N",
            type=int,
            help="pièces de ce que le fichier ne compte pas",
        )
        parser.add_argument(
            "--undo", metavar="ID", type=int, help="annule cet import, au plus 30 jours après ; sans FILE"
        )
        parser.add_argument("--json", action="store_true", help="écrit le bilan en JSON, et rien d’autre")

    def handle(self, *args: Any, **options: Any) -> None:
        if (options["undo"] is None) == (options["file"] is None):
            raise CommandError(_("Donnez un fichier à importer, ou --undo avec le numéro d’un import."))
        try:
            if options["undo"] is not None:
                self._undo(options["undo"], as_json=options["json"])
            else:
                self._import(Path(options["file"]), options)
        except DomainError as error:
            raise CommandError(error.message) from error
        except (jobs.Replaced, jobs.Paused, jobs.Stopped) as ended:
            raise CommandError(_("L’import a été interrompu depuis le back-office.")) from ended
        except OSError as error:
            raise CommandError(f"{error.filename} : {error.strerror}") from error

    def _undo(self, import_id: int, *, as_json: bool) -> None:
        received = CatalogueImport.objects.filter(pk=import_id).first()
        if received is None:
            raise CommandError(_("Il n’y a pas d’import n° %(number)s.") % {"number": import_id})
        if received.status != CatalogueImport.Status.UNDOING:
            undo.start_undo(received=received, now=timezone.now())
        undo.undo_import(import_id=import_id, now=timezone.now())
        received.refresh_from_db()
        if received.status != CatalogueImport.Status.UNDONE:
            raise CommandError(received.problem or _("Un autre processus annule cet import."))
        left = [
            [code, str(COLUMNS.get(column, column)), why]
            for row in received.products.exclude(left=[]).order_by("pk")
            for code, column, why in row.left
        ]
        outcome = received.report["undo"]
        if as_json:
            self.stdout.write(json.dumps({"id": import_id, **outcome, "details": left}, ensure_ascii=False))
            return
        self.stdout.write(
            ngettext(
                "%(count)d produit remis comme avant.", "%(count)d produits remis comme avant.", outcome["restored"]
            )
            % {"count": outcome["restored"]}
        )
        for code, column, why in left:
            self.stdout.write(f"  {code} {column} : {why}")

    def _import(self, path: Path, options: dict[str, Any]) -> None:
        rejects_path = Path(options["rejects"] or f"{path.name.removesuffix('.gz').removesuffix('.csv')}.rejets.csv")
        if rejects_path.resolve() == path.resolve():
            raise CommandError(_("Le fichier des rejets remplacerait le catalogue : choisissez un autre --rejects."))
        if not 0 <= (options["starting_stock"] or 0) <= 1_000_000:
            raise CommandError(_("Le stock de départ est un nombre entier de pièces, un million au plus."))
        reading = None
        if options["mapping"]:
            reading = Reading.from_json(mappings.mapping_named(options["mapping"]).reading)
        rejects = RejectsFile(
            lambda: rejects_path.open("w", encoding="utf-8-sig", newline=""),
            has_header=reading is None or reading.has_header,
        )
        console = Console(file=self.stdout._out, no_color=options["no_color"], highlight=False, quiet=options["json"])
        began = time.monotonic()
        now = timezone.now()
        vat = VatClass(_RATES[options["vat"]])
        number = None
        try:
            source = open_catalogue(
                lambda: path.open("rb"),
                str(path),
                encoding=options["encoding"],
                reading=reading,
            )
            with self._bar(console) as bar:
                task = bar.add_task(path.name, total=source.survey.lines)

                def run(**how: Any) -> Report:
                    return run_import(
                        source=source,
                        format_=Format(options["format"]),
                        rejects=rejects,
                        vat=vat,
                        now=now,
                        progress=lambda line: bar.update(task, completed=line),
                        reading=reading,
                        starting_stock=options["starting_stock"],
                        supplier=Supplier.named(reading.supplier if reading else ""),
                        **how,
                    )

                if options["dry_run"]:
                    report = run(dry_run=True)
                else:
                    if reading is None:
                        # Before there is a record: a file that nothing reads leaves none.
                        detect(source, Format(options["format"]))
                    with catalogue_imports.from_command(
                        name=str(path), format_=options["format"], vat_class=vat, now=now
                    ) as (received, job):
                        report = run(journal=Journal(received, is_written=True), beat=job.beat)
                        catalogue_imports.finish_command(received=received, report=report, now=now)
                    number = received.pk
        finally:
            rejects.close()
        if report.images and not options["dry_run"]:
            pictures.store_pictures(open_=lambda: path.open("rb"))
            self._fetch_images()
        if options["json"]:
            outcome = {"id": number, "dry_run": options["dry_run"], **summary(report)}
            self.stdout.write(json.dumps(outcome, ensure_ascii=False))
            return
        self._summarise(console, report, time.monotonic() - began, dry_run=options["dry_run"], rejects=rejects_path)
        if number and (report.created or report.updated):
            console.print(
                _("Import n° %(number)s : annulable 30 jours par --undo %(number)s.") % {"number": number},
                soft_wrap=True,
            )

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
            (report.published, _("brouillons mis en vente")),
            (report.sold_out, _("produits en vente qui s’épuisent")),
            (report.missing, _("produits du fournisseur absents du fichier")),
            (report.new_rayon_count, _("nouveaux rayons")),
            (report.big_price_change_count, _("prix qui changent de plus de 30 %")),
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
                console.print(f"  {_('ligne')} {reject.row.line} : {escape(reject.sentence)}", soft_wrap=True)
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
