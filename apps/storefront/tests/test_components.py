"""Components that a page repeats: what they are given is text, whatever stands in it; each content is its own."""

import re
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.safestring import SafeString

from apps.catalogue.listing import Card, Facet, FacetValue, Filters, Listing, Rayon, StockState
from apps.catalogue.models import ProductOpinion
from apps.catalogue.pictures import Picture, Source
from apps.storefront.components import comments, frame, lists, navigation, pictures, ratings
from apps.storefront.components.templates import render

EVIL = "<script>\"'&amp;"
IMAGE = Picture(src=EVIL, width=1, height=1, alt=EVIL, sources=(Source(EVIL, EVIL),))
CARD = Card(
    product_id=1,
    url=EVIL,
    name=EVIL,
    brand=EVIL,
    price=Decimal("4.90"),
    price_varies=True,
    reference_price=Decimal("9.80"),
    reduction=50,
    unit_price=Decimal("49.00"),
    unit=EVIL,
    stock=StockState.LOW,
    pieces_left=2,
    sku=EVIL,
    picture=IMAGE,
    tint=EVIL,
    ratings=3,
    rating=4.5,
)
FACET = Facet(key=EVIL, label=EVIL, values=(FacetValue(key=EVIL, label=EVIL, count=2, selected=True, query=EVIL),))
COMMENT = {
    "id": 7,
    "author": EVIL,
    "text": EVIL,
    "at": "2026-11-20T10:00:00+00:00",
    "edited": True,
    "withdrawn": False,
    "rating": 4,
    "bought_on": "2026-11-02",
    "team": True,
    "replies": [],
}


def rayon(parent=None) -> Rayon:
    evil = Rayon(
        id=1,
        name=EVIL,
        slug=EVIL,
        url=EVIL,
        tint=EVIL,
        description=EVIL,
        parent=parent,
        children=[],
        alternates={},
        size=1,
        revision=1,
    )
    if parent is None:
        evil.children.append(rayon(evil))
    return evil


def thread(**values):
    return {**COMMENT, "replies": [{**COMMENT, "id": 8}], "more": 2, "cut": True, **values}


def section(**values) -> str:
    given = {"threads": [thread()], "following": EVIL, "opinion": ProductOpinion(ratings=3, rating_sum=12), **values}
    return comments.render_section("page-recettes", script=EVIL, **given)


def listing() -> Listing:
    return Listing(
        cards=(), total=9, page=2, pages=3, facets=(), filters=Filters(), sort="", text=EVIL, corrected="", rayons=()
    )


FILTERED = {"facets": (FACET,), "filters": Filters(available=True), "capped": True}
COMPONENTS = {
    "alternates": lambda: render("alternates", links=[(EVIL, EVIL)]),
    "average": lambda: ratings.average(4.5, 3, "fr"),
    "breadcrumbs": lambda: navigation.render_breadcrumbs([(EVIL, EVIL)], here=EVIL, home_url=EVIL),
    "card": lambda: lists.render_cards([CARD, replace(CARD, sku=""), replace(CARD, stock=StockState.OUT)], add_url=""),
    "cards": lambda: lists.render_cards([], add_url=EVIL),
    "comment": lambda: comments.render_comment(thread(text=f"{EVIL} http://a.fr/?{EVIL}"), write=EVIL),
    "comment_average": lambda: render("comment_average", average=4.5, ratings=3),
    "comment_form": lambda: render("comment_form", write=EVIL, longest=EVIL),
    "comment_list": lambda: comments.render_threads([thread()], section="page-recettes"),
    "comment_rules": lambda: render("comment_rules", policy=EVIL, write=EVIL),
    "comment_section": section,
    "facets": lambda: lists.render_facets((FACET,)),
    "language_links": lambda: render("language_links", links=[(EVIL, EVIL, EVIL, EVIL)]),
    "menu": lambda: navigation.render_menu((rayon(),)),
    "no_picture": lambda: render("no_picture", url=EVIL),
    "pages": lambda: lists.render_pages(listing(), path=EVIL),
    "picture": lambda: pictures.picture(IMAGE, EVIL, False),
    "rating": lambda: ratings.rating(4),
    "strip": lambda: navigation.render_strip([rayon()], here=""),
    "toolbar": lambda: render("toolbar", listing=replace(listing(), **FILTERED), path=EVIL),
    "tiles": lambda: navigation.render_tiles([rayon()], pictures={1: IMAGE}),
}


def test_every_component_is_tried():
    folder = settings.BASE_DIR / "apps/storefront/jinja2/components"
    assert {path.stem for path in folder.iterdir()} == COMPONENTS.keys()


class Read(HTMLParser):
    """What a browser reads: elements, names of attributes, texts with the values of attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements, self.names, self.texts = [], set(), []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.names |= {name for name, _value in attrs}
        self.texts += [value or "" for _name, value in attrs]

    def handle_data(self, data):
        self.texts.append(data)


@pytest.mark.parametrize("name", COMPONENTS)
def test_what_a_component_is_given_stays_text(name):
    page = Read(COMPONENTS[name]())
    # A section of comments has a script of its own.
    assert page.elements.count("script") == (name == "comment_section")
    assert all(re.fullmatch(r"[a-z-]+", attribute) for attribute in page.names)
    found = [text for text in page.texts if "script>" in text]
    assert all(EVIL in text for text in found)
    assert bool(found) == (name not in {"average", "comment_average", "rating"})


def test_a_card_is_found_again_by_all_that_it_shows():
    first = lists.render_cards([CARD], add_url="/")
    assert lists.render_cards([replace(CARD)], add_url="/") == first
    for change in (
        {"price": Decimal("5.00")},
        {"name": "x"},
        {"picture": replace(IMAGE, src="/y.webp")},
        {"ratings": 4},
    ):
        assert lists.render_cards([replace(CARD, **change)], add_url="/") != first
    with translation.override("en"):
        assert "Add" in lists.render_cards([CARD], add_url="/")
    assert "Ajouter" in first
    assert "/panier/" in lists.render_cards([CARD], add_url="/panier/")


def test_a_comment_is_found_again_by_all_that_it_shows():
    first = comments.render_comment(thread(), write="/")
    assert comments.render_comment(thread(), write="/") == first
    changed = [
        thread(text="x"),
        thread(edited=False),
        thread(more=3),
        thread(replies=[COMMENT]),
        thread(withdrawn=True),
    ]
    assert first not in [comments.render_comment(each, write="/") for each in changed]
    with translation.override("en"):
        assert "Report" in comments.render_comment(thread(), write="/")
    assert comments.render_comment(thread(), write="/", is_reply=True) != first


def test_the_form_of_a_section_leads_to_it():
    assert 'action="/commentaires/page-recettes/"' in section()
    assert 'action="/commentaires/page-vins/"' in comments.render_section(
        "page-vins", threads=[], following=None, opinion=None, script=""
    )


def test_the_menu_follows_the_rayons():
    rayons = (rayon(),)
    first = navigation.render_menu(rayons)
    assert navigation.render_menu(rayons) is first
    other = rayon()
    other.name = "Épicerie"
    assert "Épicerie" in navigation.render_menu((other,))


def header(**given):
    return frame.render_header((rayon(),), **{"here": "", "query": "", "languages": SafeString(""), **given})


def test_the_header_shows_what_was_searched_for_as_text():
    page = Read(header(query=EVIL, languages=SafeString("<b>English</b>")))
    assert EVIL in page.texts
    assert "English" in page.texts
    assert "script" not in page.elements
    assert "\x00" not in header(query=EVIL)


def test_the_header_is_found_again_by_rayons_language_and_place():
    first = header()
    assert header(query="thé") != header(query="café") != first == header()
    assert 'aria-current="true"' in header(here=EVIL)
    assert 'aria-current="true"' not in header(here="/rayon/autre/")
    with translation.override("en"):
        assert "All aisles" in header()


def test_the_footer_names_the_means_of_payment(settings):
    first = frame.render_footer()
    settings.PAYMENT_GATEWAYS = settings.PAYMENT_GATEWAYS[-1:]
    assert frame.render_footer() != first
