from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.operations.runs.broken import explained_at_a_terminal
from apps.operations.services import text_columns
from apps.operations.services.text_columns import Comparison


class Command(BaseCommand):
    help = "Dit de chaque colonne de texte comment elle est comparée ; échoue si l’une identifie et n’est pas décidée."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tout", action="store_true", help="montre aussi le texte libre et les listes fermées")

    @explained_at_a_terminal()
    def handle(self, *args: Any, **options: Any) -> None:
        columns = text_columns.walk()
        hidden = () if options["tout"] else (Comparison.FREE, Comparison.CLOSED)
        listed = [each for each in columns if each.comparison not in hidden or each.is_wrong]
        width = max(len(each.label) for each in listed)
        for each in listed:
            line = f"{each.label:<{width}}  {each.used:<6}  {each.comparison:<23}  {each.collation:<18}  {each.why}"
            self.stdout.write(line.rstrip())
        wrong = [each.label for each in columns if each.is_wrong] + text_columns.strangers()
        if wrong:
            raise CommandError(f"{len(wrong)} colonnes à décider ou mal comparées : {', '.join(wrong)}")
        self.stdout.write(f"{len(columns)} colonnes de texte, toutes décidées.")
