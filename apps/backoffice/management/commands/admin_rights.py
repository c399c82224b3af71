from difflib import unified_diff

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.backoffice import rights


class Command(BaseCommand):
    help = "Montre ce que chaque groupe peut faire sur chaque écran, et ce qui diffère de docs/admin-rights.md."

    def add_arguments(self, parser):
        parser.add_argument("--write", action="store_true", help="écrit le fichier, à relire avant de l’enregistrer")

    def handle(self, *args, **options):
        now = rights.table()
        self.stdout.write(now)
        path = settings.BASE_DIR / rights.WRITTEN
        if options["write"]:
            path.write_text(now)
            return
        before = path.read_text() if path.exists() else ""
        if before != now:
            difference = unified_diff(
                before.splitlines(), now.splitlines(), str(rights.WRITTEN), "maintenant", lineterm=""
            )
            raise CommandError("Personne n’a décidé de ceci :\n" + "\n".join(difference))
