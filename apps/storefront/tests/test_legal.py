import re

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from apps.common.translation import LANGUAGES
from apps.storefront.legal import TERMS_VERSION, TERMS_VERSIONS

pytestmark = pytest.mark.django_db
PAGES = ["legal_notice", "terms", "privacy", "delivery_and_returns"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_each_text_exists_in_each_language_and_names_the_shop(client, name, language):
    with override(language):
        page = client.get(reverse(f"storefront:{name}"))
    text = page.content.decode()
    assert page.status_code == 200
    assert f'<html lang="{language}">' in text
    assert settings.SHOP["company"] in text
    assert text.count("<h1>") == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_version_of_the_terms_stays_reachable(client, language):
    for version in TERMS_VERSIONS:
        with override(language):
            page = client.get(reverse("storefront:terms_version", args=[version]))
        assert page.status_code == 200
    assert TERMS_VERSION in TERMS_VERSIONS


@pytest.mark.parametrize("version", ["2020-01-01", "..", "%2e%2e%2fnotice", "x" * 500])
def test_an_unknown_version_is_not_found(client, version):
    assert client.get(f"/conditions-generales/{version}/").status_code == 404


def test_french_texts_keep_their_narrow_spaces(client):
    text = client.get(reverse("storefront:terms")).content.decode()
    text = re.sub(r"<script.*?</script>|<[^>]+>", "", text, flags=re.S)
    assert not re.search(r"[^\s] [;:!?»]|« ", text)
