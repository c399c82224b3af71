from django.db.models import Count, Exists, F, IntegerField, OuterRef, QuerySet, Value

from apps.catalogue.listing.cards import cards
from apps.catalogue.listing.facets import Kind, facets, kept_counts
from apps.catalogue.listing.filters import ATTRIBUTE, AVAILABLE, BRAND, PAGE_SIZE, PRICE, Filters, read_page, read_sort
from apps.catalogue.listing.page import Listing, clamp
from apps.catalogue.listing.tree import Rayon
from apps.catalogue.models import AttributeValue, ListingEntry, Product
from apps.catalogue.price_ranges import NUMBERS
from apps.common.memo import Memo
from apps.common.translation import localised

ProductValue = Product.attribute_values.through
_counted: Memo[dict[tuple[int, int], int]] = Memo(size=500)


def list_category(rayon: Rayon, *, filters: Filters, sort: str | None = None, page: str | int | None = 1) -> Listing:
    """A page of what is in a rayon and under it.

    `sort` and `page` may come from the address as they are. At most five queries, whatever the number of products.
    """
    sort = read_sort(sort)
    kept, names = kept_counts(rayon.id)
    counts = _count(rayon, filters) if filters else kept
    total = counts.get((Kind.ALL, 0), 0)
    number, pages = clamp(read_page(page), total)
    ids = _ordered(matching(rayon.id, filters), sort)[(number - 1) * PAGE_SIZE : number * PAGE_SIZE] if total else []
    return Listing(
        cards=cards(list(ids)),
        total=total,
        page=number,
        pages=pages,
        facets=facets(names=names, counts=counts, filters=filters, sort=sort),
        filters=filters,
        sort=sort,
    )


def _ordered(entries: QuerySet[ListingEntry], sort: str) -> QuerySet:
    order = {
        "prix": ("price", "product"),
        "prix-desc": ("-price", "-product"),
        "nouveautes": ("-published_at", "-product"),
        "nom": (localised("name_key"), "product"),
    }.get(sort, ("-in_stock", "-popularity", "product"))
    return entries.order_by(*order).values_list("product_id", flat=True)


def matching(category_id: int, filters: Filters) -> QuerySet[ListingEntry]:
    entries = ListingEntry.objects.in_category(category_id)
    if filters.available:
        entries = entries.filter(in_stock=True)
    if filters.prices:
        entries = entries.filter(price_range__in=[NUMBERS[key] for key in filters.prices])
    if filters.brands:
        entries = entries.filter(brand__slug__in=filters.brands)
    for code, slugs in filters.attributes:
        values = AttributeValue.objects.filter(attribute__code=code, attribute__is_facet=True, slug__in=slugs)
        entries = entries.filter(
            Exists(ProductValue.objects.filter(product=OuterRef("product"), attributevalue__in=values))
        )
    return entries


def _count(rayon: Rayon, filters: Filters) -> dict[tuple[int, int], int]:
    """Counts under filters, in one query, remembered until the catalogue changes.

    A facet's own values are counted as if none of them were chosen: choosing a second brand adds products.
    """
    return _counted.get(rayon.revision, (rayon.id, filters), lambda: _ask_counts(rayon.id, filters))


def _ask_counts(category_id: int, filters: Filters) -> dict[tuple[int, int], int]:
    def under(parameter: str) -> QuerySet[ListingEntry]:
        return matching(category_id, filters.without(parameter)).order_by()

    def values_of(entries: QuerySet[ListingEntry]) -> QuerySet:
        return ProductValue.objects.filter(
            product__in=entries.values("product"), attributevalue__attribute__is_facet=True
        )

    own = [ATTRIBUTE + code for code, _ in filters.attributes]
    parts = [
        _grouped(under(""), Kind.ALL, Value(0)),
        _grouped(under(AVAILABLE).filter(in_stock=True), Kind.AVAILABILITY, Value(1)),
        _grouped(under(PRICE), Kind.PRICE, F("price_range")),
        _grouped(under(BRAND).filter(brand__isnull=False), Kind.BRAND, F("brand")),
        _grouped(
            values_of(under("")).exclude(attributevalue__attribute__code__in=[code for code, _ in filters.attributes]),
            Kind.ATTRIBUTE,
            F("attributevalue"),
        ),
        *(
            _grouped(
                values_of(under(parameter)).filter(attributevalue__attribute__code=parameter.removeprefix(ATTRIBUTE)),
                Kind.ATTRIBUTE,
                F("attributevalue"),
            )
            for parameter in own
        ),
    ]
    return {(kind, key): count for kind, key, count in parts[0].union(*parts[1:], all=True)}


def _grouped(rows: QuerySet, kind: int, key: Value | F) -> QuerySet:
    return (
        rows.annotate(of_kind=Value(int(kind), output_field=IntegerField()), of_key=key)
        .values("of_kind", "of_key")
        .annotate(number=Count("*"))
        .values_list("of_kind", "of_key", "number")
    )
