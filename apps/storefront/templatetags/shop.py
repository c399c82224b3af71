"""How the shop writes money, dates and unit prices, and draws pictures."""

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal

from django import template
from django.conf import settings
from django.template.defaultfilters import linebreaks
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, escape, format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from apps.catalogue.descriptions import sanitise
from apps.catalogue.listing import Card, Listing, Rayon
from apps.catalogue.pictures import Picture
from apps.common import formats
from apps.common.money import NO_BREAK_SPACE, format_euros
from apps.common.translation import current_language
from apps.common.typed import is_phone, split_extension, tidy_phone
from apps.orders.models import Order
from apps.payments import gateways
from apps.storefront import drawing
from apps.storefront.seo import absolute, kept_query, page_alternates

register = template.Library()
register.filter("percent", formats.percent)
register.filter("capital", formats.capital)


@register.filter
def euros(amount: Decimal | None) -> str:
    """« 1 234,50 € » in French, "€1,234.50" in English; nothing for None."""
    return "" if amount is None else format_euros(amount)


@register.filter
def unit_price(variant) -> str:
    """« 25,00 €/kg » for a variant whose content is known (arrêté du 16 novembre 1999), else nothing."""
    amount = variant.unit_price
    if amount is None:
        return ""
    unit = {"GRAM": "kg", "MILLILITRE": "l", "METRE": "m"}.get(variant.content_unit) or _("pièce")
    return f"{euros(amount)}/{unit}"


@register.filter
def awaits_transfer(order: Order) -> bool:
    """Whether the money is still to be sent: no date is known before it arrives."""
    gateway = gateways.get(order.payment_method)
    return order.status == Order.Status.AWAITING_PAYMENT and gateway is not None and gateway.awaits_transfer


@register.filter
def day(value: datetime.date | datetime.datetime | None) -> str:
    """« 20 novembre 2026 », in the shop's time zone."""
    if value is None:
        return ""
    if isinstance(value, datetime.datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return date_format(value, "j F Y").replace(" ", NO_BREAK_SPACE)


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
        return f"{day(local)}, {formats.clock(local)}"
    return f"{day(local)} à {formats.clock(local)}"


@register.filter
def nbsp(text: object) -> str:
    """Keeps a short text on one line."""
    return str(text).replace(" ", NO_BREAK_SPACE)


@register.filter
def in_fours(code: str) -> str:
    """A key that somebody types from one screen into another. Applications leave spaces out."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))


def _alternates(context) -> dict[str, str]:
    """The view's own `alternates` where slugs differ, else the same path translated; empty outside a request."""
    if "alternates" in context:
        return context["alternates"]
    request = context.get("request")
    return page_alternates(request) if request else {}


@register.simple_tag(takes_context=True)
def alternates(context) -> str:
    """The hreflang links of a page and the default language's one."""
    links = _alternates(context)
    if not links or context.get("canonical") == "":
        return ""
    rows = [(language, absolute(path.partition("?")[0])) for language, path in links.items()]
    rows.append(("x-default", rows[0][1]))
    return format_html_join("\n", '<link rel="alternate" hreflang="{}" href="{}">', rows)


LANGUAGE_NAMES = {"fr": ("FR", "Français"), "en": ("EN", "English")}


@register.simple_tag(takes_context=True)
def language_links(context) -> str:
    """Links to this page in the other languages, with what is chosen on it: the view's `chosen_query`, or what
    `seo.KEPT` names."""
    here = current_language()
    request = context.get("request")
    query = context["chosen_query"] if "chosen_query" in context else kept_query(request) if request else ""
    return format_html_join(
        "",
        '<a href="{}" hreflang="{}" lang="{}" title="{}">{}</a>',
        (
            (path + query, language, language, LANGUAGE_NAMES[language][1], LANGUAGE_NAMES[language][0])
            for language, path in _alternates(context).items()
            if language != here
        ),
    )


@register.simple_tag
def picture(image: Picture | None, sizes: str = "", *, eager: bool = False, alt: str | None = None) -> str:
    """A responsive `<picture>`; `sizes` is its width on the page. `alt=""` where a name stands beside it."""
    return mark_safe(drawing.draw_picture(image, sizes=sizes, eager=eager, alt=alt))  # noqa: S308 - escaped there


@register.simple_tag
def cards(cards: Sequence[Card], *, add_url: str) -> str:
    """A grid of products, each with its button."""
    return drawing.draw_cards(cards, add_url=add_url)


@register.simple_tag(takes_context=True)
def breadcrumbs(context, trail: Sequence[tuple[str, str]], here: str = "") -> str:
    """The way from home to a page, as (name, url), and the page's own name."""
    return drawing.draw_breadcrumbs(trail, here=here, home_url=context["chrome"].links["home"])


@register.simple_tag
def facets(listing: Listing) -> str:
    return drawing.draw_facets(listing.facets)


@register.simple_tag
def pages(listing: Listing, *, path: str) -> str:
    return drawing.draw_pages(listing, path=path)


@register.simple_tag
def tiles(rayons: Sequence[Rayon], *, pictures: Mapping[int, Picture] | None = None) -> str:
    """Rayons as tinted tiles; `pictures` by the rayon's id."""
    return drawing.draw_tiles(rayons, pictures=pictures or {})


@register.simple_tag
def payment_means() -> str:
    """Every means of payment that the shop offers, as the checkout names them."""
    return format_html_join(mark_safe("<br>"), "{}", ((gateway.name,) for gateway in gateways.registered().values()))


@register.simple_tag(takes_context=True)
def rayons_menu(context) -> str:
    return drawing.draw_menu(context["chrome"].rayons)


@register.simple_tag(takes_context=True)
def rayons_strip(context) -> str:
    return drawing.draw_strip(context["chrome"].rayons, here=context.get("rayon_url", ""))


@register.filter
def weight(grams: int) -> str:
    """« 500 g », « 2,5 kg »."""
    if grams < 1000:
        return f"{grams}{NO_BREAK_SPACE}g"
    kilograms = f"{Decimal(grams) / 1000:f}"
    return (kilograms if current_language() == "en" else kilograms.replace(".", ",")) + NO_BREAK_SPACE + "kg"


@register.filter
def absolute_url(url: str) -> str:
    """With the shop's address in front, unless files are kept elsewhere."""
    return url if url.startswith("http") else absolute(url)


@register.filter
def safe_html(text: str) -> str:
    """A description as HTML. It was cleaned when it was written; a page does not take that on trust."""
    if "<" not in text:
        return linebreaks(text, autoescape=True)
    return mark_safe(sanitise(text))  # noqa: S308 - just cleaned


class KeepNode(template.Node):
    """Writes its text and keeps it under a name for the rest of the page."""

    def __init__(self, name: str, nodelist: template.NodeList) -> None:
        self.name, self.nodelist = name, nodelist

    def render(self, context) -> str:
        text = self.nodelist.render(context).strip().replace('"', "&quot;")
        context[self.name] = mark_safe(text)  # noqa: S308 - written by the page's own template
        return text


@register.tag
def keep(parser, token) -> KeepNode:
    """`{% keep name %}…{% endkeep %}`: a block's text, written here and again as `{{ name }}` further down."""
    name = token.split_contents()[1]
    nodelist = parser.parse(("endkeep",))
    parser.delete_first_token()
    return KeepNode(name, nodelist)


@register.simple_tag
def social_title(page_title: str) -> str:
    """A page's title without the shop's name behind it, which a preview shows by itself."""
    shop = escape(settings.SHOP["name"])
    # A kept title is escaped already, and so is the name in it; anything else is escaped here.
    return mark_safe(conditional_escape(page_title).removesuffix(f" – {shop}"))  # noqa: S308


@register.filter
def tel_link(number: str) -> str:
    """A telephone number that a telephone calls at a touch, its extension after it (RFC 3966); one of two is text."""
    main, extension = split_extension(tidy_phone(number))
    dialled = "".join(character for character in main.replace("(0)", "") if character in "+0123456789")
    if not is_phone(main):
        return nbsp(number)
    return format_html('<a href="tel:{}">{}</a>', f"{dialled};ext={extension}" if extension else dialled, nbsp(number))


class OnceNode(template.Node):
    """Keeps its text for each language."""

    def __init__(self, nodelist: template.NodeList) -> None:
        self.nodelist = nodelist
        self.texts: dict[str, str] = {}

    def render(self, context) -> str:
        language = current_language()
        text = self.texts.get(language)
        if text is None:
            text = self.texts[language] = self.nodelist.render(context)
        return text


@register.tag
def once(parser, token) -> OnceNode:
    """`{% once %}…{% endonce %}`: what depends on the language and the settings alone is written once by each process.

    Never put a variable of the page, the visitor or the catalogue inside.
    """
    nodelist = parser.parse(("endonce",))
    parser.delete_first_token()
    return OnceNode(nodelist)
