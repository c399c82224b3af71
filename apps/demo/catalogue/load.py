"""Loads the demo catalogue."""

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction

from apps.catalogue.models import (
    Attribute,
    AttributeValue,
    Brand,
    Category,
    EconomicOperator,
    Product,
    ProductImage,
    SearchSynonym,
    Stock,
    StockMovement,
    Variant,
)
from apps.catalogue.services.images import store_file
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.services.prices import open_ledgers, set_price, start_reduction
from apps.common.letters import slug_of
from apps.demo.catalogue.prints import MASTER_WIDTH, QUICK_WIDTHS, print_all, svg_hash
from apps.demo.catalogue.shelves import DemoAttribute, DemoProduct, DemoShop, DemoVariant, Pair, read_shop

LOW_STOCK = 3
Progress = Callable[[str, int, int], None]
"""Called with what is done (« illustrations », « products »), how many are done, how many there are."""


@dataclass(frozen=True)
class Loaded:
    products: int
    illustrations: int


def foreign_products() -> int:
    """How many products are not the demo shop's."""
    return Product.objects.exclude(code__in=[product.code for product in read_shop().products]).count()


def load_catalogue(
    *,
    now: datetime,
    progress: Progress | None = None,
    width: int = MASTER_WIDTH,
    processes: int | None = None,
    illustrated: bool = True,
) -> Loaded:
    """Add the demo products that are missing; existing ones are not changed, so a repeat changes nothing.

    Illustrations are rendered first, into files named by their content; then one transaction writes the rows.
    Interrupted, it has written no row, and rendered files are used again. Unless `illustrated`, which takes half a
    minute of processor time: pages show their placeholders until `illustrate` has rendered them.
    """
    report = progress or (lambda what, done, total: None)
    shop = read_shop()
    existing = set(Product.objects.values_list("code", flat=True))
    missing = [product for product in shop.products if product.code not in existing]
    if not missing:
        return Loaded(0, 0)
    wanted = {svg for product in missing for svg, _variant in product.illustrations}
    rendered = _render_missing(wanted, report, width, processes) if illustrated else len(wanted)
    with transaction.atomic():
        _Writer(shop, now, width, illustrated=illustrated).write(missing, report)
    return Loaded(len(missing), rendered)


def illustrate(*, width: int = MASTER_WIDTH) -> int:
    """Render what `load_catalogue` left out, in this process: first each product's first picture, those asked for most
    before others. Returns how many pictures were waiting. Interrupted, it is repeated and goes on."""
    illustrations = {product.code: product.illustrations for product in read_shop().products}
    waiting = ProductImage.objects.filter(file="", source_url="", product__code__in=illustrations)
    done = 0
    for image in waiting.select_related("product").order_by("position", "-product__popularity", "pk"):
        of_product = illustrations[image.product.code]
        if image.position >= len(of_product):
            # Staff added it, and have not given it a file yet.
            continue
        svg, _variant = of_product[image.position]
        _render_missing({svg}, lambda what, done, total: None, width, processes=1)
        with transaction.atomic():
            if ProductImage.objects.filter(pk=image.pk, file="").update(**_file_of(_stem(svg), width)):
                refresh_listing(product_ids=[image.product_id])
        done += 1
    return done


def write_rows(*, now: datetime) -> None:
    """The demo catalogue without its illustrations, whose files are not rendered: for tests of its texts."""
    shop = read_shop()
    with transaction.atomic():
        _Writer(shop, now, MASTER_WIDTH).write(shop.products, lambda what, done, total: None)


def _stem(svg: str) -> str:
    return f"demo/{svg_hash(svg)}"


def _file_of(stem: str, width: int) -> dict[str, Any]:
    """What a ProductImage has of its rendered file."""
    widths = [small for small in QUICK_WIDTHS if small <= width]
    return {
        "file": f"{stem}.png",
        "width": width,
        "height": width,
        "renditions": [{"format": "webp", "stem": stem, "widths": widths}] if widths else [],
        "awaits_renditions": True,
    }


def _render_missing(wanted: Iterable[str], report: Progress, width: int, processes: int | None) -> int:
    svgs = sorted(svg for svg in wanted if not default_storage.exists(f"{_stem(svg)}.png"))
    for done, printed in enumerate(print_all(svgs, width=width, processes=processes), start=1):
        stem = _stem(printed.svg)
        for small, content in printed.small.items():
            store_file(f"{stem}-{small}.webp", content)
        # The master last: where it exists, the small ones do.
        store_file(f"{stem}.png", printed.master)
        report("illustrations", done, len(svgs))
    return len(svgs)


class _Writer:
    """Writes rows, and caches those that products share."""

    def __init__(self, shop: DemoShop, now: datetime, width: int, *, illustrated: bool = True) -> None:
        self.shop = shop
        self.now = now
        self.width = width
        self.illustrated = illustrated
        self.brands: dict[str, Brand] = {}
        self.operators: dict[str, EconomicOperator] = {}

    def write(self, products: Sequence[DemoProduct], report: Progress) -> None:
        rayons = self._rayons()
        values = self._attribute_values()
        written = []
        for done, given in enumerate(products, start=1):
            product = self._product(given, rayons[given.part])
            product.attribute_values.set(
                values[code, slug_of(value)] for code, chosen in given.facets.items() for value in chosen
            )
            variants = {
                variant.sku: self._variant(product, place, variant) for place, variant in enumerate(given.variants)
            }
            self._images(product, given, variants)
            written.append(product.pk)
            report("products", done, len(products))
        self._synonyms()
        refresh_listing(product_ids=written)

    def _synonyms(self) -> None:
        """Loaded once: changes and deletions by staff stay."""
        direction = SearchSynonym.Direction
        if not SearchSynonym.objects.exists():
            SearchSynonym.objects.bulk_create(
                SearchSynonym(
                    language=language,
                    direction=direction.ONE_WAY if found else direction.BOTH,
                    words=typed,
                    found=found,
                )
                for language, typed, found in self.shop.synonyms
            )

    def _rayons(self) -> dict[str, Category]:
        """The parts of all rayons by their French name."""
        parts = {}
        for rayon in self.shop.rayons:
            root = _category(rayon.name) or Category.objects.add_root(
                {"tint": rayon.tint, **_named(rayon.name), **_in_both("description", rayon.description)}
            )
            for name in rayon.parts:
                parts[name[0]] = _category(name) or Category.objects.add_child(root, _named(name))
                root.refresh_from_db()
        return parts

    def _attribute_values(self) -> dict[tuple[str, str], AttributeValue]:
        used = {
            (code, value)
            for product in self.shop.products
            for code, chosen in product.facets.items()
            for value in chosen
        }
        found = {}
        for place, given in enumerate(self.shop.attributes):
            attribute, _created = Attribute.objects.get_or_create(
                code=given.code,
                defaults={"kind": given.kind, "unit": given.unit, "position": place, **_in_both("name", given.name)},
            )
            chosen = sorted(value for code, value in used if code == given.code)
            for french, english, number in _labels(given, chosen):
                value, _created = AttributeValue.objects.get_or_create(
                    attribute=attribute,
                    slug=slug_of(french if number is None else str(number)),
                    defaults={"label_fr": french, "label_en": english, "number": number},
                )
                found[given.code, value.slug] = value
        return found

    def _brand(self, name: str) -> Brand:
        if name not in self.brands:
            self.brands[name], _created = Brand.objects.get_or_create(slug=slug_of(name), defaults={"name": name})
        return self.brands[name]

    def _operator(self, code: str) -> EconomicOperator | None:
        if not code:
            return None
        if code not in self.operators:
            name, postal, electronic = self.shop.operators[code]
            self.operators[code], _created = EconomicOperator.objects.get_or_create(
                name=name, defaults={"postal_address": postal, "electronic_address": electronic}
            )
        return self.operators[code]

    def _product(self, given: DemoProduct, category: Category) -> Product:
        options = {
            key: value
            for place, name in enumerate(given.options, start=1)
            for key, value in _in_both(f"option{place}_name", name).items()
        }
        return Product.objects.create(
            code=given.code,
            category=category,
            brand=self._brand(given.brand),
            vat_class=given.vat_class,
            state=Product.State.PUBLISHED,
            published_at=self._published_at(given),
            popularity=given.popularity,
            manufacturer=self._operator(given.manufacturer),
            responsible_person=self._operator(given.responsible),
            withdrawal_exception=given.withdrawal_exception,
            **_named(given.name),
            **_in_both("description", given.description),
            **_in_both("origin", given.origin),
            **_in_both("safety_warnings", given.warnings),
            **options,
        )

    def _published_at(self, given: DemoProduct) -> datetime:
        """Spread over some months, always the same for a product, and before its oldest price."""
        days = 45 + zlib.crc32(given.code.encode()) % 120
        oldest = max((days for variant in given.variants for days, _price in variant.earlier_prices), default=0)
        return self.now - timedelta(days=max(days, oldest))

    def _variant(self, product: Product, place: int, given: DemoVariant) -> Variant:
        first_price = given.earlier_prices[0][1] if given.earlier_prices else given.price
        quantity, unit = given.content or (None, "")
        options = {
            key: value
            for number, texts in enumerate(given.options, start=1)
            for key, value in _in_both(f"option{number}", texts).items()
        }
        variant = Variant.objects.create(
            product=product,
            sku=given.sku,
            ean13=given.ean13,
            position=place,
            price=first_price,
            regular_price=first_price,
            content_quantity=quantity,
            content_unit=unit,
            weight_g=given.weight_g,
            **options,
        )
        self._price_history(variant, given, product.published_at or self.now)
        stock = Stock.objects.create(variant=variant, on_hand=given.stock, low_threshold=LOW_STOCK)
        if given.stock:
            StockMovement.objects.create(
                stock=stock,
                delta=given.stock,
                on_hand_after=given.stock,
                reason=StockMovement.Reason.RECEIPT,
                note="Boutique de démonstration",
                created_at=self.now,
            )
        return variant

    def _price_history(self, variant: Variant, given: DemoVariant, opened_at: datetime) -> None:
        open_ledgers(variants=[variant], now=opened_at)
        for days, amount in given.earlier_prices[1:]:
            set_price(variant=variant, amount=amount, now=self.now - timedelta(days=days))
        if given.reduced is not None:
            begun_at = self.now - timedelta(days=given.reduced_for_days)
            start_reduction(variant=variant, amount=given.reduced, author=None, now=begun_at)

    def _images(self, product: Product, given: DemoProduct, variants: dict[str, Variant]) -> None:
        for place, (svg, look) in enumerate(given.illustrations):
            suffixes = [f" – {text}" for text in _look_of(look)] if look else ["", ""]
            ProductImage.objects.create(
                product=product,
                variant=variants[look.sku] if look else None,
                position=place,
                alt_fr=given.alt[0] + suffixes[0],
                alt_en=given.alt[1] + suffixes[1],
                **(_file_of(_stem(svg), self.width) if self.illustrated else {}),
            )


def _category(name: Pair) -> Category | None:
    return Category.objects.filter(page_addresses__language="fr", page_addresses__slug=slug_of(name[0])).first()


def _look_of(variant: DemoVariant) -> Pair:
    """The first option determines how a variant looks."""
    french, english = variant.options[0]
    return french, english


def _labels(attribute: DemoAttribute, used: Sequence[str]) -> list[tuple[str, str, Decimal | None]]:
    if attribute.kind == Attribute.Kind.BOOLEAN:
        return [("Oui", "Yes", None)]
    if attribute.kind == Attribute.Kind.NUMBER:
        return [(value.replace(".", ","), value, Decimal(value)) for value in used]
    return [(french, english, None) for french, english in attribute.values]


def _in_both(field: str, texts: Pair) -> dict[str, str]:
    return {f"{field}_fr": texts[0], f"{field}_en": texts[1]}


def _named(name: Pair) -> dict[str, str]:
    return {**_in_both("name", name), "slug_fr": slug_of(name[0]), "slug_en": slug_of(name[1])}
