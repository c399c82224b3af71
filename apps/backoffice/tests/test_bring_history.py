"""A former shop's customers, orders and links, and everything out again, as the owner sees them."""

import io
import zipfile
from datetime import timedelta
from decimal import Decimal

import pytest
from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse, reverse_lazy
from django.utils import timezone

from apps.accounts.models import DataAccess
from apps.accounts.tests.factories import StaffFactory, UserFactory
from apps.backoffice.admin.shop_exports import TABLES
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.services.revision import bump_revision
from apps.catalogue.tests.factories import VariantFactory
from apps.comments.models import Comment
from apps.imports.everything.sheets import sheets
from apps.imports.models import HistoryImport, OldPath, ShopExport, UnknownPath
from apps.imports.tests import history
from apps.imports.tests.test_files import FILES
from apps.orders.models import PastOrder

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owner(client):
    user = StaffFactory(is_superuser=True)
    client.force_login(user)
    return user


def sent(client, url, content: str, **fields):
    return client.post(url, {"file": SimpleUploadedFile("export.csv", content.encode()), **fields}, follow=True)


def past_order(**fields) -> PastOrder:
    given = {
        "source": "Shopify",
        "number": "#1001",
        "email": "zoe@exemple.fr",
        "placed_at": timezone.now() - timedelta(days=400),
        "state": PastOrder.State.PAID,
        "total": Decimal("35.70"),
        "lines": [{"name": "Miel & <b>", "sku": "M1", "quantity": 2, "price": "9.90"}],
        "import_number": 1,
    }
    return PastOrder.objects.create(**given | fields)


class TestImport:
    def test_is_previewed_confirmed_and_undone(self, client, owner):
        page = sent(client, reverse("admin:imports_historyimport_add"), history.SHOPIFY_ORDERS, source="")
        received = HistoryImport.objects.get()
        text = page.content.decode()
        assert "Ceci est un aperçu" in text
        assert "#1001" in text
        assert "colonne «\u202fCurrency\u202f»" in text
        assert "75,70" in text
        assert not PastOrder.objects.exists()
        client.post(reverse("admin:history_import_confirm", args=[received.pk]))
        assert PastOrder.objects.count() == 3
        rejects = client.get(reverse("admin:history_import_rejects", args=[received.pk]))
        assert b"USD" in b"".join(rejects.streaming_content)
        client.post(reverse("admin:history_import_undo", args=[received.pk]))
        received.refresh_from_db()
        assert received.status == HistoryImport.Status.UNDONE
        assert not PastOrder.objects.exists()

    def test_nobody_is_invited_without_a_tick(self, client, owner, mailoutbox):
        sent(client, reverse("admin:imports_historyimport_add"), history.PRESTASHOP_CUSTOMERS, source="")
        received = HistoryImport.objects.get()
        client.post(reverse("admin:history_import_confirm", args=[received.pk]))
        invite = reverse("admin:history_import_invite", args=[received.pk])
        assert "1 client un e-mail" in client.get(invite.removesuffix("inviter/") + "change/").content.decode()
        client.post(invite)
        assert not mailoutbox
        client.post(invite, {"sure": "on"})
        assert [email.to for email in mailoutbox] == [["jeanne@exemple.fr"]]

    def test_a_file_of_something_else_is_an_error_of_the_form(self, client, owner):
        page = sent(client, reverse("admin:imports_historyimport_add"), "Couleur;Taille\nbleu;L\n", source="")
        assert page.status_code == 200
        assert page.context["adminform"].form.errors["file"]
        assert not HistoryImport.objects.exists()


class TestColumns:
    FILE = (
        "Ticket;Contact;Jour;Réglé;Situation\nT-1;zoe@exemple.fr;05/12/2023;31,40;à relancer\n"
        "T-2;luc@exemple.fr;06/12/2023;12,00;payé\n"
    )

    def test_are_asked_where_the_header_says_nothing(self, client, owner):
        page = sent(client, reverse("admin:imports_historyimport_add"), self.FILE, source="Caisse")
        received = HistoryImport.objects.get()
        url = reverse("admin:history_import_columns", args=[received.pk])
        assert page.redirect_chain[-1][0] == url
        form = page.context["form"]
        assert [field["field"].initial for field in form.columns()] == ["", "email", "placed_at", "total", ""]
        given = {f"column-{at}": name for at, name in enumerate(("", "email", "placed_at", "total", "status"))}
        given |= {"kind": "ORDERS", "dates": "day", "has_header": "on"}
        # Its words are asked once the column is chosen; nothing is refused for that.
        page = client.post(url, {**given, "again": "1"})
        assert page.status_code == 200
        # What is not understood is asked, and not taken for the first that there is.
        assert [(field.label, field.value()) for field in page.context["form"].words()] == [
            ("«\u202fà relancer\u202f» dans «\u202fSituation\u202f»", ""),
            ("«\u202fpayé\u202f» dans «\u202fSituation\u202f»", "PAID"),
        ]
        given["word-0"] = "CANCELLED"
        page = client.post(url, given)
        assert page.status_code == 422
        assert "numéro de commande" in page.content.decode()
        assert page.context["form"].data["column-4"] == "status"
        page = client.post(url, {**given, "column-0": "number"}, follow=True)
        assert "T-1" in page.content.decode()
        client.post(reverse("admin:history_import_confirm", args=[received.pk]))
        assert dict(PastOrder.objects.values_list("number", "state")) == {"T-1": "CANCELLED", "T-2": "PAID"}
        assert client.get(url, follow=True).redirect_chain

    def test_may_be_said_again_before_the_import(self, client, owner):
        sent(client, reverse("admin:imports_historyimport_add"), history.SHOPIFY_ORDERS, source="")
        received = HistoryImport.objects.get()
        page = client.get(reverse("admin:imports_historyimport_change", args=[received.pk]))
        url = reverse("admin:history_import_columns", args=[received.pk])
        assert url in page.content.decode()
        assert client.get(url).status_code == 200


class TestComments:
    URL = reverse_lazy("admin:comments_comment_import")

    def test_are_seen_first_then_brought_in_once(self, client, owner):
        content = (FILES / "k01_commentaires_disqus.xml").read_text()
        text = sent(client, self.URL, content, **{"try": "1"}).content.decode()
        assert "rien n’est encore écrit" in text
        assert not Comment.objects.exists()
        sent(client, self.URL, content)
        count = Comment.objects.count()
        assert count
        page = sent(client, self.URL, content)
        assert (Comment.objects.count(), page.context["report"].repeated) == (count, count)

    def test_another_file_is_an_error_of_the_form(self, client, owner):
        page = sent(client, self.URL, "a;b\n")
        assert (page.status_code, list(page.context["form"].errors)) == (422, ["file"])

    def test_need_the_right_to_moderate(self, client):
        client.force_login(StaffFactory())
        assert client.get(self.URL).status_code == 403


class TestPastOrders:
    def test_are_listed_with_figures_of_their_own(self, client, owner):
        past_order()
        past_order(number="#1002", state=PastOrder.State.CANCELLED, total=Decimal("1000.00"))
        past_order(number="#1003", total=Decimal("20.00"), refunded=Decimal("5.00"))
        page = client.get(reverse("admin:orders_pastorder_changelist"))
        assert (page.context["past_count"], page.context["past_total"]) == (2, Decimal("50.70"))
        detail = client.get(reverse("admin:orders_pastorder_change", args=[PastOrder.objects.first().pk]))
        assert "2 × Miel &amp; &lt;b&gt;" in detail.content.decode()

    def test_stand_on_the_customers_page_by_the_exact_address(self, client, owner):
        past_order()
        past_order(number="#2", email="zoé@exemple.fr")
        page = client.get(reverse("admin:accounts_user_change", args=[UserFactory(email="zoe@exemple.fr").pk]))
        assert [order.number for order in page.context["past_orders"]] == ["#1001"]
        assert "#1001" in page.content.decode()

    def test_stand_in_the_account_once_the_address_is_proved(self, client):
        past_order()
        user = UserFactory(email="zoe@exemple.fr")
        client.force_login(user)
        url = reverse("storefront:account_orders")
        assert "#1001" not in client.get(url).content.decode()
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
        text = client.get(url).content.decode()
        assert "#1001" in text
        assert "2 × Miel &amp; &lt;b&gt;" in text
        client.force_login(UserFactory(email="autre@exemple.fr"))
        assert "#1001" not in client.get(url).content.decode()


def test_each_table_of_an_archive_has_a_name_that_is_no_code():
    assert set(TABLES) == {sheet.name for sheet in sheets()}


class TestOldPaths:
    @pytest.fixture
    def product(self):
        product = VariantFactory(product__slug_fr="miel").product
        refresh_listing(product_ids=[product.pk])
        bump_revision()
        return product

    def test_a_file_is_tried_then_written_and_refused_lines_are_listed(self, client, owner, product):
        url, content = reverse("admin:imports_oldpath_import"), "/vieux;/produit/miel/\n/x;https://ailleurs.example/\n"
        page = sent(client, url, content, **{"try": "1"})
        assert (page.context["report"].created, page.context["report"].rejected) == (1, 1)
        assert not OldPath.objects.exists()
        page = sent(client, url, content)
        assert OldPath.objects.get().product == product
        assert "est sur un autre site" in page.content.decode()
        assert "/produit/miel/" in client.get(reverse("admin:imports_oldpath_changelist")).content.decode()

    def test_an_unknown_path_is_redirected_by_hand(self, client, owner, product):
        now = timezone.now()
        UnknownPath.objects.create(path="/vieux&x", hits=7, first_asked_at=now, last_asked_at=now)
        page = client.get(reverse("admin:imports_unknownpath_changelist"))
        add = reverse("admin:imports_oldpath_add")
        assert f"{add}?path=%2Fvieux%26x" in page.content.decode()
        form = client.get(f"{add}?path=%2Fvieux%26x").context["adminform"].form
        assert form.initial["path"] == "/vieux&x"
        refused = client.post(add, {"path": "/vieux&x", "target": "//ailleurs.example/"})
        assert refused.context["adminform"].form.errors
        assert client.post(add, {"path": "/vieux&x", "target": "/produit/miel/"}).status_code == 302
        assert OldPath.objects.get().product == product
        assert not UnknownPath.objects.exists()


class TestExport:
    def test_is_asked_for_taken_and_logged(self, client, owner):
        past_order()
        page = client.post(reverse("admin:imports_shopexport_ask"), follow=True)
        export = ShopExport.objects.get()
        assert export.status == ShopExport.Status.DONE, export.problem
        link = reverse("admin:imports_shopexport_take", args=[page.context["token"]])
        assert link in page.content.decode()
        answer = client.get(link)
        assert "no-store" in answer["Cache-Control"]
        with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
            assert "#1001" in archive.read("csv/commandes_anterieures.csv").decode("utf-8-sig")
        assert DataAccess.objects.get().what == "toute la boutique"

    def test_a_link_is_for_one_person_and_an_hour(self, client, owner, monkeypatch):
        page = client.post(reverse("admin:imports_shopexport_ask"), follow=True)
        link = reverse("admin:imports_shopexport_take", args=[page.context["token"]])
        client.force_login(StaffFactory(is_superuser=True))
        assert client.get(link).status_code == 404
        client.force_login(owner)
        monkeypatch.setattr("apps.imports.services.shop_exports.LINK_SECONDS", -1)
        assert client.get(link).status_code == 404
        assert not DataAccess.objects.exists()
