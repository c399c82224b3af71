import gettext

import pytest

from webmarket import translations


@pytest.fixture
def sources(settings, tmp_path, monkeypatch):
    """Sources of the test's own, with an empty English catalogue."""
    settings.BASE_DIR = tmp_path
    monkeypatch.setattr(translations, "ENGLISH", tmp_path / "webmarket/locale/en/LC_MESSAGES/django.po")
    templates = tmp_path / "apps" / "basket" / "templates"
    templates.mkdir(parents=True)
    (templates / "basket.html").write_text(
        '{% load i18n %}\n  {% if x %}<h1 title="l\'été">{% translate "Votre panier" %}</h1>{% endif %}\n'
        "{% blocktranslate count n=n trimmed %}{{ n }} article{% plural %}{{ n }} articles{% endblocktranslate %}"
    )
    components = tmp_path / "apps" / "basket" / "jinja2"
    components.mkdir()
    (components / "line.html").write_text(
        '<p title="{{ _("retirer") }}">{# l’article #}\n{% if x %}{{ ngettext("%(n)s pièce", "%(n)s pièces", n)\n'
        '  % {"n": n} }}{% endif %}'
    )
    (tmp_path / "apps" / "basket" / "models.py").write_text(
        'from django.utils.translation import gettext_lazy as _, pgettext\nname = _("panier")\n'
        'month = pgettext("date", "mai")\nshort = _("il reste %(count)d") % {"count": 2}\n'
        "link = f'<a>{_(\"accueil\")}</a>'\n"
    )
    return tmp_path


def translate(text: str) -> None:
    translations.ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    translations.ENGLISH.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n' + text)


COMPLETE = """
msgid "Votre panier"
msgstr "Your basket"

msgid "%(n)s article"
msgid_plural "%(n)s articles"
msgstr[0] "%(n)s item"
msgstr[1] "%(n)s items"

msgid "retirer"
msgstr "remove"

msgid "%(n)s pièce"
msgid_plural "%(n)s pièces"
msgstr[0] "%(n)s piece"
msgstr[1] "%(n)s pieces"

msgid "panier"
msgstr "basket"

msgid "accueil"
msgstr "home"

msgctxt "date"
msgid "mai"
msgstr "May"

#, python-format
msgid "il reste %(count)d"
msgstr "%(count)d left"
"""


def test_every_sentence_of_code_and_templates_is_wanted(sources):
    assert len(translations.problems()) == 8


def test_a_complete_catalogue_has_no_problem(sources):
    translate(COMPLETE)
    assert translations.problems() == []


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ('msgstr "basket"', 'msgstr ""', "untranslated: 'panier'"),
        ('msgstr[1] "%(n)s items"', 'msgstr[1] ""', "untranslated: '%(n)s article'"),
        ('msgid "panier"', '#, fuzzy\nmsgid "panier"', "fuzzy: 'panier'"),
        ('msgctxt "date"\n', "", "missing: 'mai'"),
        ('"%(count)d left"', '"%(number)d left"', "wrong: 'il reste %(count)d'"),
    ],
)
def test_a_gap_is_named(sources, before, after, problem):
    translate(COMPLETE.replace(before, after))
    assert [found.startswith(problem) for found in translations.problems()] == [True]


def test_updating_keeps_what_is_translated_and_drops_what_nobody_says(sources):
    translate('msgid "panier"\nmsgstr "basket"\n\nmsgid "oublié"\nmsgstr "forgotten"\n')
    translations.update()
    catalogue = translations.load()
    assert len(catalogue) == 8
    assert catalogue.get("panier").string == "basket"
    assert "oublié" not in translations.ENGLISH.read_text()


def test_compiles_only_what_changed(sources):
    translate(COMPLETE)
    assert translations.compile_all() == 1
    assert translations.compile_all() == 0
    with translations.ENGLISH.with_suffix(".mo").open("rb") as file:
        assert gettext.GNUTranslations(file).ngettext("%(n)s article", "%(n)s articles", 2) == "%(n)s items"
