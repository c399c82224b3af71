import re

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.urls import reverse

from apps.accounts.tests.factories import StaffFactory, UserFactory
from apps.backoffice.services.groups import sync_groups
from apps.comments.models import Comment, Report
from apps.comments.tests.factories import CommentFactory

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


@pytest.fixture
def staff(client):
    sync_groups()
    user = StaffFactory()
    user.groups.add(Group.objects.get(name="Assistance"))
    client.force_login(user)
    return user


@pytest.fixture
def queue():
    return reverse("admin:comments_comment_moderation")


def waiting(**fields):
    return CommentFactory(status="PENDING", **fields)


def reported(**fields):
    comment = CommentFactory(open_reports=1, **fields)
    Report.objects.create(comment=comment, reason="SPAM", note="Voyez l’adresse", reporter="x")
    return comment


def test_shows_reported_ones_first_then_the_oldest(client, staff, queue):
    old, new = waiting(text="Ancien"), waiting(text="Récent")
    CommentFactory(text="Publié")
    bad = reported(text="Signalé")
    text = client.get(queue).content.decode()
    places = [text.index(f'data-card="{comment.pk}"') for comment in (bad, old, new)]
    assert places == sorted(places)
    assert "Voyez l’adresse" in text
    assert "Publié</p>" not in text
    assert "<strong data-total>3</strong>" in text


def test_the_menu_counts_what_waits_and_says_nothing_of_nothing(client, staff):
    lists = reverse("admin:comments_comment_changelist")
    nothing = client.get(lists).content.decode().count("min-w-[18px]")
    waiting()
    one = client.get(lists).content.decode()
    assert (nothing, one.count("min-w-[18px]") > 0) == (0, True)
    assert re.search(r">\s*1\s*</span>", one)


def test_publishes_one_and_many(client, staff, queue, django_capture_on_commit_callbacks):
    first, second, third = waiting(), waiting(), waiting(email="a@exemple.fr")
    client.post(queue, {"publish": first.pk, "comment": [second.pk]})
    assert set(Comment.objects.published()) == {first}
    with django_capture_on_commit_callbacks(execute=True):
        client.post(queue, {"publish": "chosen", "comment": [second.pk, third.pk]})
    assert Comment.objects.published().count() == 3
    assert Comment.objects.get(pk=first.pk).moderated_by == staff
    assert "est publié" in mail.outbox[0].subject


def test_a_refusal_needs_a_reason_which_is_kept_and_told(client, staff, queue, django_capture_on_commit_callbacks):
    comment = waiting(user=UserFactory(email="camille@exemple.fr"))
    assert client.post(queue, {"reject": comment.pk}).status_code == 422
    assert client.post(queue, {"reject": comment.pk}, headers=JSON).json()["detail"]
    assert Comment.objects.get().status == "PENDING"
    with django_capture_on_commit_callbacks(execute=True):
        client.post(queue, {"reject": comment.pk, f"other-{comment.pk}": "Hors sujet"})
    comment.refresh_from_db()
    assert (comment.status, comment.reason, comment.moderated_by) == ("REJECTED", "Hors sujet", staff)
    [message] = mail.outbox
    assert message.to == ["camille@exemple.fr"]
    assert "Hors sujet" in message.body
    assert f"/commentaires/{comment.pk}/auteur/" in message.body


def test_a_picked_reason_must_be_one_of_ours(client, staff, queue):
    comment = waiting()
    field = f"reason-{comment.pk}"
    assert client.post(queue, {"reject": comment.pk, field: "Parce que"}).status_code == 422
    client.post(queue, {"reject": comment.pk, field: "Sans rapport avec le produit"})
    assert Comment.objects.get().reason == "Sans rapport avec le produit"


def test_keeps_what_was_reported_wrongly(client, staff, queue):
    comment = reported()
    answer = client.post(queue, {"keep": comment.pk}, headers=JSON)
    assert answer.json()["waiting"] == 0
    comment.refresh_from_db()
    assert (comment.status, comment.open_reports) == ("PUBLISHED", 0)


@pytest.mark.parametrize("data", [{}, {"publish": "x"}, {"publish": "chosen"}, {"reject": "9" * 40}])
def test_nothing_chosen_is_said(client, staff, queue, data):
    assert client.post(queue, data).status_code == 422


def test_any_comment_can_be_looked_at_again(client, staff, queue):
    comment = CommentFactory(text="Déjà publié")
    assert "Déjà publié" in client.get(f"{queue}?comment={comment.pk}").content.decode()
    assert client.get(f"{queue}?comment=abc,,9999").status_code == 200


@pytest.mark.parametrize("group", ["Catalogue", "Commandes"])
def test_is_for_those_whose_job_it_is(client, staff, queue, group):
    staff.groups.set([Group.objects.get(name=group)])
    assert client.get(queue).status_code == 403
    assert client.post(queue, {"publish": "1"}).status_code == 403


def test_script_in_a_comment_stays_text(client, staff, queue):
    waiting(author="<script>alert(1)</script>", text='"><img src=x onerror=alert(2)>')
    text = client.get(queue).content.decode()
    assert "<script>alert" not in text
    assert "<img src=x" not in text


def test_the_first_page_and_the_menu_count_what_waits(client, staff):
    waiting()
    reported()
    text = client.get(reverse("admin:index")).content.decode()
    assert "2 commentaires à lire" in text


def test_asks_as_little_for_thirty_as_for_three(client, staff, queue, django_assert_max_num_queries):
    for _ in range(30):
        waiting(user=UserFactory(), section_id="produit-1")
    with django_assert_max_num_queries(25):
        client.get(queue)
