"""How pages are written: HTML in templates, lines that can be read, components that say what they need."""

import ast
import re

from django.conf import settings
from django.template import Context, Template

from webmarket.template_loaders import unindented

LINE = 120
SUFFIXES = {".html", ".svg", ".txt", ".xml"}
TAG = re.compile(
    r"</?(a|abbr|article|aside|b|base|br|button|code|dd|details|div|dl|dt|em|fieldset|form|h[1-6]|head|header|hr|html|i|img"
    r"|input|label|legend|li|link|main|meta|nav|ol|option|p|picture|pre|script|select|small|span|strong|style|sub"
    r"|summary|sup|svg|table|tbody|td|textarea|th|thead|time|title|tr|u|ul|wbr)(\s[^<>]*)?/?>"
)
# Lists, which both Django's templates and Jinja2 write more slowly: see the decision « lists are written in Python »;
# and texts that are HTML by what they are: descriptions of products, an e-mail shown as a mail client shows it.
HTML_IN_PYTHON = {
    "apps/storefront/comment_rendering.py",
    "apps/storefront/rendering.py",
    "apps/storefront/templatetags/shop.py",
    "apps/demo/catalogue/shelves.py",
    "apps/catalogue/imports/values.py",
    "apps/catalogue/judged/invented.py",
    "apps/storefront/views/demo_mail.py",
}


def templates():
    """Ours, as (path below the project, text). In an e-mail a line end is part of the message."""
    for folder in ("apps", "webmarket"):
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            parts = path.relative_to(settings.BASE_DIR).parts
            if path.suffix in SUFFIXES and "templates" in parts and "email" not in parts:
                yield path.relative_to(settings.BASE_DIR), path.read_text()


def test_no_line_is_longer_than_120_characters():
    lines = [(path, number, line) for path, text in templates() for number, line in enumerate(text.splitlines(), 1)]
    assert len(lines) > 4000
    assert [f"{path}:{number}" for path, number, line in lines if len(line) > LINE] == []


def test_a_component_says_what_it_needs_on_top():
    components = [(path, text) for path, text in templates() if "components" in path.parts and path.suffix == ".html"]
    assert len(components) > 10
    assert [str(path) for path, text in components if not text.startswith("{% comment %}")] == []


def strings(tree):
    """The string constants of a module that are no docstrings."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node


def test_html_stands_in_templates():
    found = set()
    for folder in ("apps", "webmarket"):
        for path in (settings.BASE_DIR / folder).rglob("*.py"):
            name = path.relative_to(settings.BASE_DIR)
            # The demo's pictures are SVG, drawn by a program.
            if not {"tests", "migrations", "illustrations"} & set(name.parts):
                found |= {str(name) for node in strings(ast.parse(path.read_text())) if TAG.search(node.value)}
    assert found == HTML_IN_PYTHON


PAGE = """{% comment %}Needs `names`.{% endcomment %}
{% load i18n %}
<ul
  class="plain"
>
  {% for name in names %}
    <li>
      {% if forloop.first %}<b>{{ name }}</b>{% else %}{{ name }}{% endif %}
      {% if forloop.last %}
        the last
      {% endif %}
      of {{ names|length }}
    </li>
  {% endfor %}
</ul>
"""


def test_a_page_is_sent_without_its_indentation_and_with_its_spaces():
    text = Template(unindented(PAGE)).render(Context({"names": ["a", "b"]}))
    assert text == '<ul\nclass="plain"\n>\n<li>\n<b>a</b>\nof 2\n</li>\n<li>\nb\nthe last\nof 2\n</li>\n</ul>\n'


def test_what_is_written_over_several_lines_may_lose_its_indentation():
    found = [str(path) for path, text in templates() if re.search(r"<pre\b[^>]*>[^<]*\n", text)]
    found += [
        str(p)
        for p, t in templates()
        for s in re.findall(r"{% blocktranslate(?! trimmed)[^%]*%}(.*?){% end", t, re.S)
        if "\n" in s
    ]
    assert found == []
