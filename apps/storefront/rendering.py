"""HTML of the pieces that a page repeats dozens of times, rendered in Python.

A rayon's page has 24 cards, forty facet values and the whole menu; as Django template loops these take two thirds of
the time of an uncached page, as formatted strings a twentieth. Everything that is not a constant here is escaped.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from html import escape

from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.catalogue.listing import Card, Listing, Rayon, StockState
from apps.catalogue.listing.page import Facet, FacetValue
from apps.catalogue.pictures import Picture
from apps.common.money import format_euros
from apps.common.translation import current_language
from apps.storefront.comment_rendering import render_average

CARD_SIZES = "(min-width: 900px) 240px, (min-width: 600px) 30vw, 46vw"
NO_PICTURE = "storefront/no-picture.svg"
STRIP_LENGTH = 9
EAGER_PICTURES = 2
"""Cards whose pictures are loaded eagerly."""


@cache
def _no_picture() -> str:
    return f'<img src="{static(NO_PICTURE)}" width="400" height="400" alt="" loading="lazy">'


def render_picture(image: Picture | None, *, sizes: str, eager: bool, alt: str | None = None) -> str:
    if image is None:
        return _no_picture()
    sources = "".join(
        f'<source type="{source.type}" srcset="{escape(source.srcset)}" sizes="{sizes}">' for source in image.sources
    )
    loading = 'fetchpriority="high"' if eager else 'loading="lazy" decoding="async"'
    return (
        f'<picture>{sources}<img src="{escape(image.src)}" width="{image.width or 800}" height="{image.height or 800}"'
        f' alt="{escape(image.alt if alt is None else alt)}" {loading}></picture>'
    )


def render_cards(cards: Iterable[Card], *, add_url: str) -> SafeString:
    """A grid of products in one form; the pressed button carries the SKU to add."""
    language = current_language()
    add, choose, out = _("Ajouter"), _("Choisir"), _("Épuisé")
    to_basket, starting, reduced = _("au panier\u202f:"), _("dès"), _("Prix réduit\u202f:")
    per_cent = "%" if current_language() == "en" else "\u202f%"
    lowest = _("Prix le plus bas des 30 derniers jours\u202f:")
    items = []
    for place, card in enumerate(cards):
        name, url = escape(card.name), escape(card.url)
        picture = render_picture(card.picture, sizes=CARD_SIZES, eager=place < EAGER_PICTURES, alt="")
        price = format_euros(card.price, language)
        if card.price_varies:
            price = f"<small>{starting}</small> {price}"
        badge, law, kind = "", "", "price"
        if card.reference_price is not None:
            before, kind = format_euros(card.reference_price, language), "price price--reduced"
            badge = f'<span class="badge badge--reduction">−{card.reduction}{per_cent}</span>' if card.reduction else ""
            price = f'<span class="visually-hidden">{reduced} </span>{price} <s class="price__was">{before}</s>'
            law = f'<span class="price__law">{lowest} {before}</span>'
        if card.unit_price is not None:
            price += f'<span class="price__unit">{format_euros(card.unit_price, language)}/{escape(card.unit)}</span>'
        few = f'<p><span class="badge badge--stock">{few_left(card.pieces_left)}</span></p>' if card.pieces_left else ""
        if card.stock == StockState.OUT:
            action = f'<p class="badge badge--quiet">{out}</p>'
        elif card.sku:
            action = (
                f'<button class="button button--quiet" type="submit" name="sku" value="{escape(card.sku)}">{add}'
                f'<span class="visually-hidden"> {to_basket} {name}</span></button>'
            )
        else:
            action = (
                f'<a class="button button--quiet" href="{url}">{choose}<span class="visually-hidden"> {name}</span></a>'
            )
        rating = f"<p>{render_average(card.rating, card.ratings)}</p>" if card.ratings else ""
        brand = f'<p class="eyebrow">{escape(card.brand)}</p>' if card.brand else ""
        items.append(
            f'<li class="card" data-tint="{escape(card.tint)}"><div class="card__picture">{picture}{badge}</div>'
            f'<h3 class="card__name"><a href="{url}">{name}</a></h3>{brand}{rating}'
            f'<p class="{kind}">{price}{law}</p>{few}<div class="card__buy">{action}</div></li>\n'
        )
    return mark_safe(  # noqa: S308 - every value above is escaped
        f'<form method="post" action="{escape(add_url)}" data-add><input type="hidden" name="quantity" value="1">'
        f'<ul class="grid">{"".join(items)}</ul></form>'
    )


def few_left(pieces: int) -> str:
    return ngettext("Plus que %(pieces)s", "Plus que %(pieces)s", pieces) % {"pieces": pieces}


def render_facets(facets: Iterable[Facet]) -> SafeString:
    """Checkboxes with the number of products that each would show."""
    return mark_safe("\n".join(_facet(facet) for facet in facets))  # noqa: S308 - every value is escaped


def _facet(facet: Facet) -> str:
    key = escape(facet.key)
    values = "".join(_value(key, value) for value in facet.values)
    return f'<fieldset><legend>{escape(facet.label)}</legend><ul class="plain">{values}</ul></fieldset>'


def _value(key: str, value: FacetValue) -> str:
    count = f"<small>{value.count}</small>" if value.count is not None else ""
    checked = " checked" if value.selected else ""
    return (
        f'<li><label><input type="checkbox" name="{key}" value="{escape(value.key)}"{checked}>'
        f"<span>{escape(value.label)}</span>{count}</label></li>"
    )


def render_pages(listing: Listing, *, path: str) -> SafeString | str:
    """Links to the first, last and near pages; nothing for a single one."""
    if listing.pages < 2:
        return ""
    path = escape(path)

    def step(query: str, rel: str, arrow: str, label: str) -> str:
        return (
            f'<a href="{path}{escape(query)}" rel="{rel}"><span aria-hidden="true">{arrow}</span>'
            f'<span class="visually-hidden">{label}</span></a>'
        )

    parts = [f'<nav class="pagination" aria-label="{_("Pages")}">']
    if listing.page > 1:
        parts.append(step(listing.previous_query, "prev", "←", _("Page précédente")))
    for number, query in listing.page_links:
        if number == listing.page:
            parts.append(f'<span aria-current="page">{number}</span>')
        else:
            parts.append(f'<a href="{path}{escape(query)}">{number}</a>' if number else "<span>…</span>")
    if listing.page < listing.pages:
        parts.append(step(listing.next_query, "next", "→", _("Page suivante")))
    return mark_safe("".join([*parts, "</nav>"]))  # noqa: S308 - every value is escaped


def render_menu(rayons: Sequence[Rayon]) -> SafeString:
    """Every rayon with those directly under it."""
    items = []
    for rayon in rayons:
        children = "".join(f"<li>{_link(child)}</li>" for child in rayon.children)
        under = f'<ul class="plain">{children}</ul>' if children else ""
        items.append(f'<li><a href="{escape(rayon.url)}"><b>{escape(rayon.name)}</b></a>{under}</li>\n')
    return mark_safe(f'<ul class="wrap columns">{"".join(items)}</ul>')  # noqa: S308 - every value is escaped


def render_strip(rayons: Sequence[Rayon], *, here: str) -> SafeString:
    """The first rayons beside the menu; `here` is the URL of the one that the page belongs to."""
    links = []
    for rayon in rayons[:STRIP_LENGTH]:
        current = ' aria-current="true"' if rayon.url == here else ""
        links.append(f'<li><a href="{escape(rayon.url)}"{current}>{escape(rayon.name)}</a></li>')
    return mark_safe(f'<ul class="strip">{"".join(links)}</ul>')  # noqa: S308 - every value is escaped


def _link(rayon: Rayon) -> str:
    return f'<a href="{escape(rayon.url)}">{escape(rayon.name)}</a>'


def render_breadcrumbs(trail: Sequence[tuple[str, str]], *, here: str, home_url: str) -> SafeString:
    links = "".join(
        f'<li><a href="{escape(url)}">{escape(name)}</a></li>' for name, url in [(_("Accueil"), home_url), *trail]
    )
    page = f'<li><span aria-current="page">{escape(here)}</span></li>' if here else ""
    nav = f'<nav class="breadcrumbs" aria-label="{_("Fil d’Ariane")}"><ol>{links}{page}</ol></nav>'
    return mark_safe(nav)  # noqa: S308 - every value is escaped


def render_tiles(rayons: Sequence[Rayon], *, pictures: Mapping[int, Picture]) -> SafeString:
    items = []
    for rayon in rayons:
        under = ", ".join(escape(child.name) for child in rayon.children[:2])
        image = pictures.get(rayon.id)
        thumbnail = render_picture(image, sizes="144px", eager=False, alt="") if image else ""
        small = f"<small>{under}</small>" if under else ""
        items.append(
            f'<li><a class="tile" href="{escape(rayon.url)}" data-tint="{escape(rayon.tint)}">'
            f"<span>{escape(rayon.name)}{small}</span>{thumbnail}</a></li>"
        )
    return mark_safe(f'<ul class="tiles">{"".join(items)}</ul>')  # noqa: S308 - every value is escaped
