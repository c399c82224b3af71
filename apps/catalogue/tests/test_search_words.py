"""Query analysis: corrections, synonyms, rayons, characteristics and both languages."""

import pytest
from django.urls import reverse
from django.utils.translation import override

from apps.accounts.tests.factories import StaffFactory
from apps.catalogue.listing import Filters, search, suggest
from apps.catalogue.models import Attribute, AttributeValue, Category, Product, SearchSynonym
from apps.catalogue.services.listing import refresh_category, refresh_listing
from apps.catalogue.services.revision import bump_revision
from apps.catalogue.tests.factories import CategoryFactory, ProductFactory, VariantFactory
from apps.catalogue.tests.searching import found
from apps.catalogue.words import split, split_indexed, split_query

pytestmark = pytest.mark.django_db(transaction=True)


def sell(french: str, english: str = "", *, variant=None, **product) -> Product:
    created = ProductFactory(name_fr=french, name_en=english or french, brand=None, **product)
    VariantFactory(product=created, sku=f"X{created.pk}", **(variant or {}))
    refresh_listing(product_ids=[created.pk])
    return created


def found_in_english(text: str) -> list[str]:
    with override("en"):
        return found(text)


@pytest.mark.parametrize(
    ("typed", "stems"),
    [
        ("lentilles 1kg", ["lentille", "1000g"]),
        ("lentilles 1 kg", ["lentille", "1000g"]),
        ("1,5 kg", ["1500g"]),
        ("1.5KG", ["1500g"]),
        ("50cl", ["500ml"]),
        ("50\u202fcl", ["500ml"]),
        ("0,5 litre", ["500ml"]),
        ("500mg", ["500mg"]),
        ("6x33cl", ["6x", "330ml"]),
        ("1 l'eau", ["1", "l", "eau"]),
        ("T65", ["t65"]),
        ("cho\u00adco\u200blat", ["chocolat"]),
        ("5 gouttes", ["5", "goutte"]),
    ],
)
def test_a_query_in_words(typed, stems):
    assert [word.stem for word in split_query(typed)] == stems


def test_a_text_has_its_quantities_as_words_and_as_quantities():
    assert [word.stem for word in split_indexed("Riz, 1,5 kg")] == ["riz", "1", "5", "kg", "1500g"]
    assert [word.stem for word in split_indexed("Farine T 65")] == ["farine", "t", "65", "t65"]
    assert [word.stem for word in split("cho\u00adcolat")] == ["chocolat"]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Riz 500 g", ["riz 500g", "riz 500 g", "riz 0,5kg"]),
        ("Riz 500g", ["riz 500g", "riz 500 g", "riz 0.5 kg"]),
        ("Farine T 65", ["T65", "T 65", "t65 farine"]),
        ("Farine T65", ["T65", "T 65", "t65 farine"]),
        ("Capsules omega 3", ["omega3", "omega 3"]),
        ("Petits pois", ["petitpois", "petits pois", "petit pois", "petit-pois"]),
        ("Pain d’épices", ["paindepices", "pain d epice", "pain d'épices", "pain\u00add’épices"]),
        ("Portemonnaie rouge", ["porte monnaie", "porte-monnaie rouge"]),
    ],
)
def test_written_together_or_apart(name, typed):
    sell(name)
    sell("Autre chose")
    for text in typed:
        assert found(text)[:1] == [name], text


@pytest.mark.parametrize("typed", ["2000600081049", "2 000600 081049", "2-000600-081049", " 2000 6000 81049 "])
def test_a_barcode_as_it_is_printed(typed):
    sell("Carafe", variant={"ean13": "2000600081049"})
    sell("Boîte de 2")
    assert found(typed) == ["Carafe"]


@pytest.mark.parametrize("typed", ["tas-bleu-01", "TASBLEU01", "tas bleu 01"])
def test_an_article_number_however_it_is_written(typed):
    product = ProductFactory(name_fr="Carafe")
    VariantFactory(product=product, sku="TAS-BLEU-01")
    refresh_listing(product_ids=[product.pk])
    assert found(typed) == ["Carafe"]


def test_the_size_of_a_variant_is_searched():
    sell("Lentilles", variant={"content_quantity": 500, "content_unit": "GRAM"})
    sell("Lentilles en vrac", variant={"content_quantity": 1000, "content_unit": "GRAM"})
    assert found("lentilles 1kg") == ["Lentilles en vrac"]


class TestLanguages:
    def test_an_article_of_one_is_no_word_of_the_other(self):
        sell("Thé vert", "Green tea")
        sell("Tomates en grappe", "Tomatoes on the vine", description_en="<p>The best of the season, or so.</p>")
        assert found("thé") == found("the") == ["Thé vert"]
        assert found("or") == []
        assert found_in_english("tea") == ["Green tea"]
        assert found_in_english("thé") == ["Green tea"]

    def test_each_is_corrected_within_itself(self):
        sell("Crottins de chèvre", "Goat cheese")
        for number in range(4):
            sell(f"Table de chêne {number}", f"Oak table {number}")
        with override("en"):
            result = search("goat chese", filters=Filters())
        assert ([card.name for card in result.cards], result.corrected) == (["Goat cheese"], "goat cheese")
        assert found("chevre")[0] == "Crottins de chèvre"

    def test_words_of_the_other_find_what_this_page_does_not_know(self):
        sell("Crottins de chèvre", "Goat cheese")
        assert found("goat cheese") == ["Crottins de chèvre"]
        assert found_in_english("crottins") == ["Goat cheese"]

    def test_what_is_not_translated_is_found_in_both(self):
        product = ProductFactory(name_fr="Nougat", name_en="", brand=None)
        VariantFactory(product=product)
        refresh_listing(product_ids=[product.pk])
        assert found("nougat") == found_in_english("nougat") == ["Nougat"]

    def test_names_are_sorted_in_the_language_of_the_page(self):
        sell("Savon abricot", "Soap zest")
        sell("Savon zeste", "Soap apricot")
        with override("en"):
            assert [card.name for card in search("soap", filters=Filters(), sort="nom").cards] == [
                "Soap apricot",
                "Soap zest",
            ]


class TestRayonsAndCharacteristics:
    def test_a_rayon_and_those_above_it(self):
        top = CategoryFactory(name_fr="Crèmerie", name_en="Dairy")
        rayon = CategoryFactory(parent=top, name_fr="Fromages", name_en="Cheese")
        sell("Comté", category=rayon)
        sell("Miel", description_fr="<p>Avec un fromage de crèmerie.</p>")
        assert found("fromage") == found("crèmerie") == found("cremerie fromages") == ["Comté", "Miel"]
        assert found_in_english("cheese") == found_in_english("dairy") == ["Comté"]

    def test_of_a_rayon_with_several_things_a_product_is_the_one_that_it_is_called(self):
        rayon = CategoryFactory(name_fr="Lait, beurre et œufs", name_en="Milk, butter and eggs")
        for name in ("Beurre doux", "Œufs de plein air", "Boîte surprise"):
            sell(name, category=rayon)
        assert set(found("oeufs")) == {"Œufs de plein air", "Boîte surprise"}

    def test_a_renamed_rayon_and_one_that_moves(self):
        top = CategoryFactory(name_fr="Cave", name_en="Cellar")
        rayon = CategoryFactory(name_fr="Fromages", name_en="Cheese")
        sell("Comté", category=rayon)
        Category.objects.filter(pk=rayon.pk).update(name_fr="Affinages")
        refresh_category(category_id=rayon.pk)
        assert (found("affinage"), found("fromage")) == (["Comté"], [])
        Category.objects.move(Category.objects.get(pk=rayon.pk), Category.objects.get(pk=top.pk), "last-child")
        refresh_category(category_id=rayon.pk)
        assert found("cave") == ["Comté"]

    @pytest.fixture
    def organic(self):
        attribute = Attribute.objects.create(
            code="bio", name_fr="Agriculture biologique", name_en="Organic", kind=Attribute.Kind.BOOLEAN
        )
        yes, no = (
            AttributeValue.objects.create(attribute=attribute, slug=slug, label_fr=slug.title(), label_en=slug)
            for slug in ("oui", "non")
        )
        for name, value in (("Comté", yes), ("Brie", no)):
            product = sell(name)
            product.attribute_values.add(value)
            refresh_listing(product_ids=[product.pk])
        return attribute

    def test_a_characteristic_that_is_yes_is_searched_by_its_name(self, organic):
        assert found("bio") == found("agriculture biologique") == ["Comté"]
        assert found_in_english("organic") == ["Comté"]
        assert found("oui") == []

    def test_it_need_not_be_a_filter(self, organic):
        Attribute.objects.update(is_facet=False)
        refresh_listing(product_ids=Product.objects.values_list("pk", flat=True))
        assert found("bio") == ["Comté"]

    def test_staff_rename_a_characteristic(self, organic, client):
        client.force_login(StaffFactory(is_superuser=True))
        form = {"name_fr": "Culture douce", "name_en": "Gentle", "code": "doux", "kind": "BOOLEAN", "position": "0"}
        values = list(organic.values.order_by("pk"))
        form |= {"values-TOTAL_FORMS": "2", "values-INITIAL_FORMS": "2", "is_facet": "on"}
        for at, value in enumerate(values):
            form |= {f"values-{at}-id": value.pk, f"values-{at}-attribute": organic.pk}
            form |= {f"values-{at}-label_fr": value.label_fr, f"values-{at}-slug": value.slug}
        answer = client.post(reverse("admin:catalogue_attribute_change", args=[organic.pk]), form)
        assert answer.status_code == 302, answer.context["errors"]
        assert (found("culture douce"), found("bio")) == (["Comté"], [])
        client.post(reverse("admin:catalogue_attribute_delete", args=[organic.pk]), {"post": "yes"})
        assert found("culture") == []


class TestSynonyms:
    def say(self, words: str, found: str = "", language: str = "fr") -> None:
        way = SearchSynonym.Direction.ONE_WAY if found else SearchSynonym.Direction.BOTH
        SearchSynonym.objects.create(language=language, words=words, found=found, direction=way)
        bump_revision(vocabulary=True)

    def test_both_ways_its_own_first(self):
        sell("Infusion du soir")
        sell("Tisane du matin")
        self.say("tisane, infusion")
        assert found("tisanes") == ["Tisane du matin", "Infusion du soir"]
        assert found("infusion") == ["Infusion du soir", "Tisane du matin"]
        assert found("tisane soir") == ["Infusion du soir"]

    def test_one_way_and_of_several_words(self):
        sell("Tapenade noire")
        sell("Bière blonde")
        self.say("apéro, petit creux", "tapenade, bière blonde")
        assert set(found("apero")) == set(found("petit creux")) == {"Tapenade noire", "Bière blonde"}
        assert found("tapenade") == ["Tapenade noire"]
        assert search("apéro", filters=Filters()).corrected == ""

    def test_of_one_language_only(self):
        sell("Tasse", "Cup")
        self.say("mug, cup", language="en")
        assert found_in_english("mug") == ["Cup"]

    def test_staff_write_them_and_shoppers_find_by_them_at_once(self, client):
        sell("Limonade")
        assert found("soda") == []
        client.force_login(StaffFactory(is_superuser=True))
        add = reverse("admin:catalogue_searchsynonym_add")
        page = client.post(add, {"language": "fr", "direction": "BOTH", "words": "soda", "found": ""})
        assert page.status_code == 200
        assert page.context["adminform"].form.errors["words"]
        page = client.post(add, {"language": "fr", "direction": "ONE_WAY", "words": "soda", "found": ""})
        assert page.context["adminform"].form.errors["found"]
        client.post(add, {"language": "fr", "direction": "ONE_WAY", "words": "soda", "found": "limonade"})
        assert found("soda") == ["Limonade"]
        only = SearchSynonym.objects.get()
        client.post(reverse("admin:catalogue_searchsynonym_delete", args=[only.pk]), {"post": "yes"})
        assert found("soda") == []


@pytest.mark.parametrize("typed", ["pom", "po", "pomm", "pomme"])
def test_few_letters_suggest_all_that_begins_so(typed):
    sell("Pommes reinette")
    sell("Pompons")
    sell("Poires")
    suggested = [card.name for card in suggest(typed).cards]
    assert {"Pommes reinette"} <= set(suggested) <= {"Pommes reinette", "Pompons", "Poires"}
    assert ("Pompons" in suggested) == (len(typed) < 4)


def test_suggestions_come_once_each_and_no_more_than_wanted():
    for number in range(10):
        sell(f"Café {number}")
    names = [card.name for card in suggest("caf", limit=8).cards]
    assert len(names) == len(set(names)) == 8


class TestWithout:
    """« sans » is half a word: alone, it finds the contrary of what was asked for."""

    FRENCH = {
        "sans sucre": ["Limonade"],
        "sanssucre": ["Limonade"],
        "sans sucr": ["Limonade"],
        "sans sucrre": ["Limonade"],
        "sans lactose": [],
        "brie sans lactose": ["Brie"],
        "sans": ["Brie", "Limonade", "Œufs de plein air"],
    }
    ENGLISH = {
        "sugar free": ["Lemonade"],
        "sugar-free": ["Lemonade"],
        "sugarfree": ["Lemonade"],
        "without sugar": ["Lemonade"],
        "dairy free": [],
        "lactose free": [],
        "free range eggs": ["Free-range eggs"],
        "eggs, free range": ["Free-range eggs"],
    }

    @pytest.fixture(autouse=True)
    def shop(self):
        values = {}
        for code, french, english in (("gluten", "Sans gluten", "Gluten-free"), ("sucre", "Sans sucre", "Sugar-free")):
            attribute = Attribute.objects.create(code=code, name_fr=french, name_en=english, kind="BOOLEAN")
            values[code] = AttributeValue.objects.create(attribute=attribute, slug="oui", label_fr="Oui")
        dairy = CategoryFactory(name_fr="Crèmerie", name_en="Dairy")
        for french, english, code in (
            ("Brie", "Brie cheese", "gluten"),
            ("Limonade", "Lemonade", "sucre"),
            ("Œufs de plein air", "Free-range eggs", "gluten"),
        ):
            product = sell(french, english, category=dairy)
            product.attribute_values.add(values[code])
            refresh_listing(product_ids=[product.pk])

    def test_in_both_languages(self):
        assert {typed: sorted(found(typed)) for typed in self.FRENCH} == self.FRENCH
        assert {typed: found_in_english(typed) for typed in self.ENGLISH} == self.ENGLISH

    def test_of_two_that_nothing_has_both_of_each_is_shown_as_a_part(self):
        result = search("sans gluten sans sucre", filters=Filters())
        assert result.loose
        assert result.total == 3


def test_a_rayon_of_several_things_by_its_whole_name():
    sell("Radis", category=(rayon := CategoryFactory(name_fr="Fruits, légumes et herbes", name_en="Fruit & herbs")))
    sell("Panier à fruits et légumes")
    sell("Légumes secs")
    assert found("fruits légumes et herbes") == ["Radis"]
    assert found("les Fruits, légumes et herbes") == ["Radis"]
    assert found_in_english("fruit and herbs") == ["Radis"]
    assert found("fruit") == ["Panier à fruits et légumes", "Radis"]
    rayon.name_fr = "Potager, verger et jardin"
    rayon.save()
    refresh_category(category_id=rayon.pk)
    assert found("potager verger jardin") == ["Radis"]


def test_what_says_nothing_finds_nothing():
    sell("Brasserie de la Gare", "Gare brewery")
    sell("Le pain qu’il faut", "Bread with seeds, not cut")
    for typed in ("de la", "la", "qu'il", "et", "avec", "le"):
        assert found(typed) == []
    for typed in ("the", "of the", "with", "be or not to be"):
        assert found_in_english(typed) == []


def test_what_a_typing_error_is_taken_for():
    names = ["Œuf", "Bouche de café", "Soup", "Beer", "Côté four", "Côté cour", "Comte", "Huile dolive", "Chocolat"]
    for name in (*names, "Huile d’olive", "Olive"):
        sell(name)
    meant = {"bœuf": "", "couches": "", "soap": "", "teddy bear": ""}
    meant |= {"contè": "comte", "ocmte": "comte", "huiledolive": "huile olive", "chocolt": "chocolat"}
    assert {typed: search(typed, filters=Filters()).corrected for typed in meant} == meant


def test_a_long_text_is_cut_between_words():
    sell("Chocolat")
    result = search("chocolat " * 30, filters=Filters())
    assert (result.total, result.loose, result.text) == (1, False, " ".join(["chocolat"] * 11))
    assert search("é" * 200, filters=Filters()).text == "é" * 100
