"""How templates are written: lines that can be read, components that say what they need."""

from django.conf import settings

LINE = 120
SUFFIXES = {".html", ".svg", ".txt", ".xml"}


def templates():
    """Ours, as (path below the project, text). In an e-mail a line end is part of the message."""
    for folder in ("apps", "webmarket"):
        for path in sorted((settings.BASE_DIR / folder).glob("**/templates/**/*")):
            if path.suffix in SUFFIXES and "email" not in path.parts:
                yield path.relative_to(settings.BASE_DIR), path.read_text()


def test_no_line_is_longer_than_120_characters():
    lines = [(path, number, line) for path, text in templates() for number, line in enumerate(text.splitlines(), 1)]
    assert len(lines) > 4000
    assert [f"{path}:{number}" for path, number, line in lines if len(line) > LINE] == []


def test_a_component_says_what_it_needs_on_top():
    components = [(path, text) for path, text in templates() if "components" in path.parts and path.suffix == ".html"]
    assert len(components) > 10
    assert [str(path) for path, text in components if not text.startswith("{% comment %}")] == []
