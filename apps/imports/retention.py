"""How long it is kept what an import did to each product, and files of people that nobody confirmed."""

from datetime import datetime, timedelta

from apps.imports.models import HistoryImport, ImportedProduct, ShopExport, UnknownPath

# As long as an import can be undone.
JOURNAL_RETENTION = timedelta(days=30)
# A file of people that nobody confirms.
UNCONFIRMED_RETENTION = timedelta(days=7)
# An archive of the whole shop.
EXPORT_RETENTION = timedelta(days=2)
# A path that nobody has asked for.
UNKNOWN_PATH_RETENTION = timedelta(days=180)
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


def purge_history(*, now: datetime) -> int:
    """Delete files of customers and orders that nobody confirmed, and, once an import cannot be undone any more, what
    its refused lines say of people; returns how many imports were touched."""
    count = 0
    rows = HistoryImport.objects.filter(created_at__lt=now - UNCONFIRMED_RETENTION).exclude(file="")
    waiting = rows.exclude(status__in=(HistoryImport.Status.CONFIRMED, HistoryImport.Status.UNDOING))
    for received in waiting.order_by("pk")[:_BATCH]:
        for stored in filter(None, (received.file.name, received.rejects.name)):
            received.file.storage.delete(stored)
        HistoryImport.objects.filter(pk=received.pk).update(file="", rejects="", report=_without_people(received))
        count += 1
    old = HistoryImport.objects.filter(created_at__lt=now - JOURNAL_RETENTION).exclude(rejects="")
    for received in old.order_by("pk")[:_BATCH]:
        received.rejects.storage.delete(received.rejects.name or "")
        HistoryImport.objects.filter(pk=received.pk).update(rejects="", report=_without_people(received))
        count += 1
    return count


def _without_people(received: HistoryImport) -> dict[str, object]:
    return {**received.report, "rejects": [], "samples": []}


def purge_unknown_paths(*, now: datetime) -> int:
    """Delete those that nobody has asked for in half a year; returns how many."""
    return UnknownPath.objects.filter(last_asked_at__lt=now - UNKNOWN_PATH_RETENTION).delete()[0]


def purge_exports(*, now: datetime) -> int:
    """Delete archives of the whole shop after two days; returns how many. That there was one stays."""
    count = 0
    for export in (
        ShopExport.objects.filter(finished_at__lt=now - EXPORT_RETENTION).exclude(file="").order_by("pk")[:100]
    ):
        export.file.storage.delete(export.file.name or "")
        count += ShopExport.objects.filter(pk=export.pk).update(file="", status=ShopExport.Status.EXPIRED)
    return count
