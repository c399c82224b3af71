from django.core.management.base import BaseCommand, CommandError

from webmarket import translations


class Command(BaseCommand):
    help = (
        "Compile the translations, bring the English catalogue in step with the sources, or check that it is complete."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("action", choices=["compile", "update", "check"])

    def handle(self, *, action: str, **options):
        if action == "compile":
            self.stdout.write(f"{translations.compile_all()} catalogue(s) compiled.")
        elif action == "update":
            catalogue = translations.update()
            self.stdout.write(f"{translations.ENGLISH}: {len(catalogue)} sentences.")
        elif found := translations.problems():
            raise CommandError("\n".join([*found, f"{len(found)} sentences are not in good English yet."]))
        else:
            self.stdout.write("Every sentence has its English translation.")
