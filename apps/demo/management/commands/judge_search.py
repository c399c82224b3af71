import gzip
from contextlib import suppress
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from apps.catalogue.judged.invented import invent
from apps.catalogue.judged.judge import Report, judge
from apps.common.translation import LANGUAGES
from apps.demo.catalogue.load import write_rows
from apps.imports.catalogue.formats import open_catalogue
from apps.imports.catalogue.run import run_import


class Command(BaseCommand):
    help = (
        "Pose les questions de apps/catalogue/judged/queries.toml à la boutique de démonstration et à un catalogue "
        "fabriqué, dans des bases d’essai, et dit le rappel et la précision des cinq premiers résultats."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--products", type=int, default=10_000, help="taille du catalogue fabriqué (10000)")
        parser.add_argument("--catalogue", type=Path, help="un fichier de commerçant (CSV ou CSV.gz) à juger aussi")
        parser.add_argument("--quiet", action="store_true", help="sans le détail des questions")

    def handle(self, *args, **options) -> None:
        now = timezone.now()
        shops = {"demo": lambda: write_rows(now=now), "invented": lambda: invent(options["products"], now=now)}
        if path := options["catalogue"]:
            opener = gzip.open if path.suffix == ".gz" else open
            shops["file"] = lambda: run_import(source=open_catalogue(lambda: opener(path, "rb"), path.name), now=now)
        whole = Report()
        for catalogue, fill in shops.items():
            report = self._in_a_database_of_its_own(fill, catalogue)
            whole.judged += report.judged
            for language in LANGUAGES:
                if (part := report.part(catalogue, language)).judged:
                    self._say(f"{catalogue} {language}", part)
        self._say("total", whole)
        if not options["quiet"]:
            self._details(whole)
        if whole.forbidden:
            raise CommandError(f"{len(whole.forbidden)} queries find what they never must")

    def _in_a_database_of_its_own(self, fill, catalogue: str) -> Report:
        name = connection.settings_dict["NAME"]
        if connection.vendor == "mysql":
            connection.settings_dict.setdefault("TEST", {})["NAME"] = f"judge_{name}"
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            fill()
            return judge(catalogue)
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)

    def _say(self, what: str, report: Report) -> None:
        self.stdout.write(
            f"{what:<12} {len(report.judged):>4} queries  recall {report.recall:.3f}  precision {report.precision:.3f}"
            f"  never {len(report.forbidden)}"
        )

    def _details(self, report: Report) -> None:
        for each in report.judged:
            if each.missing or each.forbidden or (each.precision or 1) < 1:
                with suppress(UnicodeEncodeError):
                    self.stdout.write(
                        f"  {each.catalogue} {each.language} « {each.text} »: "
                        f"missing {', '.join(each.missing) or '-'}; wrong {', '.join(each.wrong) or '-'}"
                        + (f"; NEVER {', '.join(each.forbidden)}" if each.forbidden else "")
                    )
