"""The same relevance on SQLite and on MySQL, on names as a French grocer writes them."""

import pytest
from django.http import QueryDict

from apps.catalogue.listing import Filters, search, suggest
from apps.catalogue.models import CatalogueRevision, Category, FacetCount, Product, SearchWord
from apps.catalogue.tests.factories import CategoryFactory
from apps.catalogue.tests.searching import found, put_on_sale

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


@pytest.fixture(scope="module")
def stocked(django_db_setup, django_db_blocker):
    """Committed once for all tests here: MySQL's full-text search sees nothing else."""
    with django_db_blocker.unblock():
        category = CategoryFactory(name_fr="Épicerie fine", name_en="Fine groceries")
        put_on_sale(NAMES, category=category, brand=None)
        yield
        Product.objects.all().delete()
        for model in (Category, SearchWord, FacetCount, CatalogueRevision):
            model.objects.all().delete()


@pytest.fixture
def shop(stocked, db):
    pass


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


@pytest.mark.parametrize("typed", ["chocolat", "camembert", "pâté", "thé", "olive huile", "pate campagne", "the pate"])
def test_frequent_words_find_the_same_by_the_shorter_way(shop, monkeypatch, typed):
    long_way = found(typed)
    monkeypatch.setattr("apps.catalogue.listing.finding.ENOUGH", 1)
    assert found(typed)[:1] == long_way[:1]


TYPED_IN_STEPS = [
    "chocolat",
    "chocol",
    "huile savon",
    "camembert chocolat",
    "the vert",
    "gazeuse",
    "sel guerrande",
    "5 l",
]


@pytest.mark.parametrize("typed", TYPED_IN_STEPS)
def test_step_by_step_finds_the_same_as_at_once(shop, monkeypatch, typed, django_assert_max_num_queries):
    at_once, suggested = found(typed), suggest(typed).cards
    monkeypatch.setattr("apps.catalogue.listing.finding.FEW", -1)
    with django_assert_max_num_queries(5):
        assert found(typed) == at_once
    assert suggest(typed).cards == suggested
    monkeypatch.setattr("apps.catalogue.listing.finding.ENOUGH", 1)
    with django_assert_max_num_queries(5):
        assert found(typed)[:1] == at_once[:1]


def test_descriptions_are_not_read_when_enough_is_called_so(shop, monkeypatch, django_assert_num_queries):
    """Where every description has the word, one search of them takes longer than all the others."""
    monkeypatch.setattr("apps.catalogue.listing.finding.FEW", -1)
    monkeypatch.setattr("apps.catalogue.listing.finding.ENOUGH", 2)
    found("camemb")  # a process reads the vocabulary, the rayons and the synonyms once
    with django_assert_num_queries(3):  # revision, names and rayons, cards
        assert found("camemb") == ["Camembert fermier", "Camembert de Normandie au lait cru"]
    with django_assert_num_queries(4):
        assert found("gazeus") == ["Eau minérale gazeuse"]


def test_a_half_typed_word_is_each_of_the_most_frequent_that_begin_so(shop, django_assert_num_queries):
    suggest("ca", limit=4)  # a process reads the vocabulary, the rayons and the synonyms once
    with django_assert_num_queries(2):  # revision, postings with their cards
        names = [card.name for card in suggest("ca", limit=4).cards]
    assert len(set(names)) == 4
    assert names[:2] == ["Camembert fermier", "Camembert de Normandie au lait cru"]
    assert suggest("camembert c", limit=2).cards == suggest("camembert", limit=2).cards


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


def test_suggestions_complete_the_last_word(shop):
    suggestions = suggest("camem")
    assert [card.name for card in suggestions.cards] == ["Camembert fermier", "Camembert de Normandie au lait cru"]
    assert [rayon.name for rayon in suggest("épic").rayons] == ["Épicerie fine"]


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
