from django.core.management.base import BaseCommand

from apps.backoffice.services.groups import sync_groups


class Command(BaseCommand):
    help = "Crée ou met à jour les groupes de l’équipe (Catalogue, Commandes, Assistance, Administration)."

    def handle(self, *args, **options):
        for name, count in sync_groups().items():
            self.stdout.write(f"{name} : {count} permissions")
