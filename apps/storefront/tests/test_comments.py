import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.template import Context, Template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.accounts.tests.factories import StaffFactory, UserFactory
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.tests.factories import VariantFactory
from apps.comments import services
from apps.comments.models import Comment, Report
from apps.comments.sections import section_of
from apps.comments.tests.factories import CommentFactory
from apps.comments.tokens import author_token

pytestmark = pytest.mark.django_db
WORDS = {"author": "Camille", "text": "Très bon miel."}
JSON = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def _nobody_has_written():
    cache.clear()


@pytest.fixture
def product():
    product = VariantFactory(product__name_fr="Miel de lavande").product
    refresh_listing(product_ids=[product.pk])
    return product


@pytest.fixture
def section(product):
    return section_of(product.pk)


@pytest.fixture
def url(section):
    return reverse("storefront:comments", args=[section])


def product_page(client, product):
    return client.get(f"/produit/{product.slug_fr}/").content.decode()


def published(section, **fields):
    comment = CommentFactory(section_id=section, **fields)
    services.refresh_section(section)
    return comment


class TestTheProductPage:
    def test_shows_what_is_published_with_the_next_answer(self, client, product, section):
        assert "Personne n’a encore écrit" in product_page(client, product)
        comment = CommentFactory(section_id=section, status="PENDING", text="Un <b>miel</b> rare")
        assert "miel&lt;/b&gt;" not in product_page(client, product)
        services.publish(comments=[comment.pk], by=UserFactory(is_staff=True), now=timezone.now())
        assert "Un &lt;b&gt;miel&lt;/b&gt; rare" in product_page(client, product)
        services.reject(comments=[comment.pk], reason="Publicité", by=UserFactory(is_staff=True), now=timezone.now())
        assert "rare" not in product_page(client, product)

    def test_reads_what_a_write_has_prepared(self, client, product, section):
        for number in range(12):
            published(section, text=f"Avis {number}")
        with CaptureQueriesContext(connection) as asked:
            text = product_page(client, product)
        assert not [query for query in asked if "comments_" in query["sql"]]
        assert "Avis 11" in text
        assert "Avis et commentaires plus anciens" in text

    def test_is_the_same_for_everyone(self, product, section):
        published(section, text="Un avis")
        assert product_page(Client(), product) == product_page(Client(), product)

    def test_cuts_long_texts_and_many_replies(self, client, product, section):
        parent = published(section, text="mot " * 400)
        for _ in range(5):
            published(section, parent=parent)
        text = product_page(client, product)
        assert "Lire la suite" in text
        assert "2 autres réponses" in text


class TestReading:
    def test_goes_on_to_older_ones(self, client, url, section):
        for number in range(25):
            CommentFactory(section_id=section, text=f"Avis n° {number}.")
        first = client.get(url).content.decode()
        assert first.count("data-comment=") == 20
        older = re.search(r'href="([^"]*)"\s+rel="next"', first)[1]
        second = client.get(older).content.decode()
        assert "Avis n° 4." in second
        assert "Avis n° 5." not in second

    @pytest.mark.parametrize("text", ["👩‍🌾 𝔘𝔫𝔦 🧀", "שלום עולם", "مرحبا بالعالم"])
    def test_any_writing_survives(self, client, url, section, text):
        CommentFactory(section_id=section, text=text, author=text)
        html = client.get(url).content.decode()
        assert html.count(text) >= 2
        assert 'class="comment__text" dir="auto"' in html

    def test_links_vouch_for_nothing(self, client, url, section):
        CommentFactory(section_id=section, text='Voir https://a.example/?x="><script>alert(1)</script> et www.b.fr')
        html = client.get(url).content.decode()
        assert 'rel="nofollow ugc"' in html
        assert 'rel="nofollow"' not in html.split("comment__do")[0]
        assert "<script>alert" not in html

    @pytest.mark.parametrize("name", ["produit-999999", "produit-0", "autre", "page-", "page-É", "PRODUIT-1"])
    def test_a_section_that_no_page_shows_does_not_exist(self, client, name):
        assert client.get(reverse("storefront:comments", args=[name])).status_code == 404

    def test_any_page_of_ours_has_comments_by_one_tag(self, client):
        CommentFactory(section_id="page-recettes", text="Bonne recette")
        text = Template('{% load comments %}{% comments "page-recettes" %}').render(Context())
        assert "Bonne recette" in text
        assert 'action="/commentaires/page-recettes/"' in text
        assert client.get("/commentaires/page-recettes/").status_code == 200


class TestWriting:
    def test_a_first_comment_waits_and_its_author_is_led_to_it(self, client, url):
        answer = client.post(url, WORDS)
        assert answer.status_code == 303
        comment = Comment.objects.get()
        assert comment.status == "PENDING"
        own = client.get(answer["Location"]).content.decode()
        assert "dès que nous l’aurons lu" in own
        assert "Supprimer ce commentaire" in own

    def test_a_known_good_author_appears_at_once(self, client, url, section, product):
        user = UserFactory()
        CommentFactory(user=user)
        client.force_login(user)
        client.post(url, WORDS)
        assert "Très bon miel." in product_page(Client(), product)

    def test_a_visitor_is_known_by_what_the_browser_kept(self, client, url, section):
        earlier = CommentFactory(section_id=section)
        proof = f"{earlier.pk}:{author_token(earlier)}"
        answer = client.post(url, {**WORDS, "earlier": proof}, headers=JSON)
        assert answer.status_code == 201
        assert "Très bon miel." in answer.json()["html"]
        wrong = {**WORDS, "text": "Autre", "earlier": f"{earlier.pk}:{'0' * 40}"}
        assert client.post(url, wrong, headers=JSON).status_code == 202

    def test_links_wait_whoever_writes(self, client, url):
        user = UserFactory()
        CommentFactory(user=user)
        client.force_login(user)
        client.post(url, {**WORDS, "text": "Voyez www.exemple.fr"})
        assert Comment.objects.latest("pk").status == "PENDING"

    def test_a_robot_is_told_the_same_and_kept_out(self, client, url):
        answer = client.post(url, {**WORDS, "website": "https://spam.example"})
        assert answer.status_code == 303
        assert "dès que nous l’aurons lu" in client.get(answer["Location"]).content.decode()
        assert not Comment.objects.exists()

    def test_who_is_faster_than_anybody_reads_is_a_robot(self, client, url):
        signed = re.search(r'name="started" value="([^"]*)"', client.get(url).content.decode())[1]
        client.post(url, {**WORDS, "started": signed})
        client.post(url, {**WORDS, "started": "1:x:y"})
        assert not Comment.objects.exists()

    def test_pressing_twice_writes_once(self, client, url):
        first, second = client.post(url, WORDS), client.post(url, WORDS)
        assert first["Location"] == second["Location"]
        assert Comment.objects.count() == 1

    def test_who_copies_published_words_gets_no_link_to_change_them(self, client, url):
        """Behind one address of a provider sit thousands, and the words are there for all to read."""
        own = client.post(url, WORDS)["Location"]
        services.publish(comments=[Comment.objects.get().pk], by=StaffFactory(), now=timezone.now())
        neighbour = Client()
        answer = neighbour.post(url, WORDS)
        assert answer.status_code == 303
        assert answer["Location"].startswith(f"{url}?recu=1")
        assert "token" not in neighbour.post(url, WORDS, headers=JSON).json()
        assert client.get(own).status_code == 200
        assert Comment.objects.count() == 1

    def test_an_account_and_who_holds_an_earlier_ones_secret_get_their_link_again(self, client, url, section):
        earlier = published(section)
        words = {**WORDS, "earlier": f"{earlier.pk}:{author_token(earlier)}"}
        first = client.post(url, words)
        assert Comment.objects.latest("pk").status == Comment.Status.PUBLISHED
        assert client.post(url, words)["Location"] == first["Location"]
        assert Client().post(url, WORDS)["Location"] != first["Location"]
        client.force_login(UserFactory())
        signed_in = client.post(url, WORDS)
        services.publish(comments=[Comment.objects.latest("pk").pk], by=StaffFactory(), now=timezone.now())
        assert client.post(url, WORDS)["Location"] == signed_in["Location"]

    def test_pressing_a_dozen_times_uses_up_no_limit(self, client, url):
        answers = {client.post(url, WORDS).status_code for _press in range(12)}
        assert answers == {303}
        assert Comment.objects.count() == 1

    def test_a_flood_on_one_section_is_stopped(self, client, url):
        answers = [client.post(url, {**WORDS, "text": f"n° {number}"}).status_code for number in range(11)]
        assert answers == [303] * 10 + [429]

    @pytest.mark.parametrize(
        "wrong", [{"author": ""}, {"text": ""}, {"text": "\u200b \ufeff"}, {"text": "x" * 5001}, {"email": "x"}]
    )
    def test_says_what_to_correct_and_keeps_what_was_typed(self, client, url, wrong):
        answer = client.post(url, {**WORDS, **wrong})
        assert answer.status_code == 422
        assert "Quelque chose est à corriger" in answer.content.decode()
        assert client.post(url, {**WORDS, **wrong}, headers=JSON).json()["fields"].keys() == wrong.keys()

    def test_answers_a_comment(self, client, url, section):
        parent = CommentFactory(section_id=section, author="Dominique")
        assert "Répondre à Dominique" in client.get(f"{url}?reponse={parent.pk}").content.decode()
        client.post(url, {**WORDS, "parent": parent.pk})
        assert Comment.objects.latest("pk").parent == parent

    def test_the_teams_answer_says_so(self, client, url, section):
        parent = CommentFactory(section_id=section)
        client.force_login(UserFactory(is_staff=True))
        client.post(url, {**WORDS, "parent": parent.pk})
        assert "La boutique" in client.get(url).content.decode()


class TestOnesOwn:
    def test_is_changed_within_fifteen_minutes(self, client, product, section):
        comment = published(section)
        own = reverse("storefront:own_comment", args=[comment.pk, author_token(comment)])
        assert client.post(own, {"text": "Corrigé"}).status_code == 303
        assert "Corrigé" in product_page(client, product)
        Comment.objects.update(created_at=timezone.now() - timedelta(minutes=16))
        assert client.post(own, {"text": "Encore"}).status_code == 422
        assert Comment.objects.get().text == "Corrigé"

    def test_a_link_added_later_waits(self, client, product, section):
        comment = published(section, text="Bon")
        own = reverse("storefront:own_comment", args=[comment.pk, author_token(comment)])
        client.post(own, {"text": "Bon, www.spam.fr"})
        assert Comment.objects.get().status == "PENDING"
        assert "spam" not in product_page(client, product)

    def test_is_deleted_at_any_time(self, client, product, section):
        comment = published(section, text="À oublier", created_at=timezone.now() - timedelta(days=9))
        own = reverse("storefront:own_comment", args=[comment.pk, author_token(comment)])
        client.post(own, {"delete": "1"})
        assert not Comment.objects.exists()
        assert "À oublier" not in product_page(client, product)

    def test_leaves_a_place_where_others_answered(self, client, product, section):
        comment = published(section, text="À oublier", author="Camille")
        published(section, parent=comment, text="Une réponse")
        own = reverse("storefront:own_comment", args=[comment.pk, author_token(comment)])
        client.post(own, {"delete": "1"})
        text = product_page(client, product)
        assert "supprimé par son auteur" in text
        assert "Une réponse" in text
        assert "À oublier" not in text
        assert client.get(own).status_code == 404

    def test_is_nobody_elses(self, client, section):
        comment = published(section, user=UserFactory())
        client.force_login(UserFactory())
        for wrong in ("0" * 40, "é", "x"):
            assert client.get(reverse("storefront:own_comment", args=[comment.pk, wrong])).status_code == 404
        assert client.get(reverse("storefront:account_comment", args=[comment.pk])).status_code == 404

    def test_is_found_in_the_account_with_the_reason_of_a_refusal(self, client, section):
        user = UserFactory()
        published(section, user=user, status="REJECTED", reason="Hors sujet")
        client.force_login(user)
        assert "Hors sujet" in client.get(reverse("storefront:account_comments")).content.decode()


class TestReporting:
    def test_is_heard_once_for_each_person(self, client, section):
        comment = published(section)
        url = reverse("storefront:report_comment", args=[comment.pk])
        for _ in range(2):
            assert client.post(url, {"reason": "SPAM", "note": "Pub"}).status_code == 303
        client.force_login(UserFactory())
        client.post(url, {"reason": "OTHER"})
        comment.refresh_from_db()
        assert (Report.objects.count(), comment.open_reports) == (2, 2)

    def test_needs_a_reason(self, client, section):
        url = reverse("storefront:report_comment", args=[published(section).pk])
        assert client.post(url, {"reason": "x"}).status_code == 422
        assert not Report.objects.exists()
