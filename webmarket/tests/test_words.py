"""Names in code keep to the field's terms: docs/glossary.md, « Words with one sense », and docs/conventions.md, 22."""

import ast
import re

import pytest
from django.conf import settings

# Each has several senses, or is a participle that does not say what it holds.
VAGUE = re.compile(
    r"address(?:es)?|digests?|draw(?:s|n|ings?)?|tells?|told|owe[ds]?|letters?|post(?:s|ed)?|forget(?:s|ting)?|forgotten"
    r"|made|shown|known|kept|said"
)
# Terms of the field or of the law, whole.
TERMS = re.compile(
    r"(?:e_?mail|ip|postal|electronic|page|filter)_address(?:es)?|canonical_addresses|dead_letters?|made_to_measure"
)
# Where one of them has the sense of the glossary.
SENSES = {
    # A postal address; where a resource stands in a plan of Terraform's.
    "address": (
        "deploy/platform_tests/rules/",
        "deploy/tests/",
        "apps/accounts/",
        "apps/shop/",
        "apps/checkout/services/place.py",
        "apps/delivery/kinds.py",
        "apps/backoffice/admin/users.py",
        "apps/orders/services/place.py",
        "apps/storefront/forms/",
        "apps/storefront/tests/",
        "apps/storefront/views/account.py",
    ),
    # The team's daily e-mail.
    "digest": ("apps/backoffice/prospects/lists.py", "apps/notifications/team.py", "apps/prospects/"),
    # A letter of the alphabet.
    "letter": (
        "apps/catalogue/listing/",
        "apps/catalogue/words.py",
        "apps/common/letters.py",
        "apps/common/tabular/",
        "apps/demo/catalogue/illustrations/lettering.py",
    ),
    # HTTP's method.
    "post": ("apps/storefront/http.py",),
}
# Names that Django, axes, botocore or Python look for.
CALLED = {"post", "_post_clean", "post_url_continue", "post_delete_access_attempt", "__post_init__"}
CALLED |= {"allow_reuse_address", "do_POST", "generate_presigned_post", "presigned_post"}
# What is stored or sent under this name.
STORED = {
    "apps/backoffice/board/saved_views.py": {"address", "clean_address"},  # the field of a form that is open in a page
    "apps/operations/services/lake/manifest.py": {"digest"},  # in the manifest of the lake
    "apps/prospects/models/prospect.py": {"consent_address"},  # in the export of personal data
    "apps/prospects/tasks.py": {"letter_id"},  # in messages that the release before has queued
}


def sources():
    """Our own code; migrations have the names of their release."""
    for folder in ("apps", "webmarket", "deploy"):
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if not path.is_file() or "migrations" in path.parts:
                continue
            if path.suffix == ".py" or (not path.suffix and b"python" in path.read_bytes()[:40]):
                yield path


def bound(tree: ast.AST):
    """Names that this module chooses; what it reads of others keeps theirs."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.arg(arg=name) | ast.ExceptHandler(name=str(name)) | ast.alias(asname=str(name)):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                yield name


def vague(name: str, place: str) -> list[str]:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    found = {word for word in TERMS.sub("", words).split("_") if VAGUE.fullmatch(word)}
    senses = [word for word, places in SENSES.items() if place.startswith(places)]
    return [word for word in found if not any(word.startswith(sense) for sense in senses)]


@pytest.fixture(scope="module")
def names() -> dict[str, set[str]]:
    """By file; the name of a test is a sentence."""
    return {
        str(path.relative_to(settings.BASE_DIR)): {
            name for name in (path.stem, *bound(ast.parse(path.read_bytes()))) if not name.startswith("test_")
        }
        for path in sources()
    }


def test_names_have_one_sense(names):
    found = {
        place: sorted(name for name in here - CALLED - STORED.get(place, set()) if vague(name, place))
        for place, here in names.items()
    }
    assert {place: here for place, here in found.items() if here} == {}


def test_each_exception_is_needed(names):
    assert {place: stored - names[place] for place, stored in STORED.items() if stored - names[place]} == {}
    assert {word for word, places in SENSES.items() for place in places if not _has(word, place, names)} == set()
    assert set().union(*names.values()) >= CALLED


def _has(word: str, place: str, names: dict[str, set[str]]) -> bool:
    return any(word in name.lower() for where, here in names.items() if where.startswith(place) for name in here)


def test_vague_names_are_found():
    tree = ast.parse("def tell(told_at, email_address): made = [shown for shown in told_at]; made.owed = 1")
    found = [name for name in bound(tree) if vague(name, "apps/x.py")]
    assert sorted(found) == ["made", "owed", "shown", "tell", "told_at"]
    assert vague("DeadLetterSeen", "x") == vague("Address", "apps/accounts/models.py") == []
