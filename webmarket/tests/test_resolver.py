"""Paths of the storefront lead to the same views as Django's own resolver, and no secret is kept."""

import pytest
from django.conf.urls.i18n import i18n_patterns
from django.urls import Resolver404, get_resolver
from django.urls.resolvers import RegexPattern, URLResolver
from django.utils import translation

from webmarket.resolver import CachedResolver
from webmarket.urls import urlpatterns

PATHS = [
    *("/", "/en/", "/panier/", "/en/basket/", "/produit/miel/", "/en/product/honey/", "/rayon/thes/", "/moi/"),
    *("/suivi/secret/", "/commande/merci/secret/", "/compte/commandes/WM-1/", "/compte/connexion/", "/rien/"),
    *("/produit/miel/image/2/", "/produit/sel/", "/api/commentaires", "/admin/", "/en/produit/miel/"),
]


@pytest.fixture
def cached() -> CachedResolver:
    (resolver,) = (each for each in urlpatterns if isinstance(each, CachedResolver))
    resolver._found.clear()
    return resolver


def found(resolver, path):
    try:
        match = resolver.resolve(path)
    except Resolver404:
        return None
    return match.func, match.args, match.kwargs, match.view_name, match.route


def test_finds_what_django_finds_again_and_again(cached):
    (plain,) = i18n_patterns(*cached.url_patterns, prefix_default_language=False)
    others = [each for each in urlpatterns if each is not cached]
    django = URLResolver(RegexPattern(r"^/"), [*others, plain])
    for language in ("fr", "en", "fr"):
        with translation.override(language):
            for path in PATHS:
                expected = found(django, path)
                assert [found(get_resolver(), path) for _time in range(3)] == [expected] * 3, path


def test_keeps_no_secret_and_no_more_than_so_many(cached, monkeypatch):
    monkeypatch.setattr("webmarket.resolver.MOST", 3)
    with translation.override("fr"):
        for path in [*PATHS, *(f"/produit/{number}/" for number in range(20))]:
            found(get_resolver(), path)
            assert len(cached._found) <= 3
            assert not [key for key in cached._found if "secret" in key[0] or "WM-1" in key[0]]
    assert cached._found


def test_a_view_may_change_its_match(cached):
    with translation.override("fr"):
        get_resolver().resolve("/produit/miel/").kwargs["slug"] = "autre"
        assert get_resolver().resolve("/produit/miel/").kwargs == {"slug": "miel"}
