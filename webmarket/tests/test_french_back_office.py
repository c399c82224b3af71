"""The back office is French, including sentences that its libraries have in English only."""

import re

import pytest
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from apps.accounts.models import User


@pytest.mark.parametrize("sentence", ["General", "Search apps and models...", "Select action to run", "Reset filters"])
def test_the_libraries_speak_french(sentence):
    assert gettext(sentence) != sentence


def test_a_count_follows_french_plurals():
    singular, plural = "Export %(len)s selected item.", "Export %(len)s selected items."
    assert ngettext(singular, plural, 0) % {"len": 0} == "Exporter 0 ligne choisie."
    assert ngettext(singular, plural, 2) % {"len": 2} == "Exporter 2 lignes choisies."


@pytest.mark.parametrize(
    "page", ["index", "catalogue_product_changelist", "catalogue_product_add", "orders_order_changelist"]
)
def test_pages_of_staff_say_nothing_in_english(client, db, page):
    client.force_login(User.objects.create_superuser("equipe@webmarket.example"))

    response = client.get(reverse(f"admin:{page}"))

    assert response.status_code == 200
    text = re.sub(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.DOTALL)
    found = re.search(r"\b(?:Search|General|Select|Reset|Filters?|Dark|Light|System|Return|Choose|the|your)\b", text)
    assert found is None, text[max(0, found.start() - 60) : found.end() + 60]
