"""The same relevance on SQLite and on MySQL, on names as a French grocer writes them."""

import pytest
from django.http import QueryDict

from apps.catalogue.listing import Filters, search, suggest
from apps.catalogue.models import Product
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.tests.factories import BrandFactory, CategoryFactory, ProductFactory, VariantFactory

# MySQL's full-text search sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)

NAMES = """
Camembert de Normandie au lait cru
Camembert fermier
Brie de Meaux
Chocolat noir 70 % de cacao
Chocolat au lait et noisettes
Mousse au chocolat
Pains au chocolat
Thé vert à la menthe
Thé noir Earl Grey
Infusion verveine
Thermos en acier
Pâtes complètes
Pâté de campagne
Pâté en croûte
Café moulu pur arabica
Cafetière à piston
Œufs de poules élevées en plein air
Confiture d’abricots
Jus d’abricot
Eau minérale gazeuse
Riz long de Camargue
Savon de Marseille à l’huile d’olive
Huile d’olive vierge extra
Sel de Guérande
Bocal en verre 5 l
Disque CD de jazz
Biscuits sablés au beurre
Beurre demi-sel
Moutarde à l’ancienne
Miel de lavande
Bière blonde artisanale
Crème fraîche épaisse
Noix de Grenoble
Vin rouge de Bordeaux
Strawberry jam
""".strip().splitlines()


@pytest.fixture
def shop():
    category = CategoryFactory(name_fr="Épicerie fine", name_en="Fine groceries")
    made = []
    for name in NAMES:
        product = ProductFactory(category=category, name_fr=name, name_en=name, brand=None)
        made.append(VariantFactory(product=product, sku=f"REF-{product.pk}").product_id)
    refresh_listing(product_ids=made)


def found(text, query=""):
    return [card.name for card in search(text, filters=Filters.from_query(QueryDict(query))).cards]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("camambert", "Camembert fermier"),
        ("chocolta noir", "Chocolat noir 70 % de cacao"),
        ("thé vert", "Thé vert à la menthe"),
        ("THE VERT", "Thé vert à la menthe"),
        ("pâtés", "Pâté de campagne"),
        ("pâte", "Pâtes complètes"),
        ("cafes", "Café moulu pur arabica"),
        ("oeuf", "Œufs de poules élevées en plein air"),
        ("œuf", "Œufs de poules élevées en plein air"),
        ("l'huile d'olive", "Huile d’olive vierge extra"),
        ("jus abricots", "Jus d’abricot"),
        ("bocaux", "Bocal en verre 5 l"),
        ("cd", "Disque CD de jazz"),
        ("5 l", "Bocal en verre 5 l"),
        ("strawberries", "Strawberry jam"),
        ("mouttarde", "Moutarde à l’ancienne"),
        ("bierre", "Bière blonde artisanale"),
        ("savon marseile", "Savon de Marseille à l’huile d’olive"),
        ("guerrande sel", "Sel de Guérande"),
        ("creme fraiche", "Crème fraîche épaisse"),
        ("noix", "Noix de Grenoble"),
        ("du miel", "Miel de lavande"),
        ("choc", "Mousse au chocolat"),
    ],
)
def test_the_best_comes_first(shop, typed, first):
    assert found(typed)[0] == first


def test_without_accents_both_spellings_are_found_and_with_them_that_one_first(shop):
    assert set(found("pate")) == {"Pâtes complètes", "Pâté de campagne", "Pâté en croûte"}
    assert found("pâté")[:2] == ["Pâté de campagne", "Pâté en croûte"]


def test_a_short_word_is_not_the_beginning_of_another(shop):
    assert set(found("thé")) == {"Thé vert à la menthe", "Thé noir Earl Grey"}


def test_whole_words_before_parts(shop):
    assert found("café") == found("cafes") == ["Café moulu pur arabica", "Cafetière à piston"]
    assert found("beurre")[0] == "Beurre demi-sel"


def test_names_before_descriptions(shop):
    mention = ProductFactory(name_fr="Tarte", name_en="Tarte", description_fr="<p>Avec du <b>miel</b>.</p>")
    refresh_listing(product_ids=[VariantFactory(product=mention).product_id])
    assert found("miel") == ["Miel de lavande", "Tarte"]


def test_in_stock_before_not(shop):
    gone = ProductFactory(name_fr="Camembert", name_en="Camembert")
    refresh_listing(product_ids=[VariantFactory(product=gone, on_hand=0).product_id])
    assert found("camembert")[-1] == "Camembert"


@pytest.mark.parametrize("typed", ["chocolat", "camembert", "pâté", "thé", "olive huile", "pate campagne", "the pate"])
def test_frequent_words_find_the_same_by_the_shorter_way(shop, monkeypatch, typed):
    long_way = found(typed)
    monkeypatch.setattr("apps.catalogue.listing.search.MAX_FOUND", 1)
    assert found(typed)[:1] == long_way[:1]


def test_what_was_understood_is_said(shop):
    assert search("camambert", filters=Filters()).corrected == "camembert"
    assert search("chocolta noir", filters=Filters()).corrected == "chocolat noir"
    assert search("camembert", filters=Filters()).corrected == ""
    assert search("bierre", filters=Filters()).corrected == "bière"


def test_a_word_too_far_from_any_other_is_not_corrected(shop):
    result = search("xyzzyx", filters=Filters())
    assert (result.total, result.corrected, result.cards) == (0, "", ())


def test_no_dead_end_when_one_of_the_words_is_nowhere(shop):
    result = search("camembert zzzzzzzz", filters=Filters())
    assert result.loose
    assert {card.name for card in result.cards} == {"Camembert fermier", "Camembert de Normandie au lait cru"}


def test_sku_and_barcode_are_found(shop):
    product = ProductFactory(name_fr="Tasse bleue")
    variant = VariantFactory(product=product, sku="TAS-BLEU-01", ean13="3083681027181")
    refresh_listing(product_ids=[variant.product_id])
    assert found("TAS-BLEU-01") == ["Tasse bleue"]
    assert found("tas bleu 01") == ["Tasse bleue"]
    assert found("3083681027181") == ["Tasse bleue"]


def test_suggestions_complete_the_last_word(shop):
    suggestions = suggest("camem")
    assert [card.name for card in suggestions.cards] == ["Camembert fermier", "Camembert de Normandie au lait cru"]
    assert [rayon.name for rayon in suggest("épic").rayons] == ["Épicerie fine"]


def test_facets_filter_what_was_found(shop):
    brand = BrandFactory(name="Fermiers réunis", slug="fermiers")
    product = ProductFactory(name_fr="Camembert affiné", brand=brand)
    refresh_listing(product_ids=[VariantFactory(product=product, price="4.00").product_id])
    result = search("camembert", filters=Filters.from_query(QueryDict("marque=fermiers")))
    assert [card.name for card in result.cards] == ["Camembert affiné"]
    assert {facet.key: [value.count for value in facet.values] for facet in result.facets} == {
        "dispo": [1],
        "prix": [1],
        "marque": [1],
    }


def test_sorts(shop):
    cheap = ProductFactory(name_fr="Camembert rustique de petit format")
    refresh_listing(product_ids=[VariantFactory(product=cheap, price="1.00").product_id])
    prices = [card.price for card in search("camembert", filters=Filters(), sort="prix").cards]
    assert prices == sorted(prices)
    assert len(prices) == 3
    names = [card.name for card in search("camembert", filters=Filters(), sort="nom").cards]
    assert names == sorted(names)


def test_a_product_that_is_withdrawn_is_not_found(shop):
    product = Product.objects.get(name_fr="Camembert fermier")
    Product.objects.filter(pk=product.pk).update(state=Product.State.ARCHIVED)
    refresh_listing(product_ids=[product.pk])
    assert found("camembert") == ["Camembert de Normandie au lait cru"]


@pytest.mark.parametrize(
    "text",
    ["", "   ", "\x00", "'\"*+-<>()~@%_", "é" * 10_000, "a " * 5000, "+++camembert*", "NEAR(", "\ud800", "🧀", "____"],
)
def test_any_text_is_safe(shop, text):
    assert search(text, filters=Filters(), page="-3").page == 1
    suggest(text)


def test_four_queries_whatever_is_found(shop, django_assert_max_num_queries):
    for text in ("camambert", "chocolat", "camembert zzzzzzzz", "rien de tel"):
        search(text, filters=Filters())
        with django_assert_max_num_queries(4):
            search(text, filters=Filters.from_query(QueryDict("dispo=1&marque=x")))
