from django.db.models import F

from apps.catalogue.models import CatalogueRevision


def bump_revision() -> None:
    """Say that anonymous pages show something else now. Call it last in the transaction: it locks one shared row."""
    if not CatalogueRevision.objects.filter(pk=1).update(number=F("number") + 1):
        CatalogueRevision.objects.get_or_create(pk=1)
        CatalogueRevision.objects.filter(pk=1).update(number=F("number") + 1)
