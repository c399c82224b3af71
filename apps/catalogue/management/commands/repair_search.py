from django.core.management.base import BaseCommand

from apps.catalogue.services.search_index import repair_search


class Command(BaseCommand):
    help = "Compare la recherche avec les produits et remet en ordre ce qui diffère ; un second passage ne change rien."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--thorough", action="store_true", help="relit aussi le texte de chaque produit")

    def handle(self, *args, **options) -> None:
        repaired = repair_search(thorough=options["thorough"])
        self.stdout.write(
            f"{repaired.renewed} renewed, {repaired.reindexed} indexed again, {repaired.rewritten} rewritten"
        )
