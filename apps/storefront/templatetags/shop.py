"""Filters and tags for money, dates and units, and for the components that a page repeats."""

import datetime
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from django import template
from django.template.defaultfilters import linebreaks
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from apps.aftersales.period import is_open
from apps.catalogue.descriptions import sanitise
from apps.catalogue.listing import Card, Listing, Rayon
from apps.catalogue.pictures import Picture
from apps.common import formats
from apps.common.money import NO_BREAK_SPACE, format_euros
from apps.common.translation import current_language
from apps.common.typed import is_phone, split_extension, tidy_phone
from apps.delivery.services import Quote
from apps.orders.models import Order
from apps.payments import gateways
from apps.shop.identity import Identity, current, last_read
from apps.storefront.components import frame, lists, navigation, pictures
from apps.storefront.components.templates import render
from apps.storefront.seo import absolute, page_alternates, page_query

register = template.Library()
register.filter("day", formats.day)
register.filter("percent", formats.percent)
register.filter("capital", formats.capital)


@register.filter
def euros(amount: Decimal | None) -> str:
    """« 1 234,50 € » in French, "€1,234.50" in English; nothing for None."""
    return "" if amount is None else format_euros(amount)


@register.filter
def delivery_price(quote: Quote) -> str:
    """« gratuit » or « 4,90 € »."""
    return _("gratuit") if quote.is_free else format_euros(quote.price)


@register.filter
def may_withdraw(order: Order) -> bool:
    """Whether its customer may still withdraw from it. Queries nothing."""
    return is_open(order, timezone.now())


@register.filter
def short_day(value: datetime.date) -> str:
    """« 20 novembre », for a date so near that its year is plain."""
    return date_format(value, "j F").replace(" ", NO_BREAK_SPACE)


@register.filter
def moment(value: datetime.datetime | None) -> str:
    """« 20 novembre 2026 à 14 h 05 », in the shop's time zone."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    if current_language() == "en":
        return f"{formats.day(local)}, {formats.clock(local)}"
    return f"{formats.day(local)} à {formats.clock(local)}"


@register.filter
def nbsp(text: object) -> str:
    """Keeps a short text on one line."""
    return str(text).replace(" ", NO_BREAK_SPACE)


@register.filter
def in_fours(code: str) -> str:
    """In groups of four: a key to type from one screen into another. Applications ignore the spaces."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))


def _alternates(context) -> dict[str, str]:
    """The view's own `alternates` where slugs differ, else the same path translated; empty outside a request."""
    request = context.get("request")
    links = context["alternates"] if "alternates" in context else page_alternates(request) if request else {}
    return {language: path for language, path in links.items() if language in current().languages}


@register.simple_tag(takes_context=True)
def alternates(context) -> str:
    """The hreflang links of a page and the default language's one."""
    links = _alternates(context)
    if not links or context.get("canonical") == "":
        return ""
    rows = [(language, absolute(path.partition("?")[0])) for language, path in links.items()]
    rows.append(("x-default", rows[0][1]))
    return render("alternates", links=rows)


LANGUAGE_NAMES = {"fr": ("Français", "FR"), "en": ("English", "EN")}


@register.simple_tag(takes_context=True)
def language_links(context) -> str:
    """Links to this page in the other languages, with what is chosen on it: the view's `chosen_query`, or the
    parameters of `seo.PAGE_PARAMETERS`."""
    here = current_language()
    request = context.get("request")
    query = context["chosen_query"] if "chosen_query" in context else page_query(request) if request else ""
    links = [
        (language, *LANGUAGE_NAMES[language], path + query)
        for language, path in _alternates(context).items()
        if language != here
    ]
    return render("language_links", links=links)


@register.simple_tag
def picture(image: Picture | None, sizes: str = "", *, eager: bool = False, alt: str | None = None) -> str:
    """A responsive `<picture>`; `sizes` is its width on the page. `alt=""` where a name stands beside it."""
    return pictures.picture(image, sizes, eager, alt)


@register.simple_tag
def cards(cards: Sequence[Card], *, add_url: str) -> str:
    """A grid of products, each with its button."""
    return lists.render_cards(cards, add_url=add_url)


@register.simple_tag(takes_context=True)
def breadcrumbs(context, trail: Sequence[tuple[str, str]], here: str = "") -> str:
    """The way from home to a page, as (name, url), and the page's own name."""
    return navigation.render_breadcrumbs(trail, here=here, home_url=context["chrome"].links["home"])


@register.simple_tag
def facets(listing: Listing) -> str:
    return lists.render_facets(listing.facets)


@register.simple_tag
def toolbar(listing: Listing, *, path: str) -> str:
    return render("toolbar", listing=listing, path=path)


@register.simple_tag
def pages(listing: Listing, *, path: str) -> str:
    return lists.render_pages(listing, path=path)


@register.simple_tag
def tiles(rayons: Sequence[Rayon], *, pictures: Mapping[int, Picture] | None = None) -> str:
    """Rayons as tinted tiles; `pictures` by the rayon's id."""
    return navigation.render_tiles(rayons, pictures=pictures or {})


@register.simple_tag
def payment_means() -> list[str]:
    """Every means of payment that the shop offers, as the checkout names them."""
    return [str(gateway.name) for gateway in gateways.registered().values()]


@register.simple_tag(takes_context=True)
def page_header(context) -> str:
    """`query` of a page is what was searched for, `rayon_url` the rayon that it belongs to."""
    here, query = context.get("rayon_url", ""), context.get("query", "")
    return frame.render_header(context["chrome"].rayons, here=here, query=query, languages=language_links(context))


@register.simple_tag
def page_footer() -> str:
    return frame.render_footer()


@register.simple_tag(takes_context=True)
def rayons_menu(context) -> str:
    return navigation.render_menu(context["chrome"].rayons)


@register.simple_tag(takes_context=True)
def rayons_strip(context) -> str:
    return navigation.render_strip(context["chrome"].rayons, here=context.get("rayon_url", ""))


@register.filter
def weight(grams: int) -> str:
    """« 500 g », « 2,5 kg »."""
    if grams < 1000:
        return f"{grams}{NO_BREAK_SPACE}g"
    kilograms = f"{Decimal(grams) / 1000:f}"
    return (kilograms if current_language() == "en" else kilograms.replace(".", ",")) + NO_BREAK_SPACE + "kg"


@register.filter
def absolute_url(url: str) -> str:
    """With SITE_URL in front, unless it is absolute already (files on a CDN)."""
    return url if url.startswith("http") else absolute(url)


@register.filter
def safe_html(text: str) -> str:
    """A description as HTML, sanitised again although it was when it was written."""
    if "<" not in text:
        return linebreaks(text, autoescape=True)
    return mark_safe(sanitise(text))  # noqa: S308 - just cleaned


_BLANKS = re.compile(r"[ \t\r\n]+")


class KeepNode(template.Node):
    """Stores its text under a name for the rest of the page."""

    def __init__(self, name: str, nodelist: template.NodeList) -> None:
        self.name, self.nodelist = name, nodelist

    def render(self, context) -> str:
        # A template's line ends stay out of titles and attributes; no-break spaces stay in.
        text = _BLANKS.sub(" ", self.nodelist.render(context)).strip(" ").replace('"', "&quot;")
        context[self.name] = mark_safe(text)  # noqa: S308 - written by the page's own template
        return ""


@register.tag
def keep(parser, token) -> KeepNode:
    """`{% keep name %}…{% endkeep %}`: a block's text on one line, to be written as `{{ name }}`."""
    name = token.split_contents()[1]
    nodelist = parser.parse(("endkeep",))
    parser.delete_first_token()
    return KeepNode(name, nodelist)


@register.simple_tag
def social_title(page_title: str) -> str:
    """A page's title without the shop's name behind it, which a preview shows by itself."""
    shop = escape(current().name)
    # A title from `{% keep %}` is escaped already, and so is the name in it; anything else is escaped here.
    return mark_safe(conditional_escape(page_title).removesuffix(f" – {shop}"))  # noqa: S308


@register.simple_tag
def shop_name() -> str:
    """For pages that must query nothing: the shop's name as this process read it last."""
    return last_read().name


@register.filter
def tel_link(number: str) -> str:
    """A telephone number as a `tel:` link, with its extension (RFC 3966); two numbers in one stay text."""
    main, extension = split_extension(tidy_phone(number))
    if not is_phone(main):
        return nbsp(number)
    dialled = "".join(character for character in main.replace("(0)", "") if character in "+0123456789")
    called = f"{dialled};ext={extension}" if extension else dialled
    link = render_to_string("storefront/components/phone.html", {"called": called, "number": nbsp(number)})
    return mark_safe(link.strip())  # noqa: S308 - escaped there


class IncludeOnceNode(template.Node):
    """Caches the rendered template for each language, until the shop's identity changes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.texts: dict[str, tuple[Identity, SafeString]] = {}

    def render(self, context) -> SafeString:
        language = current_language()
        shop = current()
        rendered = self.texts.get(language)
        if rendered is None or rendered[0] is not shop:
            with context.push():
                rendered = shop, context.template.engine.get_template(self.name).render(context)
            self.texts[language] = rendered
        return rendered[1]


@register.tag
def include_once(parser, token) -> IncludeOnceNode:
    """`{% include_once "storefront/base/assets.html" %}`: a template that each process renders once for each
    language and version of the shop.

    It may read the settings, `shop` and `chrome.links`; never a variable of the page, the visitor or the catalogue.
    """
    bits = token.split_contents()
    if len(bits) != 2 or bits[1][0] not in "\"'" or bits[1][0] != bits[1][-1]:
        raise template.TemplateSyntaxError("include_once takes the name of one template, in quotation marks")
    return IncludeOnceNode(bits[1][1:-1])
