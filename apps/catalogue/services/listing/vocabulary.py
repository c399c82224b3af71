"""Rows of SearchWord: in how many products each word occurs."""

from collections import Counter
from collections.abc import Iterable

from apps.catalogue import words
from apps.catalogue.models import SearchDocument, SearchWord
from apps.catalogue.services.listing.bulk import add
from apps.catalogue.services.listing.texts import Texts


def _vocabulary_of(document: SearchDocument) -> tuple[set[str], set[str]]:
    """The keys of its words in the vocabulary: of the name, rayons and characteristics; of all its text."""
    names: set[str] = set()
    bodies: set[str] = set()
    for token in [*document.name.split(), *document.body.split()]:
        if read := words.read_token(token):
            (names if read[0] == words.KEYWORD else bodies).add(read[1])
    return names, bodies


def count_words(before: Iterable[SearchDocument], after: Iterable[SearchDocument], texts: dict[int, Texts]) -> bool:
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
        words.vocabulary_key(word.stem, language): word.written
        for of_product in texts.values()
        for language, text in of_product.items()
        for word in (*text.description, *text.about, *text.name)
    }
    changed = {stem: (names[stem], bodies[stem]) for stem in {*names, *bodies} if names[stem] or bodies[stem]}
    if not changed:
        return False
    existing_words = set(SearchWord.objects.filter(word__in=list(changed)).values_list("word", flat=True))
    rows = [
        {"word": stem, "written": written.get(stem, stem), "names": in_names, "bodies": in_bodies}
        for stem, (in_names, in_bodies) in sorted(changed.items())
    ]
    add(SearchWord, key=("word",), counters=("names", "bodies"), rows=rows)
    fewer = [stem for stem, counts in changed.items() if min(counts) < 0]
    gone = fewer and SearchWord.objects.filter(word__in=fewer, names__lte=0, bodies__lte=0).delete()[0]
    return bool(gone) or len(existing_words) < len(changed)
