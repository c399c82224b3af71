"""HTML of comments, rendered in Python like the other pieces that a page repeats (`rendering`)."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from html import escape

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.catalogue.models import ProductOpinion
from apps.comments.models import MAX_TEXT
from apps.comments.services.trust import has_link
from apps.comments.threads import Thread
from apps.common.money import NARROW_SPACE, NO_BREAK_SPACE
from apps.common.translation import current_language

FULL, EMPTY = "★", "☆"
MAX = 5
WRITE = "{write}"
"""Placeholder for the URL of a section's form in what is rendered once for each language."""


def stars(rating: float) -> str:
    """« ★★★★☆ », hidden from screen readers: the same in words stands beside it."""
    whole = min(MAX, max(0, int(rating + 0.5)))
    return f'<span class="stars" aria-hidden="true">{FULL * whole}{EMPTY * (MAX - whole)}</span>'


def figure(rating: float) -> str:
    text = f"{rating:g}"
    return text if current_language() == "en" else text.replace(".", ",")


def render_rating(rating: float) -> str:
    label = _("Note\u202f: %(rating)s sur 5") % {"rating": figure(rating)}
    return f'{stars(rating)}<span class="visually-hidden">{label}</span>'


def render_average(average: float, ratings: int) -> str:
    """For a card: stars, and the number of ratings."""
    label = ngettext("%(rating)s sur 5, %(count)s note", "%(rating)s sur 5, %(count)s notes", ratings)
    words = label % {"rating": figure(average), "count": ratings}
    return (
        f'<span class="small">{stars(average)} <span aria-hidden="true">({ratings})</span>'
        f'<span class="visually-hidden">{words}</span></span>'
    )


def render_section(
    section: str, *, threads: Sequence[Thread], following: str | None, opinion: ProductOpinion | None, script: str
) -> SafeString:
    """The whole widget, the same for every visitor: average, newest comments, link to older ones, form."""
    write = escape(reverse("storefront:comments", args=[section]))
    older = ""
    if following:
        label = _("Avis et commentaires plus anciens")
        older = f'<p><a class="button button--quiet" href="{write}?suite={following}" data-older>{label}</a></p>'
    if not threads:
        older = f'<p class="muted" data-none>{_("Personne n’a encore écrit ici. Lancez la conversation.")}</p>'
    return mark_safe(  # noqa: S308 - every value is escaped
        f'<section class="comments stack" id="avis" data-comments aria-labelledby="avis-titre">'
        f'<h2 id="avis-titre">{_("Avis et commentaires")}</h2>{_summary(opinion, write=write)}'
        f"{render_threads(threads, section=section)}{older}{_form(current_language()).replace(WRITE, write)}"
        f'<script src="{script}" type="module"></script></section>'
    )


def _summary(opinion: ProductOpinion | None, *, write: str) -> str:
    """The average rating of a product, with what the law requires beside reviews: who checks them, and their order."""
    if opinion is None:
        return ""
    average = ""
    if opinion.ratings:
        count = ngettext("%(count)s note d’acheteur", "%(count)s notes d’acheteurs", opinion.ratings)
        rating = opinion.average or 0
        average = (
            f'<p class="cluster"><b class="price">{out_of_five(rating)}</b> {stars(rating)} '
            f"<span>{count % {'count': opinion.ratings}}</span></p>"
        )
    return average + _rules(current_language()).replace(WRITE, write)


@lru_cache
def _rules(language: str) -> str:
    policy = reverse("storefront:reviews_policy")
    rules = _("Seuls nos acheteurs notent, nous le vérifions. Du plus récent au plus ancien.")
    return (
        f'<p class="small muted">{rules} <a href="{policy}">{_("Comment nous contrôlons les avis")}</a>. '
        f'<a href="{WRITE}#ecrire">{_("Noter ce produit, si vous l’avez acheté")}</a>.</p>'
    )


@lru_cache
def _form(language: str) -> str:
    words = [_("Écrire un commentaire"), _("Votre nom, tel qu’il sera publié"), _("Votre adresse e-mail")]
    title, author, email = words
    optional = _("(facultatif)")
    hint = _("Pour vous dire s’il est publié ; elle n’est jamais montrée.")
    return (
        f'<details class="panel" data-write><summary><b>{title}</b></summary>'
        f'<form class="stack" method="post" action="{WRITE}">'
        f'<div class="field"><label for="avis-auteur">{author}</label>'
        f'<input id="avis-auteur" name="author" required maxlength="80" autocomplete="nickname" dir="auto"></div>'
        f'<div class="field"><label for="avis-texte">{_("Votre commentaire")}</label>'
        f'<textarea id="avis-texte" name="text" rows="4" required maxlength="{MAX_TEXT}" dir="auto"></textarea></div>'
        f'<div class="field"><label for="avis-email">{email} <span class="field__optional">{optional}</span></label>'
        f'<input id="avis-email" name="email" type="email" maxlength="254" autocomplete="email" '
        f'aria-describedby="avis-aide"><p class="field__hint" id="avis-aide">{hint}</p></div>'
        f'<div hidden><label for="avis-site">{_("Laissez ce champ vide")}</label>'
        f'<input id="avis-site" name="website" autocomplete="off" tabindex="-1"></div>'
        f'<p class="cluster"><button class="button" type="submit">{_("Publier")}</button></p></form></details>'
        f'<p role="status" data-status data-failed="{_("L’envoi n’a pas abouti. Réessayez.")}" '
        f'data-change="{_("Modifier ou supprimer")}" data-cancel="{_("Annuler")}"></p>'
    )


def render_threads(threads: Sequence[Thread], *, section: str) -> SafeString:
    """A list of comments, each with its replies. The list exists when empty too: the script adds new comments to it."""
    write = escape(reverse("storefront:comments", args=[section]))
    items = "".join(render_comment(thread, write=write) for thread in threads)
    return mark_safe(f'<ol class="plain comments__list">{items}</ol>')  # noqa: S308 - every value is escaped


def render_comment(values: Thread, *, write: str, is_reply: bool = False) -> str:
    number = values["id"]
    head, body = _head(values), _text(values)
    actions = "" if values["withdrawn"] else _actions(values, write=write, is_reply=is_reply)
    replies = "".join(render_comment(reply, write=write, is_reply=True) for reply in values["replies"])
    more = values.get("more", 0)
    if more > 0:
        label = ngettext("%(count)s autre réponse", "%(count)s autres réponses", more) % {"count": more}
        replies += f'<li><a class="small" href="{write}">{label}</a></li>'
    answers = f'<ol class="plain comment__replies">{replies}</ol>' if replies else ""
    return (
        f'<li class="comment" id="commentaire-{number}" data-comment="{number}">{head}{body}{actions}{answers}</li>\n'
    )


def _head(values: Thread) -> str:
    if values["withdrawn"]:
        return ""
    at = datetime.fromisoformat(values["at"])
    written = f'<time datetime="{values["at"]}">{_day(timezone.localtime(at).date())}</time>'
    parts = [f'<b dir="auto">{escape(values["author"])}</b>']
    if values["team"]:
        parts.append(f'<span class="badge">{_("La boutique")}</span>')
    if values["bought_on"]:
        parts.append(f'<span class="badge">{_("Achat vérifié")}</span>')
    parts.append(f'<span class="muted">{written}')
    if values["bought_on"]:
        parts[-1] += ", " + _("acheté le %(day)s") % {"day": _day(date.fromisoformat(values["bought_on"]))}
    if values["edited"]:
        parts[-1] += ", " + _("modifié")
    parts[-1] += "</span>"
    rating = f"<p>{render_rating(values['rating'])}</p>" if values["rating"] else ""
    return f'<p class="cluster small">{"".join(parts)}</p>{rating}'


def _text(values: Thread) -> str:
    if values["withdrawn"]:
        return f'<p class="muted">{_("Commentaire supprimé par son auteur.")}</p>'
    text = values["text"]
    html = _linked(text) if has_link(text) else escape(text)
    return f'<p class="comment__text" dir="auto">{html}{"…" if values.get("cut") else ""}</p>'


def _linked(text: str) -> str:
    """URLs as links with `rel="nofollow ugc"`. The author's text is escaped, quotes included."""
    return urlize(text, nofollow=True, autoescape=True).replace('rel="nofollow"', 'rel="nofollow ugc"')


def _actions(values: Thread, *, write: str, is_reply: bool) -> str:
    number, author = values["id"], escape(values["author"])
    parts = []
    if values.get("cut"):
        parts.append(f'<a href="{write}#commentaire-{number}">{_("Lire la suite")}</a>')
    if not is_reply:
        to_whom = f'<span class="visually-hidden"> {_("à")} {author}</span>'
        parts.append(f'<a href="{write}?reponse={number}#ecrire" data-reply="{number}">{_("Répondre")}{to_whom}</a>')
    of_whom = f'<span class="visually-hidden"> {_("le commentaire de")} {author}</span>'
    report = reverse("storefront:report_comment", args=[number])
    parts.append(f'<a href="{report}" rel="nofollow">{_("Signaler")}{of_whom}</a>')
    return f'<p class="cluster small comment__do">{"".join(parts)}</p>'


def _day(day: date) -> str:
    return date_format(day, "j F Y").replace(" ", NO_BREAK_SPACE)


def out_of_five(rating: float) -> str:
    return f"{figure(rating)}{NARROW_SPACE}/{NARROW_SPACE}5"
