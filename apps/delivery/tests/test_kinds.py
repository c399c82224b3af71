"""What follows from a kind of delivery is said by the kind: nobody else compares."""

import re

from django.conf import settings

from apps.delivery.kinds import Kind

SOURCES = {".py", ".html", ".txt", ".js", ".css"}


def test_no_source_names_a_kind():
    """Beside the kinds themselves. Styles and scripts of the checkout once did, and hid what a new kind asks for."""
    named = re.compile(rf"""["'=](?:{"|".join(Kind)})\b|\bKind\.(?:{"|".join(Kind.__members__)})\b""")
    sources = [
        path
        for path in (settings.BASE_DIR / "apps").rglob("*")
        if path.suffix in SOURCES and not {"tests", "migrations"} & set(path.parts) and path.name != "kinds.py"
    ]
    assert len(sources) > 500
    assert [str(path) for path in sources if named.search(path.read_text())] == []
