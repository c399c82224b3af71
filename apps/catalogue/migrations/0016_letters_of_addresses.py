"""Notes the present address of every product and rayon, and gives back the letters that addresses had lost.

Only addresses that were made from a name by the rule of before are renamed (« ufs-de-plein-air » of « Œufs de plein
air »); what somebody typed stays. The address of before keeps leading to the page.
"""

import time

from django.db import migrations
from django.utils.text import slugify

BATCH = 500
# Letters of a rayon's place in the tree that each level adds.
STEP = 4
LANGUAGES = ("fr", "en")
_PAIRS = (
    "œ=oe æ=ae ĳ=ij ß=ss ſ=s þ=th ŋ=ng ĸ=q ø=o ł=l đ=d ð=d ħ=h ŧ=t ı=i ŉ=n ƀ=b ɓ=b ɗ=d ƒ=f ɨ=i ƙ=k ƴ=y ʉ=u ə=e ɛ=e ɔ=o"
)
LETTERS = dict(pair.split("=") for pair in _PAIRS.split())
TABLE = str.maketrans(
    LETTERS | {"ẞ": "ss"} | {letter.upper(): text for letter, text in LETTERS.items() if len(letter.upper()) == 1}
)


def batches(rows, *columns):
    after = 0
    while batch := list(rows.filter(pk__gt=after).order_by("pk").values_list("pk", *columns)[:BATCH]):
        yield batch
        after = batch[-1][0]


def keep(addresses, kind, owner, triples):
    addresses.bulk_create(
        [
            addresses.model(kind=kind, language=language, slug=slug.lower(), **{owner: pk})
            for pk, language, slug in triples
        ],
        ignore_conflicts=True,
    )


def forms(name, code, *, with_letters):
    """What imports, the demo and the back office made of a name: whole, cut, or with the code behind."""
    name, code = (slugify(text.translate(TABLE) if with_letters else text) for text in (name, code))
    cuts = [name, name[:130].strip("-"), name[:120]]
    return [*cuts, *(f"{cut[:130]}-{code[:80]}".strip("-") for cut in cuts if code)]


def renamed(slug, name, code):
    """The address with its letters; None when it lost none, or was not made from the name."""
    for before, after in zip(
        forms(name, code, with_letters=False), forms(name, code, with_letters=True), strict=True
    ):
        if slug == before:
            return after if after and after != before else None
    return None


def renamed_below(slug, name, above):
    """A rayon whose own name was taken has its parent's address in front; `above` is that one, before and after."""
    before_above, after_above = above
    for before, after in zip(forms(name, "", with_letters=False), forms(name, "", with_letters=True), strict=True):
        if slug == f"{before_above}-{before}"[:130]:
            new = f"{after_above}-{after}"[:130]
            return new if new != slug else None
    return None


def free(addresses, kind, language, wanted, longest, pk, owner):
    tries = [wanted[:longest], *(f"{wanted[: longest - 4]}-{number}" for number in range(2, 100))]
    held = dict(addresses.filter(kind=kind, language=language, slug__in=tries).values_list("slug", owner))
    return next((slug for slug in tries if held.get(slug, pk) == pk), None)


def give_back(apps, alias, model, kind, owner, longest, code):
    rows = apps.get_model("catalogue", model)._base_manager.using(alias)
    addresses = apps.get_model("catalogue", "PageAddress")._base_manager.using(alias)
    cards = apps.get_model("catalogue", "ProductCard")._base_manager.using(alias)
    slugs = [f"slug_{language}" for language in LANGUAGES]
    for batch in batches(rows, *slugs):
        triples = [(pk, *pair) for pk, *found in batch for pair in zip(LANGUAGES, found, strict=True)]
        keep(addresses, kind, owner, triples)
    changed = 0
    # Of each rayon by its place in the tree: its French address before and after.
    trail = {}
    for batch in batches(rows, "name_fr", "name_en", code or "path", *slugs):
        for pk, name_fr, name_en, own, *found in batch:
            own_code = own if code else ""
            above = None if code else trail.get(own[:-STEP])
            if not code:
                trail[own] = (found[0], found[0])
            for language, slug, name in zip(LANGUAGES, found, (name_fr, name_en or name_fr), strict=True):
                wanted = renamed(slug, name, own_code)
                # An English address was often made from the French name.
                wanted = wanted or (renamed(slug, name_fr, own_code) if language == "en" else None)
                wanted = wanted or (renamed_below(slug, name_fr, above) if above else None)
                if not wanted or not (new := free(addresses, kind, language, wanted, longest, pk, owner)):
                    continue
                keep(addresses, kind, owner, [(pk, language, new)])
                rows.filter(pk=pk).update(**{f"slug_{language}": new})
                if kind == "PRODUCT":
                    cards.filter(pk=pk).update(**{f"slug_{language}": new})
                changed += 1
                if language == "fr" and not code:
                    trail[own] = (slug, new)
    return changed


def note_and_rename(apps, schema_editor):
    alias = schema_editor.connection.alias
    changed = give_back(apps, alias, "Category", "CATEGORY", "category_id", 140, None)
    changed += give_back(apps, alias, "Product", "PRODUCT", "product_id", 220, "code")
    if changed:
        apps.get_model("catalogue", "CatalogueRevision").objects.using(alias).filter(pk=1).update(
            number=time.time_ns()
        )


class Migration(migrations.Migration):
    # Read and written in batches, each by itself; a second run finds nothing to do.
    atomic = False
    dependencies = [("catalogue", "0015_addresses_of_pages")]
    # Back again, pages keep the addresses they have: those of before are forgotten with the table.
    operations = [migrations.RunPython(note_and_rename, migrations.RunPython.noop, elidable=False)]
