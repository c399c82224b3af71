"""Template tags of the shop."""

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation


def write(text: str, **values) -> str:
    return Template("{% load shop %}" + text).render(Context(values))


def test_a_kept_text_stands_on_one_line_and_keeps_its_no_break_spaces():
    text = write("{% keep title %}\n  Prix\u202f:\n  {{ name }}\n{% endkeep %}<p>{{ title }}</p>", name='<b> "x"')
    assert text == "<p>Prix\u202f: &lt;b&gt; &quot;x&quot;</p>"


@pytest.mark.parametrize("argument", ["name", '"a.html" with=1', ""])
def test_what_is_included_once_is_one_template_by_its_name(argument):
    with pytest.raises(TemplateSyntaxError):
        write("{% include_once " + argument + " %}")


def test_what_is_included_once_is_kept_for_each_language():
    template = Template('{% load shop %}{% include_once "storefront/base/search_button.html" %}')
    texts = []
    for language in ("fr", "en", "fr"):
        with translation.override(language):
            texts.append(template.render(Context()))
    assert "Rechercher" in texts[0]
    assert "Search" in texts[1]
    assert texts[0] == texts[2]
    assert template.nodelist[1].texts.keys() == {"fr", "en"}
