"""Changes of many products at once: imports that the shop writes itself, with preview, journal and undo."""

import io
from collections.abc import Iterator
from datetime import datetime

from django.core.files.base import ContentFile
from django.db.models import Min, QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.catalogue.models import CatalogueImport, Product, Variant
from apps.common.errors import DomainError
from apps.imports.catalogue.bulk import BulkChange, ChosenVariant, write_list

MOST_VARIANTS = 200_000
_CHUNK = 2_000


class NothingToChange(DomainError):
    """No change was asked, or none of the products has a variant that it would change."""

    code = "nothing_to_change"


class PriceTooLow(DomainError):
    """The cheapest of the chosen variants would cost nothing, or less."""

    code = "price_too_low"


class TooMany(DomainError):
    code = "too_many_products"


def change_in_bulk(
    *, products: QuerySet[Product], change: BulkChange, by: User, now: datetime
) -> tuple[CatalogueImport, int]:
    """Receive the change as an import; the caller starts its preview. Nothing is written to the catalogue before
    somebody has confirmed it.

    Returns the import and how many variants keep their reduced price. Prices are computed from those of this moment:
    the preview shows both. Raises NothingToChange, PriceTooLow, TooMany.
    """
    variants = Variant.objects.filter(product__in=products.order_by().values("pk"))
    count = variants.count()
    if change.is_empty:
        raise NothingToChange(_("Choisissez au moins une chose à changer."))
    if count > MOST_VARIANTS:
        raise TooMany(
            _("%(count)s modèles à la fois sont trop : filtrez la liste, %(most)s au plus.")
            % {"count": number_format(count), "most": number_format(MOST_VARIANTS)}
        )
    _refuse_too_low(variants, change)
    stream = io.StringIO(newline="")
    lines, left = write_list(stream, change, _chosen(variants))
    if not lines:
        raise NothingToChange(
            _("Tous ces modèles sont en réduction : leur prix reste. Cochez la case pour arrêter leurs réductions.")
            if left
            else _("Ces produits n’ont pas encore de modèle : il n’y a rien à changer.")
        )
    name = f"{_title(change)}.csv"
    received = CatalogueImport(
        name=name,
        format=CatalogueImport.Format.MAPPED,
        reading=change.reading().as_json(),
        created_by=by,
        created_at=now,
    )
    received.file.save("modification.csv", ContentFile(stream.getvalue().encode("utf-8-sig")), save=False)
    received.save()
    return received, left


def _chosen(variants: QuerySet[Variant]) -> Iterator[ChosenVariant]:
    rows = variants.order_by("product__code", "position", "pk").values_list(
        "sku", "product__code", "regular_price", "reference_price"
    )
    for sku, code, price, reference in rows.iterator(chunk_size=_CHUNK):
        yield ChosenVariant(sku, code, price, is_reduced=reference is not None)


def _refuse_too_low(variants: QuerySet[Variant], change: BulkChange) -> None:
    if change.price is None:
        return
    touched = variants if change.ends_reductions else variants.filter(reference_price=None)
    cheapest = touched.aggregate(least=Min("regular_price"))["least"]
    if cheapest is not None and change.price.of(cheapest) <= 0:
        sku = touched.filter(regular_price=cheapest).values_list("sku", flat=True).first()
        raise PriceTooLow(_("« %(sku)s » ne coûterait plus rien : changez le montant ou la sélection.") % {"sku": sku})


def _title(change: BulkChange) -> str:
    """« Modification en lot : prix, TVA », by which it is found among the imports."""
    named = [
        (_("prix"), change.price is not None),
        (_("seuil de stock"), change.low_threshold is not None),
        (_("TVA"), change.vat_class is not None),
        (_("rayon"), change.category is not None),
        (_("publication"), change.state is not None),
    ]
    changed = ", ".join(str(name) for name, is_changed in named if is_changed)
    return _("Modification en lot (%(what)s)") % {"what": changed}
