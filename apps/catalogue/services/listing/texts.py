"""The words of a product that the search indexes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import unescape
from typing import Any

from apps.catalogue import words
from apps.catalogue.models import Attribute, Variant
from apps.catalogue.services.listing.facts import Facts, Place
from apps.common.translation import DEFAULT_LANGUAGE, LANGUAGES

BODY_CHARACTERS = 2000
MOST_WRITTEN = 60
"""Characters of a word in the vocabulary."""
# Values of yes-or-no characteristics that are no.
NO = frozenset({"non", "no", "faux", "false", "0"})
_INDEXED_UNITS = {Variant.ContentUnit.GRAM: "g", Variant.ContentUnit.MILLILITRE: "ml"}


@dataclass(frozen=True)
class Text:
    """A product's words in one language."""

    name: list[words.Word]
    about: list[words.Word]
    description: list[words.Word]


Texts = dict[str, Text]
_LISTS = re.compile(r",|/|&|\b(?:et|and)\b")


def texts_of(facts: Facts) -> Texts:
    return {language: _text(facts, language) for language in LANGUAGES}


def _text(facts: Facts, language: str) -> Text:
    """Untranslated texts are indexed in French, except the description, which is indexed in its own language alone."""
    product = facts.product

    def words_of(row: dict[str, Any], column: str) -> list[words.Word]:
        written_in = language if row[f"{column}_{language}"] else DEFAULT_LANGUAGE
        return words.drop_stop_words(words.split_indexed(row[f"{column}_{written_in}"]), written_in)

    named = words_of(product, "name")
    codes = [code for variant in facts.variants for code in (variant["sku"], variant["ean13"]) if code]
    about = [*_rayons(facts.place, named, language), *words_of(product, "origin")]
    for value in facts.characteristics:
        if value["attribute__kind"] != Attribute.Kind.BOOLEAN:
            about += words_of(value, "label")
        elif value["slug"] not in NO:
            about += [*words_of(value, "attribute__name"), *words.split(value["attribute__code"])]
    for variant in facts.variants:
        for number in "123":
            about += words_of(variant, f"option{number}")
        if unit := _INDEXED_UNITS.get(variant["content_unit"]):
            about += words.split(words.quantity(variant["content_quantity"] or Decimal(0), unit))
    description = _plain(product[f"description_{language}"][:BODY_CHARACTERS])
    return Text(
        name=[
            *named,
            *words.drop_stop_words(words.split(product["brand__name"] or ""), language),
            *(word for code in codes for word in words.split_code(code)),
        ],
        about=about,
        description=words.drop_stop_words(words.split_indexed(description), language),
    )


def _rayons(place: Place, named: Sequence[words.Word], language: str) -> Iterator[words.Word]:
    """The words of the rayons' names. Of a name that lists several things (« Lait, beurre et œufs »), only those which
    the product's own name or a rayon further down mentions, else all; and the whole list as one compound."""
    stems = {word.stem for word in named}
    for name in reversed([names[LANGUAGES.index(language)] for names in place.names]):
        things = [
            words.drop_stop_words(words.split_indexed(part), language) for part in _LISTS.split(name) if part.strip()
        ]
        meant = [thing for thing in things if stems.intersection(word.stem for word in thing)] or things
        for thing in meant:
            stems.update(word.stem for word in thing)
            yield from thing
        if len(things) > 1:
            yield words.compound(words.drop_stop_words(words.split(name), language), name.casefold()[:MOST_WRITTEN])


def _plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", " ", html))


def name_length(facts: Facts) -> int:
    return len(words.split(facts.product["name_fr"]))
