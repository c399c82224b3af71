"""The moderation queue: reported comments first, then pending ones, oldest first; decided singly or in bulk."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.catalogue.models import Product
from apps.comments import services
from apps.comments.models import Comment
from apps.comments.sections import is_on_our_pages, product_id_of

PAGE_SIZE = 30
CHOSEN = "chosen"
REASONS = [
    gettext_lazy("Publicité ou message indésirable"),
    gettext_lazy("Propos injurieux ou haineux"),
    gettext_lazy("Sans rapport avec le produit"),
    gettext_lazy("Avis trompeur ou conflit d’intérêts"),
    gettext_lazy("Données personnelles d’une autre personne"),
]
VERBS = ("publish", "reject", "keep")


@dataclass
class Row:
    comment: Comment
    place: str
    """What it is about, in words."""
    url: str
    published: int
    """What else the same account has published, and been refused."""
    refused: int


def waiting_count() -> int:
    return Comment.objects.waiting().count() + Comment.objects.reported().filter(status="PUBLISHED").count()


def badge(request: HttpRequest) -> int | str:
    """Number of the menu entry: how many wait for a decision."""
    return (waiting_count() or "") if request.user.has_perm("comments.view_comment") else ""


def queue(request: HttpRequest, *, frame: dict[str, Any]) -> HttpResponse:
    if not request.user.has_perm("comments.change_comment"):
        raise PermissionDenied
    if request.method == "POST":
        return _decide(request, frame)
    return _show(request, frame)


def _show(request: HttpRequest, frame: dict[str, Any], *, error: str = "", status: int = 200) -> HttpResponse:
    asked = [int(number) for number in re.findall(r"\d{1,18}", request.GET.get("comment", ""))][:PAGE_SIZE]
    rows = _rows(_chosen(asked) if asked else _waiting())
    context = {
        **frame,
        "title": _("Modération"),
        "rows": rows,
        "total": len(rows) if asked else waiting_count(),
        "reasons": REASONS,
        "error": error,
        "embed": settings.SITE_URL + reverse("api:embed"),
    }
    return TemplateResponse(request, "backoffice/moderation.html", context, status=status)


def _chosen(numbers: Sequence[int]) -> list[Comment]:
    return list(_read().filter(pk__in=numbers, withdrawn_at=None).order_by("pk"))


def _waiting() -> list[Comment]:
    reported = list(_read().reported().order_by("-open_reports", "created_at")[:PAGE_SIZE])
    waiting = _read().waiting().filter(open_reports=0).order_by("created_at", "pk")
    return [*reported, *waiting[: PAGE_SIZE - len(reported)]]


def _read():
    return Comment.objects.select_related("parent", "user", "moderated_by").prefetch_related("reports")


def _rows(comments: Sequence[Comment]) -> list[Row]:
    """Three queries more, whatever their number."""
    products = {product_id_of(comment.section_id) for comment in comments} - {None}
    names = dict(Product.objects.filter(pk__in=products).values_list("pk", "name_fr"))
    users = {comment.user_id for comment in comments} - {None}
    decided = (
        Comment.objects.filter(user__in=users)
        .values("user")
        .annotate(published=Count("pk", filter=Q(status="PUBLISHED")), refused=Count("pk", filter=Q(status="REJECTED")))
    )
    history = {row["user"]: (row["published"], row["refused"]) for row in decided}
    rows = []
    for comment in comments:
        section = comment.section_id
        has_page = is_on_our_pages(section)
        name = names.get(product_id_of(section), section)
        url = reverse("storefront:comments", args=[section]) if has_page else ""
        published, refused = history.get(comment.user_id, (0, 0))
        rows.append(Row(comment, name, url, published, refused))
    return rows


def _decide(request: HttpRequest, frame: dict[str, Any]) -> HttpResponse:
    verb = next((verb for verb in VERBS if verb in request.POST), None)
    which = request.POST.get(verb, "") if verb else ""
    numbers = request.POST.getlist("comment") if which == CHOSEN else [which]
    comments = [int(number) for number in numbers if re.fullmatch(r"\d{1,18}", number)][:PAGE_SIZE]
    reason = _reason(request, which)
    if verb is None or not comments:
        return _refused(request, frame, _("Choisissez d’abord des commentaires."))
    if verb == "reject" and not reason:
        return _refused(request, frame, _("Dites pourquoi\u202f: l’auteur a le droit de le savoir."))
    now = timezone.now()
    if verb == "publish":
        services.publish(comments=comments, by=request.user, now=now)
        sentence = ngettext("%(count)s commentaire publié.", "%(count)s commentaires publiés.", len(comments))
    elif verb == "reject":
        services.reject(comments=comments, reason=reason, by=request.user, now=now)
        sentence = ngettext("%(count)s commentaire refusé.", "%(count)s commentaires refusés.", len(comments))
    else:
        services.dismiss_reports(comments=comments)
        sentence = ngettext("%(count)s commentaire gardé.", "%(count)s commentaires gardés.", len(comments))
    sentence %= {"count": len(comments)}
    if _wants_json(request):
        return JsonResponse({"detail": sentence, "comments": comments, "waiting": waiting_count()})
    messages.success(request, sentence)
    return redirect("admin:comments_comment_moderation")


def _reason(request: HttpRequest, which: str) -> str:
    """The typed reason, else the picked one, for one comment or for the selected ones."""
    typed = " ".join(request.POST.get(f"other-{which}", "").split())
    picked = request.POST.get(f"reason-{which}", "")
    return typed or (picked if picked in {str(reason) for reason in REASONS} else "")


def _refused(request: HttpRequest, frame: dict[str, Any], sentence: str) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"detail": sentence}, status=422)
    return _show(request, frame, error=sentence, status=422)


def _wants_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"
