"""Keeps what pages are read from: cards, rayon entries, facet counts, search documents and vocabulary.

Whoever changes a product, a variant, an image, a price or what shoppers see of the stock calls `refresh_listing` in the
same transaction.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from html import unescape
from typing import Any, NamedTuple

from django.db import connection, models, transaction

from apps.catalogue import words
from apps.catalogue.models import (
    Attribute,
    AttributeValue,
    Category,
    FacetCount,
    ListingEntry,
    PageAddress,
    Product,
    ProductCard,
    ProductImage,
    SearchDocument,
    SearchPosting,
    SearchWord,
    Variant,
)
from apps.catalogue.postings import posting_place
from apps.catalogue.price_ranges import range_of
from apps.catalogue.services.revision import bump_revision
from apps.common.translation import DEFAULT_LANGUAGE, LANGUAGES

CHUNK = 500
BODY_CHARACTERS = 2000
# Values of yes-or-no characteristics that are no.
NO = frozenset({"non", "no", "faux", "false", "0"})
_INDEXED_UNITS = {Variant.ContentUnit.GRAM: "g", Variant.ContentUnit.MILLILITRE: "ml"}
MARK = "__2"
"""Every document's first token: how documents are written. Another number, and `renew_search` writes them anew."""
TEXTS = ("name", "body")
Kind = FacetCount.Kind


def refresh_listing(*, product_ids: Iterable[int]) -> None:
    """Bring all that is read by pages up to date with these products; a repeat changes nothing.

    Products that a shopper may not see any more disappear. Bulk work: about ten queries for each 500 products. Locks
    the cards in pk order, then adds to counters in key order; so hold stock and price locks before calling.
    """
    ids = sorted(set(product_ids))
    if not ids:
        return
    with transaction.atomic():
        new_words = False
        for start in range(0, len(ids), CHUNK):
            new_words |= _refresh(ids[start : start + CHUNK])
        bump_revision(vocabulary=new_words)


def refresh_category(*, category_id: int) -> None:
    """After a rayon was moved, tinted, shown or hidden: refresh every product in it and under it."""
    category = Category.objects.get(pk=category_id)
    refresh_listing(
        product_ids=Product.objects.filter(category__path__startswith=category.path).values_list("pk", flat=True)
    )
    bump_revision()


def show_new_addresses(*, kind: str, ids: Sequence[int]) -> None:
    """After pages were given another address: links to them are on cards and in menus."""
    with transaction.atomic():
        if kind == PageAddress.Kind.PRODUCT:
            refresh_listing(product_ids=ids)
        bump_revision()


def refresh_brand(*, brand_id: int) -> None:
    """After a brand was renamed: its name is on cards and is searched for."""
    refresh_listing(product_ids=Product.objects.filter(brand=brand_id).values_list("pk", flat=True))


def products_with_attribute(attribute_ids: Iterable[int]) -> set[int]:
    return set(Product.objects.filter(attribute_values__attribute__in=attribute_ids).values_list("pk", flat=True))


def rebuild_listing() -> int:
    """Write everything anew, counters included; returns the number of products. For repair and after bulk loads."""
    ids = list(Product.objects.order_by("pk").values_list("pk", flat=True))
    with transaction.atomic():
        for model in (FacetCount, SearchWord, SearchPosting, ListingEntry, SearchDocument, ProductCard):
            model.objects.all().delete()
        refresh_listing(product_ids=ids)
        bump_revision(vocabulary=True)
    return len(ids)


@dataclass
class _Facts:
    """What pages show of one product."""

    product: dict[str, Any]
    variants: list[dict[str, Any]] = field(default_factory=list)
    image: dict[str, Any] | None = None
    values: list[int] = field(default_factory=list)
    characteristics: list[dict[str, Any]] = field(default_factory=list)
    place: "_Place" = field(default_factory=lambda: _Place((), "", ()))

    @property
    def categories(self) -> Sequence[int]:
        return self.place.ids


class _Place(NamedTuple):
    """A visible rayon: its primary key after those above it, its tint, and their names, (French, English)."""

    ids: tuple[int, ...]
    tint: str
    names: tuple[tuple[str, str], ...]


def _refresh(ids: Sequence[int]) -> bool:
    """True when the vocabulary has gained or lost a word."""
    before = Counter(tuple(key) for counted in _locked(ids).values() for key in counted)
    documents = {document.pk: document for document in SearchDocument.objects.filter(pk__in=ids)}
    facts = {product.product["id"]: product for product in _read(ids)}
    gone = [product_id for product_id in ids if product_id not in facts]
    if gone:
        for model in (ProductCard, ListingEntry, SearchDocument, SearchPosting):
            model.objects.filter(product__in=gone).delete()
    cards_now = [_card(product) for product in facts.values()]
    _upsert(ProductCard, cards_now, key=["product"])
    _write_entries([entry for product in facts.values() for entry in _entries(product)], ids)
    differences = Counter(tuple(key) for card in cards_now for key in card.counted)
    differences.subtract(before)
    _forget_deleted(differences)
    _add(
        FacetCount,
        key=("category_id", "kind", "key"),
        counters=("count",),
        rows=[
            {
                **dict(zip(("category_id", "kind", "key"), key, strict=True)),
                "brand_id": key[2] if key[1] == Kind.BRAND else None,
                "value_id": key[2] if key[1] == Kind.ATTRIBUTE else None,
                "count": difference,
            }
            for key, difference in sorted(differences.items())
            if difference
        ],
    )
    texts = {product_id: _texts(product) for product_id, product in facts.items()}
    documents_now = [_document(facts[product_id], texts[product_id]) for product_id in facts]
    _write_documents(documents_now, documents)
    _write_postings([posting for pk in facts for posting in _postings(facts[pk], texts[pk])], list(facts))
    return _count_words(documents.values(), documents_now, texts)


def _forget_deleted(differences: Counter[tuple[int, ...]]) -> None:
    """What is not counted any more may have been deleted, and its counts with it."""
    lost = {key[2] for key, difference in differences.items() if difference < 0 and key[1] == Kind.ATTRIBUTE}
    if lost:
        lost -= set(AttributeValue.objects.filter(pk__in=lost).values_list("pk", flat=True))
        for key in [key for key in differences if key[1] == Kind.ATTRIBUTE and key[2] in lost]:
            del differences[key]


def _locked(ids: Sequence[int]) -> dict[int, list[list[int]]]:
    """What each product's card has counted. Serialises two refreshes of one product: each counts the difference to
    what the other left. A product that has no card is locked itself: until then two could write its first one.
    """
    cards = ProductCard.objects.order_by("pk").select_for_update()
    counted: dict[int, list[list[int]]] = dict(cards.filter(pk__in=ids).values_list("pk", "counted"))
    bare = [product_id for product_id in ids if product_id not in counted]
    if bare:
        list(Product.objects.filter(pk__in=bare).order_by("pk").select_for_update().values_list("pk"))
        counted.update(cards.filter(pk__in=bare).values_list("pk", "counted"))
    return counted


def differing_documents(ids: Sequence[int]) -> list[int]:
    """Of these products, those whose document is not what it should be: another text, none, or one too many."""
    held = {pk: tuple(texts) for pk, *texts in SearchDocument.objects.filter(pk__in=ids).values_list("pk", *TEXTS)}
    wanted = {product.product["id"]: _document(product, _texts(product)) for product in _read(ids)}
    return [
        pk
        for pk in ids
        if held.get(pk) != (tuple(getattr(wanted[pk], name) for name in TEXTS) if pk in wanted else None)
    ]


# --- Reading the facts ------------------------------------------------------------------------------------------------
def _read(ids: Sequence[int]) -> Iterator[_Facts]:
    """The visible products among these with at least one variant on sale."""
    places = _visible_places()
    facts: dict[int, _Facts] = {}
    columns = [
        *("id", "category_id", "brand_id", "brand__name", "name_fr", "name_en", "slug_fr", "slug_en"),
        *("description_fr", "description_en", "origin_fr", "origin_en", "popularity", "published_at", "created_at"),
        *("opinion__ratings", "opinion__rating_sum"),
    ]
    for product in Product.objects.visible().filter(pk__in=ids).order_by("pk").values(*columns):
        product["published_at"] = product["published_at"] or product["created_at"]
        if product["category_id"] in places:
            facts[product["id"]] = _Facts(product, place=places[product["category_id"]])
    variants = Variant.objects.filter(product__in=list(facts), is_active=True).order_by("position", "pk")
    for variant in variants.values(
        *("product_id", "sku", "ean13", "price", "reference_price", "content_quantity", "content_unit"),
        *(f"option{n}_{tongue}" for n in "123" for tongue in ("fr", "en")),
        *("stock__on_hand", "stock__reserved", "stock__low_threshold"),
    ):
        facts[variant["product_id"]].variants.append(variant)
    images = ProductImage.objects.filter(product__in=list(facts), state=ProductImage.State.READY).exclude(file="")
    for image in images.order_by("product", "position", "pk").values(
        "product_id", "file", "renditions", "width", "height", "alt_fr", "alt_en"
    ):
        picture: dict[str, Any] = dict(image)
        of_product = facts[picture.pop("product_id")]
        of_product.image = of_product.image or picture
    values = AttributeValue.objects.filter(products__in=list(facts))
    for value in values.values(
        *("products", "pk", "slug", "label_fr", "label_en", "attribute__kind", "attribute__is_facet"),
        *("attribute__code", "attribute__name_fr", "attribute__name_en"),
    ):
        if of_value := facts.get(value["products"]):
            of_value.characteristics.append(value)
            if value["attribute__is_facet"]:
                of_value.values.append(value["pk"])
    return (product for product in facts.values() if product.variants)


def _visible_places() -> dict[int, _Place]:
    """Each rayon that is visible with all those above it."""
    places: dict[str, _Place] = {"": _Place((), "", ())}
    result = {}
    columns = ("pk", "path", "is_visible", "tint", "name_fr", "name_en")
    for pk, path, is_visible, tint, french, english in Category.objects.order_by("path").values_list(*columns):
        above = places.get(path[: -Category.steplen])
        if is_visible and above is not None:
            names = (*above.names, (french, english or french))
            places[path] = result[pk] = _Place((*above.ids, pk), tint or above.tint, names)
    return result


# --- Cards ------------------------------------------------------------------------------------------------------------
def _pieces(variant: dict[str, Any]) -> int:
    return (variant["stock__on_hand"] or 0) - (variant["stock__reserved"] or 0)


def _cheapest(facts: _Facts) -> dict[str, Any]:
    """The variant whose price stands on the card: the cheapest one in stock, else the cheapest."""
    return min(facts.variants, key=lambda variant: (_pieces(variant) <= 0, variant["price"]))


def _pieces_left(facts: _Facts) -> int | None:
    """Pieces of all variants when that is few enough to be said, else None."""
    if any(_pieces(variant) > (variant["stock__low_threshold"] or 0) for variant in facts.variants):
        return None
    return sum(max(0, _pieces(variant)) for variant in facts.variants)


def _card(facts: _Facts) -> ProductCard:
    product, cheapest = facts.product, _cheapest(facts)
    unit_price = Variant(
        price=cheapest["price"],
        content_quantity=cheapest["content_quantity"],
        content_unit=cheapest["content_unit"],
    ).unit_price
    return ProductCard(
        product_id=product["id"],
        category_id=product["category_id"],
        brand_id=product["brand_id"],
        brand_name=product["brand__name"] or "",
        name_fr=product["name_fr"],
        name_en=product["name_en"] or product["name_fr"],
        slug_fr=product["slug_fr"],
        slug_en=product["slug_en"],
        price=cheapest["price"],
        price_varies=any(variant["price"] != cheapest["price"] for variant in facts.variants),
        reference_price=cheapest["reference_price"],
        unit_price=unit_price,
        content_unit=cheapest["content_unit"] if unit_price is not None else "",
        sku=cheapest["sku"] if len(facts.variants) == 1 else "",
        in_stock=_in_stock(facts),
        pieces_left=_pieces_left(facts),
        picture=facts.image or {},
        tint=facts.place.tint,
        ratings=product["opinion__ratings"] or 0,
        rating_sum=product["opinion__rating_sum"] or 0,
        popularity=product["popularity"],
        published_at=product["published_at"],
        counted=_counted(facts),
    )


def _in_stock(facts: _Facts) -> bool:
    return any(_pieces(variant) > 0 for variant in facts.variants)


# --- Entries and counts -----------------------------------------------------------------------------------------------
def _entries(facts: _Facts) -> Iterator[ListingEntry]:
    product, price = facts.product, _cheapest(facts)["price"]
    keys = {
        "name_key_fr": words.sort_key(product["name_fr"]),
        "name_key_en": words.sort_key(product["name_en"] or product["name_fr"]),
    }
    for category_id in facts.categories:
        yield ListingEntry(
            category_id=category_id,
            product_id=product["id"],
            brand_id=product["brand_id"],
            price=price,
            price_range=range_of(price),
            in_stock=_in_stock(facts),
            popularity=product["popularity"],
            published_at=product["published_at"],
            **keys,
        )


def _write_entries(entries: Sequence[ListingEntry], ids: Sequence[int]) -> None:
    kept = {(entry.category_id, entry.product_id) for entry in entries}
    stale = [
        pk
        for pk, *key in ListingEntry.objects.filter(product__in=ids).values_list("pk", "category_id", "product_id")
        if tuple(key) not in kept
    ]
    if stale:
        ListingEntry.objects.filter(pk__in=stale).delete()
    _upsert(ListingEntry, entries, key=["category", "product"])


def _counted(facts: _Facts) -> list[list[int]]:
    """What the product adds to the counts, as [category, kind, key]."""
    keys = [(Kind.ALL, 0), (Kind.PRICE, range_of(_cheapest(facts)["price"]))]
    if _in_stock(facts):
        keys.append((Kind.AVAILABILITY, 1))
    if facts.product["brand_id"]:
        keys.append((Kind.BRAND, facts.product["brand_id"]))
    keys += [(Kind.ATTRIBUTE, value_id) for value_id in facts.values]
    return [[category, int(kind), key] for category in facts.categories for kind, key in keys]


# --- Search -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Text:
    """A product's words in one language."""

    name: list[words.Word]
    about: list[words.Word]
    description: list[words.Word]


_Texts = dict[str, _Text]
_LISTS = re.compile(r",|/|&|\b(?:et|and)\b")


def _texts(facts: _Facts) -> _Texts:
    return {language: _text(facts, language) for language in LANGUAGES}


def _text(facts: _Facts, language: str) -> _Text:
    """What was not translated is French, but for the description: what is long is only indexed where it is read."""
    product = facts.product

    def said(row: dict[str, Any], column: str) -> list[words.Word]:
        written_in = language if row[f"{column}_{language}"] else DEFAULT_LANGUAGE
        return words.telling(words.split_indexed(row[f"{column}_{written_in}"]), written_in)

    named = said(product, "name")
    codes = [code for variant in facts.variants for code in (variant["sku"], variant["ean13"]) if code]
    about = [*_rayons(facts.place, named, language), *said(product, "origin")]
    for value in facts.characteristics:
        if value["attribute__kind"] != Attribute.Kind.BOOLEAN:
            about += said(value, "label")
        elif value["slug"] not in NO:
            about += [*said(value, "attribute__name"), *words.split(value["attribute__code"])]
    for variant in facts.variants:
        for number in "123":
            about += said(variant, f"option{number}")
        if unit := _INDEXED_UNITS.get(variant["content_unit"]):
            about += words.split(words.quantity(variant["content_quantity"] or Decimal(0), unit))
    description = _plain(product[f"description_{language}"][:BODY_CHARACTERS])
    return _Text(
        name=[
            *named,
            *words.telling(words.split(product["brand__name"] or ""), language),
            *(word for code in codes for word in words.split_code(code)),
        ],
        about=about,
        description=words.telling(words.split_indexed(description), language),
    )


def _rayons(place: _Place, named: Sequence[words.Word], language: str) -> Iterator[words.Word]:
    """The words of the rayons' names. « Lait, beurre et œufs » lists several things: what a product's own name or a
    rayon further down says that it is, it is, and not the others."""
    known = {word.stem for word in named}
    for name in reversed([names[LANGUAGES.index(language)] for names in place.names]):
        things = [words.telling(words.split(part), language) for part in _LISTS.split(name) if part.strip()]
        meant = [thing for thing in things if known.intersection(word.stem for word in thing)] or things
        for thing in meant:
            known.update(word.stem for word in thing)
            yield from thing


def _plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", " ", html))


def _document(facts: _Facts, texts: _Texts) -> SearchDocument:
    price = _cheapest(facts)["price"]
    return SearchDocument(
        product_id=facts.product["id"],
        name=" ".join([MARK, *(token for text in texts for token in words.index_text(texts[text].name, text))]),
        body=" ".join(dict.fromkeys(token for text in texts for token in _body(texts[text], text))),
        length=_length(facts),
        in_stock=_in_stock(facts),
        popularity=facts.product["popularity"],
        brand_id=facts.product["brand_id"],
        price=price,
        price_range=range_of(price),
        published_at=facts.product["published_at"],
        name_key=words.sort_key(facts.product["name_fr"]),
        name_key_en=words.sort_key(facts.product["name_en"] or facts.product["name_fr"]),
    )


def _body(text: _Text, language: str) -> list[str]:
    keywords = words.index_text([*text.name, *text.about], language, words.KEYWORD)
    return [*keywords, *words.index_text([*text.about, *text.description], language)]


def _length(facts: _Facts) -> int:
    return len(words.split(facts.product["name_fr"]))


def _write_documents(documents: Sequence[SearchDocument], held: dict[int, SearchDocument]) -> None:
    """Writes what differs from what is `held`, and a changed text as a new row.

    Never with ON DUPLICATE KEY UPDATE: of the rows whose text one such statement inserts or changes, InnoDB's FULLTEXT
    index gets only those after the last update (seen on MySQL 9.7), without an error. An INSERT, an UPDATE or a DELETE
    of many rows fills it.
    """
    rest = [column.attname for column in SearchDocument._meta.concrete_fields if not column.primary_key]
    rest = [name for name in rest if name not in TEXTS]
    written, changed = [], []
    for document in documents:
        before = held.get(document.pk)
        if before is None or any(getattr(before, name) != getattr(document, name) for name in TEXTS):
            written.append(document)
        elif any(getattr(before, name) != getattr(document, name) for name in rest):
            changed.append(document)
    stale = [document.pk for document in written if document.pk in held]
    if stale:
        SearchDocument.objects.filter(pk__in=stale).delete()
    SearchDocument.objects.bulk_create(written, batch_size=CHUNK)
    if changed:
        SearchDocument.objects.bulk_update(changed, [name.removesuffix("_id") for name in rest], batch_size=CHUNK)


def _postings(facts: _Facts, texts: _Texts) -> Iterator[SearchPosting]:
    place = posting_place(in_stock=_in_stock(facts), popularity=facts.product["popularity"], length=_length(facts))
    spelt: dict[str, str] = {}
    for language, text in texts.items():
        for word in text.name:
            if words.is_word(word.stem):
                spelt.setdefault(words.known_as(word.stem, language), word.accents)
    for stem, accents in spelt.items():
        yield SearchPosting(
            word=stem,
            product_id=facts.product["id"],
            place=place,
            brand_id=facts.product["brand_id"],
            price_range=range_of(_cheapest(facts)["price"]),
            accents=accents,
        )


def _write_postings(postings: Sequence[SearchPosting], ids: Sequence[int]) -> None:
    """Only what differs is written: most refreshes are for a price or a picture, and change none."""
    columns = ("word", "product_id", "place", "brand_id", "price_range", "accents")
    wanted = {tuple(getattr(each, column) for column in columns): each for each in postings}
    stale = []
    for pk, *kept in SearchPosting.objects.filter(product__in=ids).values_list("pk", *columns):
        if wanted.pop(tuple(kept), None) is None:
            stale.append(pk)
    if stale:
        SearchPosting.objects.filter(pk__in=stale).delete()
    SearchPosting.objects.bulk_create(wanted.values(), batch_size=4 * CHUNK)


def _vocabulary_of(document: SearchDocument) -> tuple[set[str], set[str]]:
    """Its words as the vocabulary knows them: of the name, rayons and characteristics; of everything else as well."""
    names: set[str] = set()
    bodies: set[str] = set()
    for token in [*document.name.split(), *document.body.split()]:
        if read := words.read_token(token):
            (names if read[0] == words.KEYWORD else bodies).add(read[1])
    return names, bodies


def _count_words(before: Iterable[SearchDocument], after: Iterable[SearchDocument], texts: dict[int, _Texts]) -> bool:
    """Add to the vocabulary what the documents have gained or lost; True when a word came or went."""
    names: Counter[str] = Counter()
    bodies: Counter[str] = Counter()
    for document in after:
        for counter, found in zip((names, bodies), _vocabulary_of(document), strict=True):
            counter.update(found)
    for document in before:
        for counter, found in zip((names, bodies), _vocabulary_of(document), strict=True):
            counter.subtract(found)
    written = {
        words.known_as(word.stem, language): word.written
        for of_product in texts.values()
        for language, text in of_product.items()
        for word in (*text.description, *text.about, *text.name)
    }
    changed = {stem: (names[stem], bodies[stem]) for stem in {*names, *bodies} if names[stem] or bodies[stem]}
    if not changed:
        return False
    known = set(SearchWord.objects.filter(word__in=list(changed)).values_list("word", flat=True))
    rows = [
        {"word": stem, "written": written.get(stem, stem), "names": in_names, "bodies": in_bodies}
        for stem, (in_names, in_bodies) in sorted(changed.items())
    ]
    _add(SearchWord, key=("word",), counters=("names", "bodies"), rows=rows)
    fewer = [stem for stem, counts in changed.items() if min(counts) < 0]
    gone = fewer and SearchWord.objects.filter(word__in=fewer, names__lte=0, bodies__lte=0).delete()[0]
    return bool(gone) or len(known) < len(changed)


# --- Bulk writes that both databases know -----------------------------------------------------------------------------
def _upsert(model: type[models.Model], rows: Sequence[models.Model], *, key: Sequence[str]) -> None:
    """Insert these rows, or update all columns of those whose unique `key` exists. Not for a table with a FULLTEXT
    index: see `_write_documents`."""
    if not rows:
        return
    changed = [column.name for column in model._meta.concrete_fields if column.name not in key and column.name != "id"]
    model._default_manager.bulk_create(
        rows,
        batch_size=CHUNK,
        update_conflicts=True,
        update_fields=changed,
        unique_fields=key if connection.features.supports_update_conflicts_with_target else None,
    )


def _add(
    model: type[models.Model], *, key: Sequence[str], counters: Sequence[str], rows: Sequence[dict[str, Any]]
) -> None:
    """`counter = counter + value` where the unique `key` exists, otherwise insert the row. Rows come in key order.

    The ORM can only set a value on conflict: of two transactions that count at once, one would be lost.
    """
    quote = connection.ops.quote_name
    if connection.vendor == "mysql":
        conflict, added = "ON DUPLICATE KEY UPDATE", "VALUES({})"
    else:
        conflict, added = f"ON CONFLICT ({', '.join(map(quote, key))}) DO UPDATE SET", "excluded.{}"
    sums = ", ".join(f"{quote(name)} = {quote(name)} + {added.format(quote(name))}" for name in counters)
    table = quote(model._meta.db_table)
    with connection.cursor() as cursor:
        for start in range(0, len(rows), CHUNK):
            batch = rows[start : start + CHUNK]
            columns = ", ".join(map(quote, batch[0]))
            places = ", ".join([f"({', '.join(['%s'] * len(batch[0]))})"] * len(batch))
            cursor.execute(
                f"INSERT INTO {table} ({columns}) VALUES {places} {conflict} {sums}",  # noqa: S608
                [value for row in batch for value in row.values()],
            )
