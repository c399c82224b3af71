"""A generated catalogue of any size, in both languages: the same size gives the same products."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import islice, product

from django.db import transaction

from apps.catalogue.descriptions import from_text
from apps.catalogue.models import (
    Attribute,
    AttributeValue,
    Brand,
    Category,
    PriceEntry,
    Product,
    Stock,
    StockMovement,
    Variant,
)
from apps.catalogue.services.listing import refresh_listing

CHUNK = 500
Pair = tuple[str, str]
# Rayon, rayon under it, what is sold there, and its sizes.
RAYONS: list[tuple[Pair, Pair, str, list[Pair]]] = [
    (
        ("Épicerie sucrée", "Sweet groceries"),
        ("Chocolats", "Chocolate"),
        "100 g,200 g",
        [("Chocolat noir", "Dark chocolate"), ("Chocolat au lait", "Milk chocolate"), ("Truffes", "Truffles")],
    ),
    (
        ("Épicerie sucrée", "Sweet groceries"),
        ("Confitures et miels", "Jam and honey"),
        "250 g,500 g",
        [("Confiture", "Jam"), ("Gelée", "Jelly"), ("Miel", "Honey")],
    ),
    (
        ("Épicerie sucrée", "Sweet groceries"),
        ("Biscuits", "Biscuits"),
        "150 g,300 g",
        [("Sablés", "Shortbread"), ("Madeleines", "Madeleines"), ("Galettes", "Butter cakes")],
    ),
    (
        ("Épicerie salée", "Savoury groceries"),
        ("Pâtes, riz et légumes secs", "Pasta, rice and pulses"),
        "500 g,1 kg",
        [("Pâtes", "Pasta"), ("Riz long", "Long rice"), ("Lentilles vertes", "Green lentils")],
    ),
    (
        ("Épicerie salée", "Savoury groceries"),
        ("Conserves", "Tins"),
        "200 g,400 g",
        [("Petits pois", "Green peas"), ("Sardines", "Sardines"), ("Pâté de campagne", "Country pâté")],
    ),
    (
        ("Épicerie salée", "Savoury groceries"),
        ("Huiles et vinaigres", "Oils and vinegars"),
        "50 cl,1 l",
        [("Huile d’olive", "Olive oil"), ("Huile de noix", "Walnut oil"), ("Vinaigre", "Vinegar")],
    ),
    (
        ("Crèmerie", "Dairy"),
        ("Fromages", "Cheese"),
        "200 g,250 g",
        [("Camembert", "Camembert"), ("Tomme", "Tomme"), ("Crottin de chèvre", "Goat crottin"), ("Comté", "Comté")],
    ),
    (
        ("Crèmerie", "Dairy"),
        ("Laitages", "Milk and cream"),
        "20 cl,50 cl",
        [("Crème fraîche", "Fresh cream"), ("Yaourt", "Yoghurt"), ("Lait entier", "Whole milk")],
    ),
    (
        ("Boulangerie", "Bakery"),
        ("Pains", "Bread"),
        "400 g,800 g",
        [("Pain complet", "Wholemeal loaf"), ("Pain d’épices", "Gingerbread"), ("Pain de mie", "Sandwich loaf")],
    ),
    (
        ("Boulangerie", "Bakery"),
        ("Viennoiseries", "Pastries"),
        "80 g,320 g",
        [("Brioche", "Brioche"), ("Croissants", "Croissants"), ("Chaussons", "Turnovers")],
    ),
    (
        ("Boissons", "Drinks"),
        ("Vins et bières", "Wine and beer"),
        "33 cl,75 cl",
        [("Vin rouge", "Red wine"), ("Vin blanc", "White wine"), ("Bière blonde", "Pale beer")],
    ),
    (
        ("Boissons", "Drinks"),
        ("Thés et cafés", "Tea and coffee"),
        "100 g,250 g",
        [("Thé vert", "Green tea"), ("Thé noir", "Black tea"), ("Café moulu", "Ground coffee")],
    ),
    (
        ("Beauté", "Beauty"),
        ("Savons", "Soaps"),
        "100 g,300 g",
        [("Savon de Marseille", "Marseille soap"), ("Savon noir", "Black soap"), ("Shampoing", "Shampoo")],
    ),
]
FLAVOURS: list[Pair] = [
    ("nature", "plain"),
    ("à la menthe", "with mint"),
    ("aux noisettes", "with hazelnuts"),
    ("aux figues", "with fig"),
    ("à la lavande", "with lavender"),
    ("au citron", "with lemon"),
    ("à la fraise", "with strawberry"),
    ("au romarin", "with rosemary"),
    ("au thym", "with thyme"),
    ("à l’olive", "with olive"),
    ("à la châtaigne", "with chestnut"),
    ("au sésame", "with sesame"),
]
MANNERS: list[Pair] = [
    ("fermier", "from the farm"),
    ("artisanal", "made by hand"),
    ("de tradition", "in the old way"),
    ("extra", "extra"),
    ("de saison", "of the season"),
]
PLACES: list[Pair] = [
    ("de Savoie", "from Savoie"),
    ("de Provence", "from Provence"),
    ("du Jura", "from Jura"),
    ("de Bretagne", "from Brittany"),
    ("d’Alsace", "from Alsace"),
    ("de Corse", "from Corsica"),
]
BRANDS = ["Belbois", "Chamont", "Clairval", "Dorange", "Fongrand", "Lanvert", "Marneuf", "Montac", "Prélan", "Rochange"]
YES: list[tuple[str, Pair]] = [
    ("bio", ("Agriculture biologique", "Organic")),
    ("sans-gluten", ("Sans gluten", "Gluten-free")),
]
TEXTS: Pair = (
    "Préparé en petites quantités par une maison familiale, à conserver au frais et à servir avec le pain.",
    "Made in small batches by a family house; keep it cool and serve it with the bread of the day.",
)
SIZES = {"g": ("GRAM", 1), "kg": ("GRAM", 1000), "cl": ("MILLILITRE", 10), "l": ("MILLILITRE", 1000)}


def _names() -> Iterator[tuple[int, int, Pair, str]]:
    """(rayon, kind, names in both languages, size). Kinds vary fastest, so that a few fill every rayon."""
    kinds = [(at, kind) for at, (_, _, _, names) in enumerate(RAYONS) for kind in range(len(names))]
    for manner, place, flavour, (rayon, kind) in product(MANNERS, PLACES, FLAVOURS, kinds):
        sizes = RAYONS[rayon][2].split(",")
        parts = [RAYONS[rayon][3][kind], flavour, manner, place]
        french, english = (" ".join(part[language] for part in parts) for language in (0, 1))
        for size in sizes:
            yield rayon, kind, (french, english), size


def invent(count: int, *, now: datetime) -> None:
    """Fill an empty catalogue."""
    rayons: dict[Pair, Category] = {}
    for top, under, _sizes, _kinds in RAYONS:
        if top not in rayons:
            rayons[top] = Category.objects.add_root(_named(top, f"r{len(rayons)}"))
        rayons[top].refresh_from_db()
        rayons[under] = Category.objects.add_child(rayons[top], _named(under, f"r{len(rayons)}"))
    brands = [Brand.objects.create(name=name, slug=f"b{number}") for number, name in enumerate(BRANDS)]
    values = []
    for code, (french, english) in YES:
        attribute = Attribute.objects.create(code=code, name_fr=french, name_en=english, kind=Attribute.Kind.BOOLEAN)
        values.append(AttributeValue.objects.create(attribute=attribute, slug="oui", label_fr="Oui", label_en="Yes"))
    rows = list(islice(_names(), count))
    for start in range(0, len(rows), CHUNK):
        with transaction.atomic():
            _write(start, rows[start : start + CHUNK], rayons, brands, values, now)


def _write(start, rows, rayons, brands, values, now) -> None:
    products = [
        Product(
            code=f"J{number:06}",
            category=rayons[RAYONS[rayon][1]],
            brand=brands[number * 7 % len(brands)],
            name_fr=french,
            name_en=english,
            slug_fr=f"j{number}",
            slug_en=f"j{number}",
            description_fr=from_text(TEXTS[0]),
            description_en=from_text(TEXTS[1]),
            state=Product.State.PUBLISHED,
            published_at=now,
            popularity=number * 31 % 97,
        )
        for number, (rayon, _kind, (french, english), _size) in enumerate(rows, start=start)
    ]
    Product.objects.bulk_create(products)
    products = list(Product.objects.filter(code__in=[each.code for each in products]).order_by("code"))
    through = Product.attribute_values.through
    through.objects.bulk_create(
        through(product=each, attributevalue=value)
        for number, each in enumerate(products, start=start)
        for place, value in enumerate(values)
        if number % (3 + place) == 0
    )
    variants = []
    for number, (each, (_rayon, _kind, _name, size)) in enumerate(zip(products, rows, strict=True), start=start):
        quantity, unit = size.split(" ")
        stored, factor = SIZES[unit]
        price = Decimal(190 + number % 1500) / 100
        variants.append(
            Variant(
                product=each,
                sku=f"{each.code}-1",
                price=price,
                regular_price=price,
                content_quantity=int(quantity) * factor,
                content_unit=stored,
                weight_g=500,
            )
        )
    Variant.objects.bulk_create(variants)
    stocked = list(Variant.objects.filter(product__in=products).order_by("pk"))
    Stock.objects.bulk_create(Stock(variant=variant, on_hand=20) for variant in stocked)
    StockMovement.objects.bulk_create(
        StockMovement(stock_id=variant.pk, delta=20, on_hand_after=20, reason=StockMovement.Reason.RECEIPT)
        for variant in stocked
    )
    PriceEntry.objects.bulk_create(
        PriceEntry(variant=variant, amount=variant.price, effective_at=now) for variant in stocked
    )
    refresh_listing(product_ids=[each.pk for each in products])


def _named(name: Pair, slug: str) -> dict[str, str]:
    return {"name_fr": name[0], "name_en": name[1], "slug_fr": slug, "slug_en": slug}
