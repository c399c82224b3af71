"""Migrations to canonical e-mails, with rows that earlier releases wrote."""

from importlib import import_module
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from apps.accounts.models import User
from apps.accounts.tests.factories import UserFactory
from apps.comments.models import Comment, ReviewObjection
from apps.comments.purchases import email_hash
from apps.comments.tests.factories import CommentFactory
from apps.common import schema
from apps.common.schema import CanonicalEmails
from apps.orders.models import Order
from apps.orders.tests.factories import OrderFactory
from apps.prospects.tests.factories import ProspectFactory, make_stages

pytestmark = pytest.mark.django_db
accounts_migration = import_module("apps.accounts.migrations.0003_compare_exactly")
comments_migration = import_module("apps.comments.migrations.0005_compare_exactly")


class Editor:
    connection = connection


class State:
    apps = apps


def as_it_was(row, email: str):
    """As before the field knew one form, past the ORM."""
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {row._meta.db_table} SET email = %s WHERE id = %s", [email, row.pk])  # noqa: S608
    return row


def account(email: str, *, verified: bool = True) -> User:
    user = as_it_was(UserFactory(), email)
    as_it_was(EmailAddress.objects.create(user=user, email=f"{user.pk}@x.fr", verified=verified, primary=True), email)
    return user


def emails(model) -> list[str]:
    return list(model._base_manager.order_by("pk").values_list("email", flat=True))


def test_accounts_and_their_addresses_get_one_form():
    account("Paul@Exémple.fr")
    account("zoé@exemple.fr\u200b")
    account("marie@exemple.fr")
    accounts_migration.canonical_accounts(apps, Editor)
    assert emails(User) == ["paul@xn--exmple-cva.fr", "zoé@exemple.fr", "marie@exemple.fr"]
    assert emails(EmailAddress) == emails(User)


def test_of_two_accounts_with_one_address_the_proven_one_keeps_it(caplog):
    doubtful = account("paul@xn--exmple-cva.fr", verified=False)
    proven = account("paul@exémple.fr")
    third = account("PAUL@exémple.fr")
    accounts_migration.canonical_accounts(apps, Editor)
    assert emails(User) == [
        f"doublon-{doubtful.pk}@compte.invalid",
        "paul@xn--exmple-cva.fr",
        f"doublon-{third.pk}@compte.invalid",
    ]
    assert emails(EmailAddress) == ["paul@xn--exmple-cva.fr", "paul@xn--exmple-cva.fr", "PAUL@exémple.fr"]
    assert f"[{doubtful.pk}, {third.pk}]" in caplog.text
    assert User.objects.get(email="paul@exémple.fr") == proven
    accounts_migration.canonical_accounts(apps, Editor)
    assert User.objects.count() == 3


def test_an_address_twice_on_one_account_becomes_one_that_is_proven():
    user = account("paul@exemple.fr", verified=False)
    as_it_was(EmailAddress.objects.create(user=user, email="x@x.fr", verified=True), "PAUL@exemple.fr\ufeff")
    accounts_migration.canonical_accounts(apps, Editor)
    row = EmailAddress.objects.get()
    assert (row.email, row.verified, row.primary) == ("paul@exemple.fr", True, True)


def test_orders_and_comments_are_brought_over_in_batches(monkeypatch):
    monkeypatch.setattr(schema, "BATCH", 2)
    for written in ("A@B.fr", "", "a@b.fr", "a@\u200bb.fr", "a@é.fr"):
        as_it_was(OrderFactory(lines=[]), written)
        as_it_was(CommentFactory(), written)
    for app, model in (("orders", "order"), ("comments", "comment")):
        operation = CanonicalEmails(model)
        operation.database_forwards(app, Editor, State, State)
        operation.database_backwards(app, Editor, State, State)
    assert emails(Order) == emails(Comment) == ["a@b.fr", "", "a@b.fr", "a@b.fr", "a@xn--9ca.fr"]


def test_an_objection_and_a_rating_follow_the_address(monkeypatch):
    monkeypatch.setattr(comments_migration, "BATCH", 2)
    before, after = comments_migration.digest("a@é.fr"), email_hash("a@é.fr")
    other = comments_migration.digest("b@exemple.fr")
    for written in ("b@exemple.fr", "", "A@É.fr", "b@exemple.fr"):
        as_it_was(OrderFactory(lines=[]), written)
    for key in (before, other):
        ReviewObjection.objects.create(email_hash=key)
    moved = CommentFactory(buyer_email=before, section_id="produit-1")
    ratings = [CommentFactory(buyer_email=key, section_id="produit-2") for key in (before, after)]
    comments_migration.follow_digests(apps, Editor)
    comments_migration.follow_digests(apps, Editor)
    assert set(ReviewObjection.objects.values_list("email_hash", flat=True)) == {before, after, other}
    assert Comment.objects.get(pk=moved.pk).buyer_email == after
    assert [Comment.objects.get(pk=comment.pk).buyer_email for comment in ratings] == [before, after]


def test_the_command_finishes_what_the_release_before_wrote_meanwhile():
    as_it_was(OrderFactory(lines=[]), "Camille@Exemple.fr")
    make_stages()
    card = as_it_was(ProspectFactory(), "Léa+pro@Exémple.fr")
    account("paul@exemple.fr\u200b")
    out = StringIO()
    call_command("canonical_addresses", stdout=out)
    assert emails(Order) == ["camille@exemple.fr"]
    card.refresh_from_db()
    assert (card.email, card.email_key) == ("léa+pro@xn--exmple-cva.fr", "léa@xn--exmple-cva.fr")
    assert emails(User) == emails(EmailAddress) == ["paul@exemple.fr"]
    assert "orders.Order.email : 1" in out.getvalue()
    call_command("canonical_addresses", stdout=(again := StringIO()))
    assert {line.rpartition(" : ")[2] for line in again.getvalue().splitlines()} == {"0"}


def test_the_command_leaves_and_names_a_second_account_of_an_address():
    first = account("paul@exemple.fr")
    second = account("PAUL@exemple.fr")
    with pytest.raises(CommandError, match=rf"accounts\.User {second.pk}$"):
        call_command("canonical_addresses", stdout=StringIO())
    assert User.objects.get(email="paul@exemple.fr") == first
