"""Stores pictures that came in one archive with a list, once the list is imported."""

import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from apps.catalogue.models import CatalogueImport, ProductImage
from apps.catalogue.services.fetch_image import give_up
from apps.catalogue.services.images import ImageRefused, check_weight, clean, store_image
from apps.common.tabular.encoding import ZIP
from apps.common.tabular.source import ARCHIVED, picture_keys

# How long an archive is looked into again for pictures whose task was lost.
LOOKED_INTO = timedelta(days=2)


def waiting() -> Any:
    return ProductImage.objects.filter(state=ProductImage.State.WANTED, source_url__startswith=ARCHIVED)


def store_pictures(*, open_: Callable[[], Any]) -> int:
    """Store what waits for a picture of this archive; returns how many were stored. A repeat finds none.

    A picture that is refused is kept as failed, with its reason.
    """
    with open_() as raw:
        if raw.read(4) != ZIP:
            return 0
        keys = set(picture_keys(raw).values())
        stored = 0
        with zipfile.ZipFile(raw) as archive:
            for image in waiting().filter(source_url__in=keys).order_by("pk").iterator(chunk_size=200):
                try:
                    entry = archive.getinfo(image.source_url.partition("/")[2])
                    check_weight(entry.file_size)
                    picture = clean(archive.read(entry))
                except ImageRefused as error:
                    give_up(image_id=image.pk, reason=error.message)
                except (zipfile.BadZipFile, KeyError, RuntimeError, NotImplementedError):
                    give_up(image_id=image.pk, reason=_("Cette image est abîmée ou protégée dans l’archive."))
                else:
                    store_image(image=image, picture=picture)
                    stored += 1
    return stored


def store_pictures_of(*, import_id: int) -> int:
    """The same from the file of an import that was sent in the back office."""
    received = CatalogueImport.objects.filter(pk=import_id).exclude(file="").first()
    if received is None:
        return 0
    storage, name = received.file.storage, received.file.name or ""
    return store_pictures(open_=lambda: storage.open(name, "rb"))


def imports_with_waiting_pictures(*, now: datetime) -> list[int]:
    """Finished imports whose archive may hold pictures that still wait."""
    if not waiting().exists():
        return []
    recent = CatalogueImport.objects.filter(finished_at__gte=now - LOOKED_INTO, name__iendswith=".zip")
    return list(recent.exclude(file="").order_by("pk").values_list("pk", flat=True))
