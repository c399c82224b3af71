"""Relevance of the search: the first five results of the judged queries, compared with what a person decided.

Recall: how much of what must be among the first five is. Precision: how much of what is among them is right.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import override

from apps.catalogue.listing import Filters, search
from apps.catalogue.models import Category, Product
from apps.catalogue.words import sort_key
from apps.common.translation import LANGUAGES

QUERIES = Path(__file__).parent / "queries.toml"
FIRST = 5


@dataclass(frozen=True)
class Judged:
    catalogue: str
    language: str
    text: str
    recall: float | None
    """None where nothing must be found."""
    precision: float | None
    """None where nothing was found."""
    missing: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    """Results of which the list says never: each is a failure."""


@dataclass
class Report:
    judged: list[Judged] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return _mean([each.recall for each in self.judged])

    @property
    def precision(self) -> float:
        return _mean([each.precision for each in self.judged])

    @property
    def forbidden(self) -> list[Judged]:
        return [each for each in self.judged if each.forbidden]

    def part(self, catalogue: str, language: str) -> "Report":
        return Report([each for each in self.judged if (each.catalogue, each.language) == (catalogue, language)])


def _mean(numbers: list[float | None]) -> float:
    counted = [number for number in numbers if number is not None]
    return sum(counted) / len(counted) if counted else 1.0


def queries(catalogue: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(language, query) of « demo », « invented » or « file »."""
    listed = tomllib.loads(QUERIES.read_text(encoding="utf-8"))[catalogue]
    for language in LANGUAGES:
        for query in listed.get(language, ()):
            yield language, query


def judge(catalogue: str) -> Report:
    """Of the shop that the database holds."""
    if catalogue == "demo":
        codes = dict(Product.objects.values_list("pk", "code"))
        return Report([_by_code(language, query, codes) for language, query in queries(catalogue)])
    facts = {language: _facts(language) for language in LANGUAGES}
    return Report([_by_rule(catalogue, language, query, facts[language]) for language, query in queries(catalogue)])


def _first(language: str, text: str) -> list[int]:
    with override(language):
        return [card.product_id for card in search(text, filters=Filters()).cards[:FIRST]]


def _by_code(language: str, query: dict[str, Any], codes: dict[int, str]) -> Judged:
    found = [codes[pk] for pk in _first(language, query["ask"])]
    must = query.get("must", [])
    right = {*must, *query.get("fine", ())}
    return _judged(
        "demo",
        language,
        query["ask"],
        wanted=len(must),
        missing=[code for code in must if code not in found],
        found=found,
        wrong=[code for code in found if code not in right],
        forbidden=[code for code in found if code in query.get("never", ())],
    )


def _by_rule(catalogue: str, language: str, query: dict[str, Any], facts: dict[int, str]) -> Judged:
    found = _first(language, query["ask"])
    every = [sort_of(text) for text in query["every"]]
    there = sum(_has(fact, every) for fact in facts.values())
    wrong = [pk for pk in found if not _has(facts[pk], every)]
    wanted = min(FIRST, there)
    right = min(len(found) - len(wrong), wanted)
    never = [sort_of(text) for text in query.get("never", ())]
    return _judged(
        catalogue,
        language,
        query["ask"],
        wanted=wanted,
        missing=["?"] * (wanted - right),
        found=[str(pk) for pk in found],
        wrong=[facts[pk].strip() for pk in wrong],
        forbidden=[facts[pk].strip() for pk in found if any(_has(facts[pk], [text]) for text in never)],
    )


def _judged(catalogue, language, text, *, wanted, missing, found, wrong, forbidden) -> Judged:
    return Judged(
        catalogue=catalogue,
        language=language,
        text=text,
        recall=(wanted - len(missing)) / wanted if wanted else None,
        precision=(len(found) - len(wrong)) / len(found) if found else None,
        missing=tuple(missing),
        wrong=tuple(wrong),
        forbidden=tuple(forbidden),
    )


def sort_of(text: str) -> str:
    """Folded words with a space on either side, so that « the » is not in « thermos »."""
    folded = " ".join(sort_key(part) for part in text.replace("’", "'").replace("'", " ").split())
    return f" {folded} "


def _has(fact: str, texts: list[str]) -> bool:
    return all(text.rstrip() in fact for text in texts)


def _facts(language: str) -> dict[int, str]:
    """What is true of each product in one text: name, brand, rayons, yes-attributes and sizes."""
    names: dict[int, str] = {}
    by_path = {}
    for pk, path, french, translated in Category.objects.values_list("pk", "path", "name_fr", f"name_{language}"):
        names[pk] = path
        by_path[path] = translated or french
    facts: dict[int, list[str]] = {}
    columns = ("pk", "name_fr", f"name_{language}", "brand__name", "category_id")
    for pk, french, translated, brand, category in Product.objects.visible().values_list(*columns):
        path = names[category]
        above = [by_path[path[:end]] for end in range(Category.steplen, len(path) + 1, Category.steplen)]
        facts[pk] = [translated or french, brand or "", *above]
    through = Product.objects.filter(attribute_values__attribute__kind="BOOLEAN", attribute_values__slug="oui")
    code, name = "attribute_values__attribute__code", f"attribute_values__attribute__name_{language}"
    for pk, short, long in through.values_list("pk", code, name):
        if pk in facts:
            facts[pk] += [short, long]
    sizes = Product.objects.values_list("pk", "variants__content_quantity", "variants__content_unit")
    for pk, quantity, unit in sizes:
        if pk in facts and quantity:
            facts[pk] += _sizes(int(quantity), unit)
    return {pk: sort_of(" ".join(texts)) for pk, texts in facts.items()}


def _sizes(quantity: int, unit: str) -> list[str]:
    small, large, centi = {"GRAM": ("g", "kg", ""), "MILLILITRE": ("ml", "l", "cl")}.get(unit, ("", "", ""))
    texts = [f"{quantity} {small}"]
    if large and quantity % 1000 == 0:
        texts.append(f"{quantity // 1000} {large}")
    if centi and quantity % 10 == 0:
        texts.append(f"{quantity // 10} {centi}")
    return texts
