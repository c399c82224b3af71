"""The parts of Django's templates that depend on the language alone, rendered once for each language.

`{% translate "…" %}`, `{% blocktranslate %}` without values, `{% url %}` and `{% static %}` without arguments, with the
text between them, are one node of a compiled template. `{% include_once %}` is none of them: the shop's identity may
change while the process runs.
"""

from collections.abc import Iterator
from itertools import groupby

from django.template.base import Node, NodeList, TextNode, TokenType, Variable
from django.template.defaulttags import CommentNode, LoadNode, URLNode
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.templatetags.static import StaticNode
from django.urls import get_urlconf
from django.utils.safestring import SafeString
from django.utils.translation import get_language


class LanguageText(Node):
    """Consecutive nodes as one text for each language. URLs depend on the URLconf too, which tests exchange."""

    child_nodelists = ()

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        self.origin, self.token = nodes[0].origin, nodes[0].token
        self.texts: dict[tuple[str | None, str | None], SafeString] = {}

    def render(self, context) -> SafeString:
        key = get_language(), get_urlconf()
        text = self.texts.get(key)
        if text is None:
            text = self.texts[key] = SafeString("".join([node.render_annotated(context) for node in self.nodes]))
        return text


def join_language_texts(nodes: NodeList) -> None:
    """Replace such nodes of a template that nobody has rendered yet, at every depth."""
    for node in nodes:
        for inner in _inner(node):
            join_language_texts(inner)
    joined: list[Node] = []
    for is_constant, group in groupby(nodes, key=_is_constant):
        run = list(group)
        # Text alone is as fast as it is; an {% extends %} may have nothing but text before it.
        joined += [LanguageText(run)] if is_constant and not all(isinstance(each, TextNode) for each in run) else run
    nodes[:] = joined


def _inner(node: Node) -> Iterator[NodeList]:
    for value in vars(node).values():
        if isinstance(value, NodeList):
            yield value
    for _condition, nodelist in getattr(node, "conditions_nodelists", ()):
        yield nodelist


def _is_constant(node: Node) -> bool:
    if isinstance(node, TranslateNode):
        given, about = node.filter_expression, node.message_context
        is_literal = isinstance(given.var, Variable) and given.var.literal is not None and not given.filters
        return is_literal and not node.asvar and about is None
    if isinstance(node, BlockTranslateNode):
        has_values = any(token.token_type != TokenType.TEXT for token in node.singular)
        return not (has_values or node.plural or node.extra_context or node.asvar or node.message_context)
    if isinstance(node, URLNode):
        return not (node.view_name.is_var or node.args or node.kwargs or node.asvar)
    if isinstance(node, StaticNode):
        return not node.path.is_var and not node.varname
    return isinstance(node, TextNode | LoadNode | CommentNode)
