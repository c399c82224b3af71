#!/usr/bin/env python3
"""Fills the database of DATABASE_URL with invented French groceries, for the bench.

    deploy/bench/fill.py --products 10000 [--orders 5000]

The same number gives the same shop; what earlier runs have bought is restocked. Refuses a database with other products.
"""

import argparse
import os
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from orders import fill_orders

ROOT = Path(__file__).resolve().parents[2]
CHUNK = 1000
FEW = 50
"""Pieces below which a size is restocked: a run of the bench buys some forty of each that it buys."""

# Category, its child category, and the products in it.
RAYONS = {
    "Épicerie sucrée": {
        "Chocolats": ["Chocolat noir", "Chocolat au lait", "Chocolat blanc", "Truffes", "Pralinés", "Rochers"],
        "Confitures et miels": ["Confiture", "Gelée", "Marmelade", "Miel", "Crème de marrons"],
        "Biscuits": ["Sablés", "Madeleines", "Palets", "Galettes", "Cookies", "Financiers", "Boudoirs"],
        "Thés et cafés": ["Thé vert", "Thé noir", "Infusion", "Café moulu", "Café en grains", "Rooibos"],
    },
    "Épicerie salée": {
        "Pâtes et riz": ["Pâtes", "Coquillettes", "Spaghetti", "Riz long", "Riz rond", "Semoule", "Lentilles"],
        "Huiles et vinaigres": ["Huile d’olive", "Huile de noix", "Vinaigre", "Moutarde", "Sauce tomate"],
        "Conserves": ["Pâté", "Terrine", "Rillettes", "Sardines", "Thon", "Maquereaux", "Soupe", "Cassoulet"],
        "Apéritif": ["Olives", "Tapenade", "Chips", "Amandes grillées", "Noix de cajou", "Crackers"],
    },
    "Crèmerie": {
        "Fromages": ["Camembert", "Comté", "Roquefort", "Brie", "Reblochon", "Tomme", "Chèvre", "Cantal"],
        "Laitages": ["Yaourt", "Fromage blanc", "Crème fraîche", "Beurre", "Lait entier", "Skyr"],
    },
    "Boucherie et marée": {
        "Charcuterie": ["Jambon", "Saucisson", "Chorizo", "Lardons", "Andouille", "Coppa"],
        "Poissons": ["Saumon fumé", "Truite", "Cabillaud", "Crevettes", "Anchois", "Bar"],
    },
    "Boulangerie": {
        "Pains": ["Pain de campagne", "Baguette", "Pain complet", "Pain de mie", "Pain d’épices"],
        "Viennoiseries": ["Croissants", "Brioche", "Pains au chocolat", "Chaussons aux pommes"],
    },
    "Boissons": {
        "Vins": ["Vin rouge", "Vin blanc", "Rosé", "Crémant", "Muscadet", "Sancerre"],
        "Bières et cidres": ["Bière blonde", "Bière brune", "Cidre", "Poiré"],
        "Jus et sirops": ["Jus de pomme", "Jus d’orange", "Nectar", "Sirop", "Limonade"],
    },
    "Maison": {
        "Entretien": ["Savon noir", "Lessive", "Liquide vaisselle", "Vinaigre ménager", "Éponges"],
        "Table": ["Tasse", "Assiette", "Saladier", "Torchon", "Bol", "Verre"],
    },
    "Beauté": {
        "Savons": ["Savon de Marseille", "Savon d’Alep", "Shampoing", "Gel douche"],
        "Soins": ["Crème pour les mains", "Huile d’amande", "Baume", "Eau de rose"],
    },
}
FLAVOURS = [
    *(
        "nature",
        "à la vanille",
        "au citron",
        "à l’orange",
        "aux noisettes",
        "aux amandes",
        "au caramel",
        "à la framboise",
    ),
    *(
        "aux figues",
        "à la fleur de sel",
        "au piment d’Espelette",
        "aux herbes",
        "à l’ail",
        "au romarin",
        "à la lavande",
    ),
    *(
        "aux noix",
        "à la cannelle",
        "au gingembre",
        "à la menthe",
        "à la bergamote",
        "au poivre",
        "aux cèpes",
        "au thym",
    ),
    *("à la pistache", "à la poire", "à la myrtille", "au cassis", "à la mirabelle", "à la châtaigne", "au sésame"),
]
MANNERS = [
    *("", "", "bio", "fermier", "artisanal", "de tradition", "extra", "doux", "fin", "entier", "corsé", "de saison"),
    *("Label Rouge", "AOP", "demi-sel", "sans sucre ajouté", "à l’ancienne", "affiné", "pur", "au feu de bois"),
]
PLACES = [
    *(
        "de Normandie",
        "de Bretagne",
        "du Périgord",
        "des Alpes",
        "du Jura",
        "de Provence",
        "du Pays basque",
        "d’Auvergne",
    ),
    *(
        "de Savoie",
        "d’Alsace",
        "de Corse",
        "des Landes",
        "du Berry",
        "de Bresse",
        "de Camargue",
        "du Larzac",
        "",
        "",
        "",
    ),
]
SYLLABLES = [
    *(
        "bel",
        "bois",
        "cha",
        "clair",
        "dor",
        "fon",
        "gar",
        "grand",
        "lan",
        "mar",
        "mont",
        "pré",
        "ro",
        "saint",
        "val",
        "vert",
    ),
    *("ac", "ange", "eau", "elle", "ier", "in", "neuf", "on", "ot", "ville"),
]
ATTRIBUTES = {
    ("origine", "Origine"): ["France", "Italie", "Espagne", "Grèce", "Portugal", "Maroc", "Belgique"],
    ("label", "Label"): ["Agriculture biologique", "AOP", "Label Rouge", "Commerce équitable"],
    ("regime", "Régime"): ["Végétarien", "Végétalien", "Sans gluten", "Sans lactose"],
}
SENTENCES = [
    "Préparé en petites quantités par une maison familiale.",
    "Une recette courte, sans arôme artificiel ni colorant.",
    "À conserver au frais et à consommer rapidement après ouverture.",
    "Idéal au petit déjeuner comme au goûter.",
    "Récolté à la main, séché lentement puis trié.",
    "Se marie avec un fromage de caractère ou une salade de saison.",
]


@dataclass(frozen=True)
class Invented:
    code: str
    name: str
    slug: str
    rayon: str
    brand: int
    price: Decimal
    description: str
    pieces: int
    sizes: int
    values: tuple[int, ...]


def inventions(count: int) -> Iterator[Invented]:
    """Products, the same for the same count, with names from a realistic vocabulary of a few thousand words."""
    chance = random.Random(20)  # noqa: S311
    kinds = [(under, kind) for rayon in RAYONS.values() for under, kinds in rayon.items() for kind in kinds]
    values = sum(map(len, ATTRIBUTES.values()))
    brands = brand_count(count)
    for number in range(count):
        rayon, kind = chance.choice(kinds)
        parts = [kind, chance.choice(FLAVOURS), chance.choice(MANNERS), chance.choice(PLACES)]
        name = " ".join(part for part in parts if part)
        yield Invented(
            code=f"B{number:06}",
            name=name,
            slug=f"produit-{number}",
            rayon=rayon,
            brand=min(int(chance.expovariate(4 / brands)), brands - 1),
            price=Decimal(chance.choice([99, 149, 195, 250, 320, 390, 490, 650, 890, 1290, 1990, 3900])) / 100
            + chance.randrange(50) / Decimal(100),
            description=" ".join(f"<p>{sentence}</p>" for sentence in chance.sample(SENTENCES, 2)),
            pieces=0 if chance.random() < 0.05 else chance.randrange(50, 500),
            sizes=3 if chance.random() < 0.1 else 1,
            values=tuple(sorted(chance.sample(range(values), chance.randrange(1, 4)))),
        )


def brand_count(products: int) -> int:
    return max(10, min(3000, products // 40))


def brand_names(count: int) -> list[str]:
    chance = random.Random(4)  # noqa: S311
    names: dict[str, None] = {}
    while len(names) < count:
        names["".join(chance.choices(SYLLABLES, k=chance.randrange(2, 5))).capitalize()] = None
    return list(names)


def fill(count: int) -> None:
    from django.db import transaction
    from django.utils import timezone

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
    from apps.common.letters import slug_of
    from apps.demo.delivery import load_delivery_methods

    load_delivery_methods()
    now = timezone.now()
    rayons = {}
    for name, under in RAYONS.items():
        root = Category.objects.add_root(_named(name, slug_of(name)))
        for child in under:
            root = Category.objects.get(pk=root.pk)
            rayons[child] = root.add_child(**_named(child, slug_of(child)))
    brands = [
        Brand.objects.create(name=name, slug=f"{slug_of(name)}-{number}")
        for number, name in enumerate(brand_names(brand_count(count)))
    ]
    values = []
    for (code, name), labels in ATTRIBUTES.items():
        attribute = Attribute.objects.create(code=code, name_fr=name, name_en=name)
        values += [
            AttributeValue.objects.create(attribute=attribute, slug=slug_of(label), label_fr=label, label_en=label)
            for label in labels
        ]
    invented = list(inventions(count))
    for start in range(0, count, CHUNK):
        chunk = invented[start : start + CHUNK]
        with transaction.atomic():
            products = Product.objects.bulk_create(
                Product(
                    code=item.code,
                    category=rayons[item.rayon],
                    brand=brands[item.brand],
                    name_fr=item.name,
                    name_en=item.name,
                    slug_fr=item.slug,
                    slug_en=item.slug,
                    description_fr=item.description,
                    vat_class="REDUCED",
                    state=Product.State.PUBLISHED,
                    published_at=now,
                    option1_name_fr="Contenance" if item.sizes > 1 else "",
                )
                for item in chunk
            )
            products = list(Product.objects.filter(code__in=[item.code for item in chunk]).order_by("code"))
            Product.attribute_values.through.objects.bulk_create(
                Product.attribute_values.through(product=product, attributevalue=values[place])
                for product, item in zip(products, chunk, strict=True)
                for place in item.values
            )
            Variant.objects.bulk_create(
                Variant(
                    product=product,
                    sku=f"{item.code}-{size}",
                    position=size,
                    option1_fr=f"{250 * (size + 1)} g" if item.sizes > 1 else "",
                    price=item.price * (size + 1),
                    regular_price=item.price * (size + 1),
                    content_quantity=250 * (size + 1),
                    content_unit="GRAM",
                    weight_g=300 * (size + 1),
                )
                for product, item in zip(products, chunk, strict=True)
                for size in range(item.sizes)
            )
            pieces = {product.pk: item.pieces for product, item in zip(products, chunk, strict=True)}
            variants = list(Variant.objects.filter(product__in=products).order_by("pk"))
            Stock.objects.bulk_create(
                Stock(variant=variant, on_hand=pieces[variant.product_id]) for variant in variants
            )
            StockMovement.objects.bulk_create(
                StockMovement(
                    stock_id=variant.pk,
                    delta=pieces[variant.product_id],
                    on_hand_after=pieces[variant.product_id],
                    reason=StockMovement.Reason.RECEIPT,
                )
                for variant in variants
                if pieces[variant.product_id]
            )
            PriceEntry.objects.bulk_create(
                PriceEntry(variant=variant, amount=variant.price, effective_at=now) for variant in variants
            )
            refresh_listing(product_ids=[product.pk for product in products])


def restock(count: int) -> int:
    """Bring each size that earlier purchases have bought nearly empty back to its invented pieces; returns how many."""
    from django.db.models import F
    from django.utils import timezone

    from apps.catalogue.models import Stock, StockMovement
    from apps.catalogue.services.stock import correct_stock

    pieces = {item.code: item.pieces for item in inventions(count)}
    low = Stock.objects.filter(on_hand__lt=F("reserved") + FEW).select_related("variant")
    emptied = [stock for stock in low if pieces.get(stock.variant.sku.partition("-")[0])]
    for stock in emptied:
        correct_stock(
            variant=stock.variant,
            on_hand=stock.reserved + pieces[stock.variant.sku.partition("-")[0]],
            reason=StockMovement.Reason.RECEIPT,
            note="",
            author=None,
            now=timezone.now(),
        )
    return len(emptied)


def _named(name: str, slug: str) -> dict[str, str]:
    return {"name_fr": name, "name_en": name, "slug_fr": slug, "slug_en": slug}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--products", type=int, default=1000)
    parser.add_argument("--orders", type=int, default=0, help="of the last year, once the products are there")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmarket.settings")
    import django

    django.setup()
    from apps.catalogue.models import Product

    there = Product.objects.count()
    if there == options.products:
        print(f"{there} products are there already, {restock(there)} sizes restocked.")
    elif there:
        sys.exit(f"The database holds {there} other products: give an empty one.")
    else:
        start = time.monotonic()
        fill(options.products)
        print(f"{options.products} products in {time.monotonic() - start:.1f} s")
    if options.orders:
        add_orders(options.orders)


def add_orders(count: int) -> None:
    from django.utils import timezone

    from apps.orders.models import Order

    there = Order.objects.count()
    if there == count:
        print(f"{there} orders are there already.")
        return
    if there:
        sys.exit(f"The database holds {there} other orders: give one without.")
    start = time.monotonic()
    fill_orders(count, now=timezone.now())
    print(f"{count} orders in {time.monotonic() - start:.1f} s")


if __name__ == "__main__":
    main()
