"""The catalogue of translations: French in the sources, English in webmarket/locale.

With Babel, because Django's own commands need GNU gettext, which a new machine does not have.
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
from jinja2 import Environment
from jinja2.ext import extract_from_ast

ENGLISH = settings.BASE_DIR / "webmarket" / "locale" / "en" / "LC_MESSAGES" / "django.po"
SOURCES = ("apps", "webmarket")
TEMPLATE_SUFFIXES = {".html", ".txt", ".xml", ".svg"}
# Without dates, so that the file changes with the sentences only.
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
# Positions of the translated arguments of each call; (n, "c") is the context.
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
    """Our files that may contain a sentence to translate."""
    for folder in SOURCES:
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            parts = path.relative_to(settings.BASE_DIR).parts
            if "tests" in parts or "migrations" in parts:
                continue
            if path.suffix == ".py" or (path.suffix in TEMPLATE_SUFFIXES and {"templates", "jinja2"} & set(parts)):
                yield path


def extract() -> Catalog:
    """The sentences of the sources, each with the files that contain it."""
    found = Catalog(charset="utf-8", fuzzy=False)
    for path in sources():
        text = path.read_text()
        place = path.relative_to(settings.BASE_DIR)
        calls = _python if path.suffix == ".py" else _jinja2 if "jinja2" in place.parts else _django
        for arguments, strings in calls(text):
            _add(found, arguments, strings, str(place))
    return found


# Each yields the translating calls in a text, as (positions of KEYWORDS, string arguments).
Calls = Iterator[tuple[tuple | None, list[str]]]


def _django(text: str) -> Calls:
    """What Django makes of a template is no valid Python and is tokenised by Babel."""
    # Its indentation would confuse Babel's extractor.
    text = "\n".join(line.lstrip() for line in templatize(text).splitlines())
    for _line, function, strings, _comments in extract_python(io.BytesIO(text.encode()), list(KEYWORDS), (), UTF_8):
        yield KEYWORDS[function], [part for part in (strings if isinstance(strings, tuple) else (strings,)) if part]


def _jinja2(text: str) -> Calls:
    for _line, function, strings in extract_from_ast(Environment(autoescape=True).parse(text), KEYWORDS):
        yield KEYWORDS[function], [part for part in (strings if isinstance(strings, tuple) else (strings,)) if part]


def _python(text: str) -> Calls:
    """Parsed to a tree, which includes calls inside f-strings."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if function in KEYWORDS:
                strings = (part.value for part in node.args if isinstance(part, ast.Constant))
                yield KEYWORDS[function], [value for value in strings if isinstance(value, str)]


def _add(catalogue: Catalog, arguments: tuple | None, strings: list[str], place: str) -> None:
    context = strings.pop(0) if arguments and isinstance(arguments[0], tuple) and strings else None
    wanted = sum(isinstance(argument, int) for argument in arguments) if arguments else 1
    if len(strings) < wanted or not strings[0]:
        return
    sentence = tuple(strings[:2]) if wanted == 2 else strings[0]
    # Places without line numbers, so that moving code does not change the catalogue.
    catalogue.add(sentence, locations=[(place, None)], context=context)


def load() -> Catalog:
    if not ENGLISH.exists():
        return Catalog(locale="en", charset="utf-8", fuzzy=False, project="WebMarket+")
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en", charset="utf-8")


def update() -> Catalog:
    """Synchronise the English catalogue with the sources: add new sentences untranslated, remove dropped ones."""
    catalogue = load()
    catalogue.update(extract(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    with ENGLISH.open("wb") as file:
        file.write(HEADER)
        write_po(file, catalogue, width=110, sort_output=True, ignore_obsolete=True, omit_header=True)
    return catalogue


def problems() -> list[str]:
    """Errors of the English catalogue (missing, fuzzy, untranslated, wrong), one line each."""
    english = load()
    found = []
    for message in extract():
        if not message.id:
            continue
        message_id = message.id if isinstance(message.id, str) else message.id[0]
        translated = english.get(message.id, message.context)
        if translated is None:
            found.append(f"missing: {message_id!r}")
        elif translated.fuzzy:
            found.append(f"fuzzy: {message_id!r}")
        elif not _complete(translated.string):
            found.append(f"untranslated: {message_id!r}")
        else:
            found += [f"wrong: {message_id!r}: {error}" for error in translated.check(english)]
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
        # Replaced atomically: a concurrent process reads the old file or the new one.
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as file:
            write_mo(file, catalogue)
        os.replace(file.name, target)  # noqa: PTH105
        done += 1
    return done
