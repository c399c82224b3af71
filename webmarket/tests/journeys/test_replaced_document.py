"""The check of accessibility beside a click: the document it looks at may be replaced while it looks."""

import pytest

pytestmark = [pytest.mark.browser]


def test_the_document_that_took_the_place_is_judged(page, assert_accessible):
    page.goto("/panier/")
    page.evaluate("() => { setTimeout(() => location.assign('/compte/connexion/'), 30) }")
    assert_accessible(page)
    assert page.url.endswith("/compte/connexion/")


def test_a_fault_of_that_document_is_found(page, assert_accessible):
    page.goto("/panier/")
    page.evaluate("() => { setTimeout(() => location.assign('/compte/connexion/'), 30) }")
    page.add_init_script("addEventListener('load', () => { document.documentElement.removeAttribute('lang') })")
    with pytest.raises(AssertionError, match="html-has-lang"):
        assert_accessible(page)
