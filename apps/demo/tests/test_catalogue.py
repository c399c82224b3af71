from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from apps.catalogue.ean import is_ean13
from apps.catalogue.models import (
    Attribute,
    AttributeValue,
    Brand,
    Category,
    PriceEntry,
    Product,
    ProductCard,
    ProductImage,
    Stock,
    StockMovement,
    Variant,
)
from apps.catalogue.models.product import VatClass
from apps.catalogue.services.ledgers import check_ledgers
from apps.catalogue.services.prices import lowest_price
from apps.catalogue.tests.factories import CategoryFactory, ProductFactory
from apps.common.letters import slug_of
from apps.demo.catalogue.illustrations import MOTIFS, rasterise, render
from apps.demo.catalogue.illustrations.palette import TINTS
from apps.demo.catalogue.load import _category, foreign_products, illustrate, load_catalogue
from apps.demo.catalogue.shelves import DATA, read_shop

SMALL = {"width": 40, "processes": 1}
PLANTS = {"lavande-pot"}
WRITTEN = (Attribute, AttributeValue, Brand, Category, PriceEntry, Product, ProductImage, Stock, StockMovement, Variant)


@pytest.fixture(scope="module")
def shop():
    return read_shop()


def test_is_as_large_as_a_good_market(shop):
    assert len(shop.rayons) == 8
    assert len(shop.products) >= 64
    assert all(len(rayon.products) >= 8 for rayon in shop.rayons)
    assert all(rayon.tint in TINTS for rayon in shop.rayons)
    assert sum(len(product.variants) > 1 for product in shop.products) >= 20


@pytest.mark.parametrize("language", [0, 1], ids=["fr", "en"])
def test_every_text_is_written_in_both_languages(shop, language):
    for product in shop.products:
        texts = (product.name, product.description, product.alt, product.origin)
        assert all(text[language].strip() for text in texts), product.code
        assert len(product.description[language]) > 80, product.code
    french_only = [product.code for product in shop.products if product.description[0] == product.description[1]]
    assert french_only == []


@pytest.mark.parametrize("language", [0, 1], ids=["fr", "en"])
def test_addresses_are_unique(shop, language):
    slugs = [slug_of(product.name[language]) for product in shop.products]
    rayons = [slug_of(name[language]) for rayon in shop.rayons for name in (rayon.name, *rayon.parts)]

    assert [slug for slug, count in Counter(slugs).items() if count > 1] == []
    assert [slug for slug, count in Counter(rayons).items() if count > 1] == []


def test_codes_are_unique_and_taken_from_no_real_product(shop):
    variants = [variant for product in shop.products for variant in product.variants]

    assert len({product.code for product in shop.products}) == len(shop.products)
    assert len({variant.sku for variant in variants}) == len(variants)
    assert len({variant.ean13 for variant in variants}) == len(variants)
    assert all(is_ean13(variant.ean13) and variant.ean13.startswith("20") for variant in variants)


def test_goods_that_spoil_cannot_be_sent_back(shop):
    exceptions = {rayon.name[0]: {product.withdrawal_exception for product in rayon.products} for rayon in shop.rayons}
    for rayon in ("Fruits et légumes", "Crèmerie", "Boulangerie"):
        assert exceptions[rayon] == {"PERISHABLE"}
    assert exceptions["Hygiène et soin"] == {"HYGIENE", ""}
    assert exceptions["Maison"] == {"PRESS", ""}
    assert exceptions["Épicerie salée"] == {""}


def test_prices_are_plausible_and_reductions_are_reductions(shop):
    reduced = 0
    for product in shop.products:
        for variant in product.variants:
            assert Decimal("1") < variant.price < Decimal("100"), variant.sku
            assert 10 <= variant.weight_g <= 6000, variant.sku
            if variant.reduced is not None:
                reduced += 1
                assert variant.reduced < variant.price
                assert variant.reduced_for_days > 0
            if variant.earlier_prices:
                assert variant.earlier_prices[-1][1] == variant.price
    assert reduced >= 6


def test_food_alcohol_and_sweets_carry_their_own_vat(shop):
    rates = {product.code: product.vat_class for product in shop.products}

    assert rates["camembert"] == rates["chocolat-noir"] == rates["livre-casserole"] == VatClass.REDUCED
    assert rates["vin-rouge"] == rates["cidre-brut"] == rates["biere-blonde"] == VatClass.STANDARD
    assert rates["caramels"] == rates["nougat"] == rates["chocolat-lait-noisettes"] == VatClass.STANDARD
    assert rates["savon-marseille"] == VatClass.STANDARD
    assert rates["lavande-pot"] == VatClass.INTERMEDIATE
    assert rates["gazette"] == VatClass.SUPER_REDUCED


def test_what_is_not_food_names_who_answers_for_it(shop):
    for rayon in shop.rayons:
        for product in rayon.products:
            if rayon.name[0] in ("Maison", "Hygiène et soin") and product.code not in PLANTS:
                assert product.manufacturer, product.code
                assert all(product.warnings), product.code
    carafe = next(product for product in shop.products if product.code == "carafe-verre")
    assert carafe.responsible, "its maker is outside the Union (GPSR, art. 16)"


def test_what_is_weighed_or_poured_has_a_price_per_kilo_or_litre(shop):
    food = [product for rayon in shop.rayons[:6] for product in rayon.products if product.code != "poivre-moulin"]

    assert all(variant.content is not None for product in food for variant in product.variants)


def test_every_product_looks_different(shop):
    pictures = [svg for product in shop.products for svg, _variant in product.illustrations]

    assert len(set(pictures)) == len(pictures)


def test_variants_in_another_colour_have_their_own_picture(shop):
    mug = next(product for product in shop.products if product.code == "mug-gres")

    assert [variant and variant.options[0][0] for _svg, variant in mug.illustrations] == [None, "Crème", "Vert"]


def test_every_motif_is_used():
    described = "".join(path.read_text(encoding="utf-8") for path in DATA.glob("*.toml"))

    assert [motif for motif in MOTIFS if f'motif = "{motif}"' not in described] == []


def test_an_illustration_is_a_square_png_and_always_the_same():
    svg = render("bottle", tint="prune", text="CÔTES")

    assert render("bottle", tint="prune", text="CÔTES") == svg
    assert rasterise(svg, width=64).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("motif", "options", "error"),
    [("unicorn", {}, KeyError), ("bottle", {"tint": "fluo"}, KeyError), ("bottle", {"cap": "fluo"}, KeyError)],
)
def test_a_mistake_in_the_data_is_not_drawn(motif, options, error):
    with pytest.raises(error):
        render(motif, **options)


@pytest.mark.django_db
def test_loads_everything_once(shop):
    now = timezone.now()

    first = load_catalogue(now=now, **SMALL)
    counts = {model: model.objects.count() for model in WRITTEN}
    second = load_catalogue(now=now + timedelta(hours=1), **SMALL)

    assert first.products == len(shop.products)
    assert (second.products, second.illustrations) == (0, 0)
    assert {model: model.objects.count() for model in WRITTEN} == counts
    assert counts[Variant] == sum(len(product.variants) for product in shop.products)
    assert foreign_products() == 0
    assert ProductCard.objects.count() == counts[Product]
    assert check_ledgers() == []
    assert default_storage.exists(ProductImage.objects.first().file.name)
    _books_prove_each_reduction(now)


def _books_prove_each_reduction(now):
    reduced = Variant.objects.filter(reference_price__isnull=False)
    assert reduced.count() >= 6
    for variant in reduced:
        begun = PriceEntry.objects.get(variant=variant, kind=PriceEntry.Kind.REDUCTION).effective_at
        assert begun < now
        assert variant.reference_price == lowest_price(variant=variant, before=begun)
    latest = {entry.variant_id: entry.amount for entry in PriceEntry.objects.order_by("effective_at")}
    assert latest == dict(Variant.objects.values_list("pk", "price"))


@pytest.mark.django_db
def test_adds_what_is_missing_and_leaves_the_rest_alone(shop):
    ProductFactory(code="camembert", name_fr="Le nôtre")

    loaded = load_catalogue(now=timezone.now(), **SMALL)

    assert loaded.products == len(shop.products) - 1
    assert Product.objects.get(code="camembert").name_fr == "Le nôtre"


@pytest.mark.django_db
def test_products_of_others_are_counted():
    ProductFactory()

    assert foreign_products() == 1


@pytest.mark.django_db
def test_finds_a_rayon_that_was_renamed():
    rayon = CategoryFactory(name_fr="Crémerie", slug_fr="cremerie")
    rayon.slug_fr, rayon.name_fr = "fromagerie", "Fromagerie"
    rayon.save()
    assert _category(("Crémerie", "Dairy")) == rayon


@pytest.mark.django_db
def test_illustrations_may_follow_and_pages_show_placeholders_meanwhile(shop, client):
    load_catalogue(now=timezone.now(), illustrated=False, **SMALL)
    added = ProductImage.objects.create(product=Product.objects.first(), position=50)
    product = max(shop.products, key=lambda product: product.popularity)
    page = Product.objects.get(code=product.code)
    paths = ("/", f"/produit/{page.slug_fr}/")
    assert not ProductImage.objects.exclude(file="").exists()
    assert all("demo/" not in client.get(path).content.decode() for path in paths)

    waiting = ProductImage.objects.exclude(pk=added.pk).count()
    assert illustrate(width=40) == waiting
    assert list(ProductImage.objects.filter(file="")) == [added]
    assert all(default_storage.exists(image.file.name) for image in ProductImage.objects.exclude(file=""))
    assert all("demo/" in client.get(path).content.decode() for path in paths)
    assert illustrate(width=40) == 0


@pytest.mark.django_db
def test_both_ways_of_illustrating_give_the_same(shop):
    load_catalogue(now=timezone.now(), **SMALL)
    columns = ("product__code", "position", "file", "width", "height", "renditions", "awaits_renditions", "alt_fr")
    at_once = list(ProductImage.objects.order_by("product__code", "position").values_list(*columns))
    ProductImage.objects.update(file="", width=0, height=0, renditions=[], awaits_renditions=False)
    illustrate(width=40)
    assert list(ProductImage.objects.order_by("product__code", "position").values_list(*columns)) == at_once
