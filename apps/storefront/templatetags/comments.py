"""`{% load comments %}{% comments "page-recettes" %}`: the comments of a section, anywhere on the shop's own pages."""

from datetime import datetime

from django import template
from django.templatetags.static import static
from django.utils.safestring import mark_safe

from apps.catalogue.models import ProductOpinion
from apps.comments.sections import is_on_our_pages, product_id_of
from apps.comments.threads import ON_PAGE, Thread, newest_threads
from apps.common.keyset import encode
from apps.storefront import comment_drawing

register = template.Library()


@register.simple_tag
def comments(section: str, opinion: ProductOpinion | None = None) -> str:
    """The newest comments of « produit-… » or « page-… », and the form.

    With a product's `opinion`, which a write has prepared, it asks nothing; without one it costs two queries.
    """
    if not is_on_our_pages(section):
        raise template.TemplateSyntaxError(f"« {section} »: a section is called page-… or produit-…")
    if opinion is None and (product_id := product_id_of(section)):
        opinion = ProductOpinion.objects.filter(pk=product_id).first() or ProductOpinion()
    shown = newest_threads(section) if opinion is None else opinion.newest
    return comment_drawing.draw_section(
        section,
        threads=shown,
        following=_following(shown),
        opinion=opinion,
        script=static("storefront/comments.js"),
    )


@register.simple_tag
def comment_list(threads: list[Thread], *, section: str) -> str:
    return comment_drawing.draw_threads(threads, section=section)


@register.simple_tag
def average(opinion: ProductOpinion) -> str:
    return mark_safe(comment_drawing.draw_average(opinion.average or 0, opinion.ratings))  # noqa: S308 - numbers


@register.filter
def stars(rating: int) -> str:
    return mark_safe(comment_drawing.draw_rating(rating))  # noqa: S308 - a number


def _following(shown: list[Thread]) -> str | None:
    """Where the list goes on. A page that is full may be the last one: the next then says that it is empty."""
    if len(shown) < ON_PAGE:
        return None
    last = shown[-1]
    return encode(datetime.fromisoformat(last["at"]), last["id"])
