"""Links of a former shop lead to the pages that they meant."""

import io

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from apps.catalogue.models import Category, Product
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.services.revision import bump_revision
from apps.catalogue.tests.factories import CategoryFactory, VariantFactory
from apps.imports import retention
from apps.imports.models import OldPath, UnknownPath
from apps.imports.old_paths import counts as counting
from apps.imports.old_paths.counts import PathCounts
from apps.imports.old_paths.finding import find_page
from apps.imports.old_paths.links import guesses, normal_path
from apps.imports.services import old_paths
from apps.imports.services.old_paths import PathRefused, add_path, import_paths

pytestmark = [pytest.mark.django_db, pytest.mark.either_database]
NOW = timezone.now()


@pytest.fixture
def product():
    rayon = CategoryFactory(name_fr="Miels", name_en="Honeys", slug_fr="miels", slug_en="honeys")
    product = VariantFactory(
        sku="MIEL-250",
        product__category=rayon,
        product__code="miel-handle",
        product__slug_fr="miel-de-lavande",
        product__slug_en="lavender-honey",
    ).product
    refresh_listing(product_ids=[product.pk])
    bump_revision()
    return product


@pytest.fixture
def visitor(client, monkeypatch) -> Client:
    """Somebody whose requests are counted at once."""
    sent = PathCounts(
        lambda listed, unknown: old_paths.count_paths(listed=listed, unknown=unknown, now=NOW), clock=Clock()
    )
    monkeypatch.setattr("apps.storefront.views.errors.counts", sent)
    return client


class Clock:
    """Each look is two minutes later."""

    def __init__(self):
        self.at = 0.0

    def __call__(self):
        self.at += 120
        return self.at


def follow(client, path: str) -> tuple[int, str | None]:
    answer = client.get(path)
    return answer.status_code, answer.headers.get("Location")


def brought(*rows: str, **options):
    content = "\n".join(rows).encode()
    return import_paths(open_=lambda: io.BytesIO(content), name="adresses.csv", now=NOW, **options)


PRODUCT, RAYON = "/produit/miel-de-lavande/", "/rayon/miels/"


class TestShapes:
    @pytest.mark.parametrize(
        "path",
        [
            # WooCommerce
            "/product/miel-de-lavande/",
            "/product/miel-de-lavande",
            "/boutique/miels/miel-de-lavande/",
            "/shop/miel-de-lavande/",
            "/produit/lavender-honey",
            # PrestaShop
            "/12-miel-de-lavande.html",
            "/miels/12-miel-de-lavande.html",
            "/fr/miels/12-34-miel-de-lavande.html",
            "/miels/12-miel-de-lavande-3760012345670.html",
            # Shopify: the handle is the slug, or the code of the import
            "/products/miel-de-lavande",
            "/products/miel-handle",
            "/fr/products/miel-de-lavande",
            "/collections/miels/products/miel-de-lavande?variant=4501",
            # others
            "/product-page/miel-de-lavande",
            "/miel-de-lavande.html",
            "/miel-de-lavande",
            "/products/MIEL-250",
        ],
    )
    def test_a_product(self, visitor, product, path):
        assert follow(visitor, path) == (301, PRODUCT)

    @pytest.mark.parametrize(
        "path",
        [
            "/product-category/miels/",
            "/categorie-produit/epicerie/miels/",
            "/collections/miels",
            "/fr/collections/miels",
            "/7-miels",
            "/fr/7-miels",
            "/boutique/miels/",
        ],
    )
    def test_a_rayon(self, visitor, product, path):
        assert follow(visitor, path) == (301, RAYON)

    def test_in_english(self, visitor, product):
        assert follow(visitor, "/en/products/miel-de-lavande") == (301, "/en/product/lavender-honey/")

    def test_advertisements_go_along_and_nothing_else(self, visitor, product):
        path = "/products/miel-de-lavande?variant=4501&utm_source=lettre&next=//ailleurs.example"
        assert follow(visitor, path) == (301, f"{PRODUCT}?utm_source=lettre")

    def test_a_product_of_woocommerce_without_a_reference(self, visitor, product):
        Product.objects.filter(pk=product.pk).update(code="woo-12")
        assert follow(visitor, "/index.php?p=12") == (301, PRODUCT)

    def test_a_renamed_product_is_followed_at_once(self, visitor, product):
        product.slug_fr = "miel-fin"
        product.save()
        bump_revision()
        assert follow(visitor, "/products/miel-de-lavande") == (301, "/produit/miel-fin/")

    def test_what_nobody_may_see_is_not_found(self, visitor, product):
        Product.objects.filter(pk=product.pk).update(state=Product.State.ARCHIVED)
        assert follow(visitor, "/products/miel-de-lavande")[0] == 404
        Category.objects.filter(pk=product.category_id).update(is_visible=False)
        bump_revision()
        assert follow(visitor, "/collections/miels")[0] == 404

    @pytest.mark.parametrize(
        "path", ["/products/", "/produit/", "/12-.html", "/a/b/c/d/e/f/g/h/i/j", "/é/%00", "/products/%2e"]
    )
    def test_paths_that_say_nothing(self, visitor, product, path):
        assert follow(visitor, path)[0] in (301, 400, 404)
        assert follow(visitor, path)[1] in (None, f"{path}/")

    def test_no_post_and_no_page_of_ours_is_redirected(self, visitor, product):
        assert visitor.post("/products/miel-de-lavande").status_code == 404
        assert follow(visitor, "/suivi/miel-de-lavande/")[0] == 404
        assert follow(visitor, "/admin/products/miel-de-lavande")[0] in (302, 404)
        assert follow(visitor, "/api/collections/miels")[0] == 404

    def test_one_query_and_none_for_a_page_that_is_there(self, client, product, django_assert_num_queries):
        find_page(path="/x", query="", language="fr")
        with django_assert_num_queries(1):
            assert find_page(path="/miels/12-miel-de-lavande.html", query="", language="fr").path == PRODUCT
        with django_assert_num_queries(1):
            assert find_page(path="/rien-de-tel", query="", language="fr") is None

    def test_a_slug_of_another_language_is_no_answer_at_a_path_of_ours(self, visitor, product):
        Product.objects.filter(pk=product.pk).update(state=Product.State.ARCHIVED)
        other = VariantFactory(product__slug_fr="autre", product__slug_en="miel-de-lavande").product
        refresh_listing(product_ids=[other.pk])
        bump_revision()
        assert follow(visitor, "/produit/miel-de-lavande/")[0] == 404

    def test_guesses_are_few(self):
        assert len(guesses("/boutique/a/b", "p=1")) <= 3
        assert guesses("/" + "/".join("abcdefghij")) == []


class TestTheList:
    def test_leads_to_a_product_under_whatever_name_it_has_then(self, visitor, product):
        report = brought(
            "Ancienne adresse;Nouvelle adresse", "https://ancienne.example/Promo/Été?utm=1;/produit/miel-de-lavande/"
        )
        assert (report.created, report.rejected) == (1, 0)
        assert OldPath.objects.get().product == product
        assert follow(visitor, "/promo/%C3%A9t%C3%A9/") == (301, PRODUCT)
        product.slug_fr = "miel-fin"
        product.save()
        bump_revision()
        assert follow(visitor, "/promo/été") == (301, "/produit/miel-fin/")

    def test_leads_to_a_rayon_and_to_any_page(self, visitor, product):
        report = brought("/vieux-miels,/rayon/miels/", "/nous-ecrire,/contact/")
        assert report.created == 2
        assert follow(visitor, "/vieux-miels/") == (301, RAYON)
        assert follow(visitor, "/nous-ecrire") == (301, "/contact/")

    def test_goes_before_the_rules(self, visitor, product):
        brought("/products/miel-de-lavande;/rayon/miels/")
        assert follow(visitor, "/products/miel-de-lavande") == (301, RAYON)

    def test_chains_are_resolved_and_circles_refused(self, visitor, product):
        report = brought("/a;/b", "/b;/c", "/c;/produit/miel-de-lavande/", "/x;/y", "/y;/x")
        assert (report.created, report.rejected) == (3, 2)
        for path in ("/a", "/b", "/c"):
            assert follow(visitor, path) == (301, PRODUCT)
        assert brought("/z;/a").created == 1
        assert follow(visitor, "/z") == (301, PRODUCT)

    @pytest.mark.parametrize(
        "target",
        [
            "https://ailleurs.example/produit/miel-de-lavande/",
            "//ailleurs.example/",
            "/\\ailleurs.example",
            "/%5Cailleurs.example",
            "/%2Failleurs.example",
            "javascript:alert(1)",
            "https://testserver@ailleurs.example/",
            "http://[",
            "/produit/inconnu/",
            "/page-inconnue",
            "",
        ],
    )
    def test_leads_nowhere_else(self, visitor, product, target):
        report = brought("Ancienne adresse;Nouvelle adresse", f"/a;{target}")
        assert (report.created, report.rejected) == (0, 1)
        assert report.rejects[0][1]
        assert follow(visitor, "/a")[0] == 404

    @pytest.mark.parametrize("path", ["/", "/panier/", "/panier", "/contact", "/en/basket/", "^/a(.*)", ""])
    def test_a_page_of_the_shop_is_no_old_one(self, product, path):
        assert brought("Ancienne adresse;Nouvelle adresse", f"{path};/rayon/miels/").rejected == 1

    def test_a_repeat_changes_nothing_and_a_trial_writes_nothing(self, product):
        rows = ("Redirect from,Redirect to", "/a,/rayon/miels/", "/a/,/contact/")
        assert (brought(*rows, dry_run=True).created, OldPath.objects.count()) == (1, 0)
        first = brought(*rows)
        assert (first.created, first.rejected) == (1, 1)
        assert (brought(*rows).unchanged, OldPath.objects.count()) == (1, 1)
        assert brought("/a,/contact/").changed == 1

    def test_by_hand(self, product):
        UnknownPath.objects.create(path="/vieux", hits=3, first_asked_at=NOW, last_asked_at=NOW)
        assert add_path(old="/Vieux/", new="/rayon/miels/", now=NOW).category_id == product.category_id
        assert not UnknownPath.objects.exists()
        with pytest.raises(PathRefused):
            add_path(old="/vieux", new="https://ailleurs.example/", now=NOW)

    def test_the_command(self, product, tmp_path, capsys):
        path = tmp_path / "adresses.csv"
        path.write_text("/a;/rayon/miels/\n/b;/nulle-part\n")
        call_command("import_paths", str(path))
        assert "1 ajoutées" in capsys.readouterr().out
        assert OldPath.objects.count() == 1


class TestCounts:
    def test_are_kept_in_memory_and_written_once_a_minute(self):
        sent, times = [], iter([0, 10, 59, 60, 61])
        counts = PathCounts(lambda *both: sent.append(both), clock=lambda: next(times))
        for _ in range(4):
            counts.missed("/Vieux/", "")
        assert sent == [({}, {"/vieux": 1}), ({}, {"/vieux": 3})]
        counts.found(7)
        assert len(sent) == 2

    @pytest.mark.parametrize(
        "path",
        [
            "/wp-login.php",
            "/.env",
            "/.git/config",
            "/favicon-32.png",
            "/static/x",
            "/qui@exemple.fr",
            "/x/aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ",
            "/" + "a-" * 200,
        ],
    )
    def test_leave_out_files_attempts_and_secrets(self, path):
        sent = []
        counts = PathCounts(lambda *both: sent.append(both), clock=Clock())
        counts.missed(path, "")
        assert not sent

    def test_of_old_and_unknown_paths(self, visitor, product):
        brought("/a;/rayon/miels/")
        for _ in range(3):
            visitor.get("/a")
        visitor.get("/inconnue/")
        visitor.get("/inconnue")
        assert OldPath.objects.get().hits == 3
        assert list(UnknownPath.objects.values_list("path", "hits")) == [("/inconnue", 2)]

    def test_unknown_paths_are_bounded_and_the_most_asked_stay(self, monkeypatch):
        monkeypatch.setattr(old_paths, "MOST_UNKNOWN", 3)
        old_paths.count_paths(listed={}, unknown={"/a": 5, "/b": 4, "/c": 1}, now=NOW)
        old_paths.count_paths(listed={}, unknown={"/d": 2, "/a": 1}, now=NOW)
        assert list(UnknownPath.objects.values_list("path", "hits")) == [("/a", 6), ("/b", 4), ("/d", 2)]

    def test_memory_is_bounded(self, monkeypatch):
        monkeypatch.setattr(counting, "MOST_KEYS", 2)
        sent, times = [], iter([0, 1, 2, 3, 4, 70])
        counts = PathCounts(lambda *both: sent.append(both), clock=lambda: next(times))
        for name in "abcdef":
            counts.missed(f"/{name}", "")
        assert len(sent[1][1]) == 2

    def test_old_ones_are_purged(self):
        old_paths.count_paths(listed={}, unknown={"/a": 5}, now=NOW)
        assert retention.purge_unknown_paths(now=NOW) == 0
        assert retention.purge_unknown_paths(now=NOW + retention.UNKNOWN_PATH_RETENTION * 2) == 1


def test_paths_are_compared_in_one_form():
    assert normal_path("/Promo//Été/", "") == normal_path("/promo/%C3%A9t%C3%A9") == "/promo/été"
    assert normal_path("/index.php", "id_product=12&x=1") == "/index.php?id_product=12"
