"""A row inserted by a statement that was built once is the row that Django's own `save` would have inserted."""

import pytest
from django.db import IntegrityError, transaction
from django.forms import model_to_dict
from django.utils import timezone

from apps.comments.models import Comment
from apps.common.insert import insert

pytestmark = pytest.mark.django_db
WORDS = {"section_id": "blog", "author": "Zoé 👩‍🌾", "text": "100 % d’accord\n\\", "email": "Zoe@Exemple.FR"}


def stored(comment: Comment) -> dict:
    found = Comment.objects.get(pk=comment.pk)
    dates = {"created_at": found.created_at, "thread_section": found.thread_section}
    return model_to_dict(found, fields=[field.name for field in Comment._meta.fields if field.name != "id"]) | dates


def test_is_what_save_writes():
    now = timezone.now()
    saved, inserted = (Comment(**WORDS, created_at=now) for _each in range(2))
    saved.save()
    insert(inserted)
    assert inserted.pk == saved.pk + 1
    assert not inserted._state.adding
    assert stored(inserted) == stored(saved)
    assert inserted.email == "zoe@exemple.fr"
    inserted.text = "Autre"
    inserted.save()
    assert Comment.objects.count() == 2


def test_several_rows_are_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        insert(*[Comment(**WORDS, created_at=timezone.now()) for _each in range(3)])
    assert Comment.objects.count() == 3


def test_what_the_database_refuses_is_refused():
    insert(Comment(**WORDS, request_key="k", created_at=timezone.now()))
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(Comment(**WORDS, request_key="k", created_at=timezone.now()))
