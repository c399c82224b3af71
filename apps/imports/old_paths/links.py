"""Paths of WooCommerce, PrestaShop and Shopify: how they are compared, and what their shapes say. No query."""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from apps.catalogue.models import PageAddress

Kind = PageAddress.Kind
LONGEST = 500
# Numbers by which programs name their pages in the query string; all else there says nothing about the page.
_NUMBERS = ("id_product", "id_category", "product_id", "p", "page_id")
_LANGUAGE = re.compile(r"[a-z]{2}(?:-[a-z]{2})?")
# PrestaShop: « 12-34-mug-bleu-3760012345670.html », the number of a combination and the EAN as its owner chose.
_PRESTASHOP_PRODUCT = re.compile(r"\d+(?:-\d+)?-(?P<slug>.*?[^-\d].*?|.+?)(?P<ean>-\d{13})?\.html", re.I)
_PRESTASHOP_CATEGORY = re.compile(r"\d+-(?P<slug>[^.]+)")
_PRODUCTS = ("product", "produit", "products", "produits", "product-page", "shop", "boutique", "magasin")
_CATEGORIES = ("product-category", "categorie-produit", "collections", "collection", "category", "categorie", "rayon")
_SLUG = re.compile(r"[^/\\\x00-\x1f]{1,220}")


@dataclass(frozen=True, slots=True)
class Guess:
    """A page of this kind may have, or have had, this slug; a product may have it as its code or reference."""

    kind: str
    word: str


def normal_path(path: str, query: str = "") -> str:
    """The path as it is kept and compared: decoded, in lower case, without its last slash, with the numbers of its
    query string that name a page."""
    text = unicodedata.normalize("NFC", unquote(path)).lower()
    text = re.sub(r"/{2,}", "/", f"/{text}").rstrip("/") or "/"
    given = dict(parse_qsl(query))
    numbers = [f"{name}={given[name]}" for name in _NUMBERS if re.fullmatch(r"[0-9]{1,12}", given.get(name, ""))]
    return f"{text}?{'&'.join(numbers)}" if numbers else text


def guesses(path: str, query: str = "") -> list[Guess]:
    """What the shape of a path says it led to, the likeliest first; empty for shapes of no shop."""
    parts = [part for part in unicodedata.normalize("NFC", unquote(path)).split("/") if part]
    if len(parts) > 1 and _LANGUAGE.fullmatch(parts[0].lower()):
        parts = parts[1:]
    if not parts or len(parts) > 8:
        return _by_number(query)
    *above, last = parts
    names = {each.lower() for each in above}
    found: list[Guess] = []
    if match := _PRESTASHOP_PRODUCT.fullmatch(last):
        found += _both_ways(match)
    elif last.lower().endswith(".html"):
        found += [Guess(Kind.PRODUCT, last[:-5]), Guess(Kind.CATEGORY, last[:-5])]
    elif above and above[-1].lower() in ("products", "product", "produit", "product-page"):
        found.append(Guess(Kind.PRODUCT, last))
    elif names & set(_CATEGORIES):
        found.append(Guess(Kind.CATEGORY, last))
    elif names & set(_PRODUCTS):
        found += [Guess(Kind.PRODUCT, last), Guess(Kind.CATEGORY, last)]
    elif match := _PRESTASHOP_CATEGORY.fullmatch(last):
        found += [Guess(Kind.CATEGORY, match["slug"]), Guess(Kind.PRODUCT, match["slug"])]
    elif not above:
        found += [Guess(Kind.PRODUCT, last), Guess(Kind.CATEGORY, last)]
    return [guess for guess in dict.fromkeys(found) if _SLUG.fullmatch(guess.word)] + _by_number(query)


def _both_ways(match: re.Match[str]) -> list[Guess]:
    """A slug may end with thirteen digits of its own."""
    slug, ean = match["slug"], match["ean"] or ""
    return [Guess(Kind.PRODUCT, slug), *([Guess(Kind.PRODUCT, slug + ean)] if ean else [])]


def _by_number(query: str) -> list[Guess]:
    """WooCommerce's number of a product without a reference is part of the code that its import gives (`woo-12`)."""
    given = dict(parse_qsl(query))
    number = given.get("p") or given.get("product_id") or ""
    return [Guess(Kind.PRODUCT, f"woo-{number}")] if re.fullmatch(r"[0-9]{1,12}", number) else []
