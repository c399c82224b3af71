import re
from pathlib import Path

import pytest
from django.conf import settings

from apps.common.letters import _PAIRS, slug_of


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Œufs de plein air", "oeufs-de-plein-air"),
        ("Lait, beurre et œufs", "lait-beurre-et-oeufs"),
        ("2 steaks hachés pur bœuf", "2-steaks-haches-pur-boeuf"),
        ("Cœur de laitue", "coeur-de-laitue"),
        ("Ex æquo", "ex-aequo"),
        ("Weißbier", "weissbier"),
        ("GROẞ", "gross"),
        ("Smørrebrød", "smorrebrod"),
        ("Łódź", "lodz"),
        ("Đakovo", "dakovo"),
        ("Þorramatur, ðá", "thorramatur-da"),
        ("Kırmızı", "kirmizi"),
        ("Pâté de campagne", "pate-de-campagne"),
        ("œ" * 3, "oeoeoe"),
        ("茶", ""),
    ],
)
def test_no_letter_is_lost(text, slug):
    assert slug_of(text) == slug
    assert slug_of(slug) == slug


def test_the_back_offices_script_has_the_same_letters():
    script = Path(settings.BASE_DIR, "apps/backoffice/static/backoffice/slugs.js").read_text()
    assert re.search(r'"(œ=oe [^"]+)"', script)[1] == _PAIRS


def test_nothing_else_makes_slugs():
    """Django's own slugify, called directly, leaves letters out."""
    users = [
        path
        for folder in ("apps", "webmarket")
        for path in Path(settings.BASE_DIR, folder).rglob("*.py")
        if "import slugify" in path.read_text() and "migrations" not in path.parts and path.name != "letters.py"
    ]
    assert [path for path in users if path.name != "test_letters.py"] == []
