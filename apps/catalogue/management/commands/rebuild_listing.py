from django.core.management.base import BaseCommand

from apps.catalogue.services.listing import rebuild_listing


class Command(BaseCommand):
    help = "Write anew what rayons, cards and search are read from, after a restored backup or a load by SQL."

    def handle(self, *args, **options) -> None:
        self.stdout.write(f"{rebuild_listing()} products")
