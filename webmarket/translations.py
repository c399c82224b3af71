"""The catalogue of translations: French is what the sources say, English is in webmarket/locale.

Babel does what Django's own commands leave to GNU gettext, which a fresh machine does not have.
"""

import ast
import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ENGLISH = settings.BASE_DIR / "webmarket" / "locale" / "en" / "LC_MESSAGES" / "django.po"
SOURCES = ("apps", "webmarket")
TEMPLATE_SUFFIXES = {".html", ".txt", ".xml", ".svg"}
# Without dates: a catalogue changes when its sentences do.
HEADER = rb"""# The shop's English: written, not translated word for word. `make messages` brings it in step.
msgid ""
msgstr ""
"Language: en\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

"""
UTF_8 = {"encoding": "utf-8"}
# Which arguments of each call are translated; (n, "c") is the context.
KEYWORDS: dict[str, tuple | None] = {
    name + suffix: arguments
    for name, arguments in {
        "_": None,
        "gettext": None,
        "ngettext": (1, 2),
        "pgettext": ((1, "c"), 2),
        "npgettext": ((1, "c"), 2, 3),
    }.items()
    for suffix in ("", "_lazy", "_noop")
}


def sources() -> Iterator[Path]:
    """Every file of ours that may hold a sentence to translate."""
    for folder in SOURCES:
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            parts = path.relative_to(settings.BASE_DIR).parts
            if "tests" in parts or "migrations" in parts:
                continue
            if path.suffix == ".py" or (path.suffix in TEMPLATE_SUFFIXES and "templates" in parts):
                yield path


def extract() -> Catalog:
    """The sentences of the sources, each with the places that say it."""
    found = Catalog(charset="utf-8", fuzzy=False)
    for path in sources():
        text = path.read_text()
        if path.suffix != ".py":
            # Django turns a template into calls; their indentation means nothing and would confuse Python's reader.
            text = "\n".join(line.lstrip() for line in templatize(text).splitlines())
        place = str(path.relative_to(settings.BASE_DIR))
        for arguments, said in _calls(text, python=path.suffix == ".py"):
            _add(found, arguments, said, place)
    return found


def _calls(text: str, *, python: bool) -> Iterator[tuple[tuple | None, list[str]]]:
    """The translating calls of a text, with the strings that each is given.

    Python is read as a tree, which also sees the calls inside f-strings. What Django makes of a template is a row of
    calls among fragments of text, which only a reader of words understands.
    """
    if not python:
        for _line, function, said, _comments in extract_python(io.BytesIO(text.encode()), list(KEYWORDS), (), UTF_8):
            yield KEYWORDS[function], [part for part in (said if isinstance(said, tuple) else (said,)) if part]
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if function in KEYWORDS:
                strings = (part.value for part in node.args if isinstance(part, ast.Constant))
                yield KEYWORDS[function], [value for value in strings if isinstance(value, str)]


def _add(catalogue: Catalog, arguments: tuple | None, said: list[str], place: str) -> None:
    context = said.pop(0) if arguments and isinstance(arguments[0], tuple) and said else None
    wanted = sum(isinstance(argument, int) for argument in arguments) if arguments else 1
    if len(said) < wanted or not said[0]:
        return
    sentence = tuple(said[:2]) if wanted == 2 else said[0]
    # Places without line numbers, so that moving code does not change the catalogue.
    catalogue.add(sentence, locations=[(place, None)], context=context)


def load() -> Catalog:
    if not ENGLISH.exists():
        return Catalog(locale="en", charset="utf-8", fuzzy=False, project="WebMarket+")
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en", charset="utf-8")


def update() -> Catalog:
    """Bring the English catalogue in step with the sources: new sentences untranslated, dropped ones removed."""
    catalogue = load()
    catalogue.update(extract(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    with ENGLISH.open("wb") as file:
        file.write(HEADER)
        write_po(file, catalogue, width=110, sort_output=True, ignore_obsolete=True, omit_header=True)
    return catalogue


def problems() -> list[str]:
    """What keeps the English catalogue from being complete and right, a line for each."""
    english = load()
    found = []
    for message in extract():
        if not message.id:
            continue
        shown = message.id if isinstance(message.id, str) else message.id[0]
        translated = english.get(message.id, message.context)
        if translated is None:
            found.append(f"missing: {shown!r}")
        elif translated.fuzzy:
            found.append(f"fuzzy: {shown!r}")
        elif not _complete(translated.string):
            found.append(f"untranslated: {shown!r}")
        else:
            found += [f"wrong: {shown!r}: {error}" for error in translated.check(english)]
    return found


def _complete(string: object) -> bool:
    return all(string) if isinstance(string, (tuple, list)) else bool(string)


def compile_all() -> int:
    """Compile every catalogue that is newer than its compiled form; returns how many were."""
    done = 0
    for path in sorted(settings.BASE_DIR.glob("webmarket/locale/*/LC_MESSAGES/*.po")):
        target = path.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns > path.stat().st_mtime_ns:
            continue
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.parts[-3])
        # Another process may read or compile at this moment; it sees the old file or the new one, never a part.
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as file:
            write_mo(file, catalogue)
        os.replace(file.name, target)  # noqa: PTH105
        done += 1
    return done
