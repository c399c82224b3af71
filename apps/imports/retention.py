"""How long it is kept what an import did to each product."""

from datetime import datetime, timedelta

from apps.imports.models import ImportedProduct

# As long as an import can be undone.
JOURNAL_RETENTION = timedelta(days=30)
_BATCH = 5000


def purge_journals(*, now: datetime) -> int:
    """Delete previews and journals of older imports; returns how many rows."""
    old = ImportedProduct.objects.filter(received__created_at__lt=now - JOURNAL_RETENTION).exclude(
        received__finished_at__gte=now - JOURNAL_RETENTION
    )
    count = 0
    while pks := list(old.order_by().values_list("pk", flat=True)[:_BATCH]):
        count += ImportedProduct.objects.filter(pk__in=pks).delete()[0]
    return count
