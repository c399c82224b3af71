"""Reading, writing and reporting comments, without JavaScript and, as JSON, for comments.js."""

import hashlib

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.lockout import client_ip
from apps.comments import limits, services
from apps.comments.invitations import object_to_invitations
from apps.comments.models import Comment
from apps.comments.purchases import Purchase, purchase_of
from apps.comments.threads import as_values, threads
from apps.comments.tokens import author_token
from apps.common.errors import DomainError
from apps.common.ip_networks import prefix
from apps.common.keyset import decode
from apps.common.translation import current_language
from apps.storefront.comment_place import Place, place_of
from apps.storefront.components.comments import render_comment
from apps.storefront.forms.comment import CommentForm, OwnCommentForm, ReportForm, started
from apps.storefront.http import personal, secret_link, see_other, wants_json
from apps.storefront.views.order import order_by_token
from apps.storefront.visitor import customer

PUBLISHED = Comment.Status.PUBLISHED


def client(request: HttpRequest) -> str:
    return prefix(client_ip(request) or "")


@require_http_methods(["GET", "HEAD", "POST"])
@secret_link
def comments(request: HttpRequest, section: str) -> HttpResponse:
    """All comments of a section, and the form; with `?commande=` an order's secret link opens the rating."""
    place = place_of(section)
    order_token = request.GET.get("commande", "")[:64]
    purchase = None
    if place.product_id:
        purchase = purchase_of(place.product_id, user=customer(request), order_token=order_token)
    if request.method == "POST":
        return _write(request, place, purchase)
    answered = request.GET.get("reponse", "")
    parent = int(answered) if answered.isascii() and answered.isdigit() and len(answered) < 19 else None
    initial = {"started": started(), "parent": parent, "author": _name(request, purchase)}
    form = CommentForm(initial=initial, may_rate=purchase is not None and parent is None)
    return _list(request, place, form, parent=parent, purchase=purchase)


def _name(request: HttpRequest, purchase: Purchase | None) -> str:
    if request.user.is_authenticated and request.user.first_name:
        return request.user.first_name
    return purchase.name.split(" ")[0] if purchase and purchase.name else ""


def _list(
    request: HttpRequest,
    place: Place,
    form: CommentForm,
    *,
    parent: int | None = None,
    purchase: Purchase | None = None,
    status: int = 200,
) -> HttpResponse:
    try:
        cursor = decode(request.GET["suite"][:120])
    except (KeyError, ValueError):
        cursor = None
    page_threads, following = threads(place.section, cursor=cursor)
    context = {
        "place": place,
        "threads": page_threads,
        "following": following,
        "form": form,
        "purchase": purchase,
        "answered": Comment.objects.published().in_section(place.section).filter(pk=parent).first() if parent else None,
        "received": "recu" in request.GET,
    }
    return render(request, "storefront/comments/page.html", context, status=status)


def _write(request: HttpRequest, place: Place, purchase: Purchase | None) -> HttpResponse:
    answers = request.POST.get("parent", "") != ""
    form = CommentForm(request.POST, may_rate=purchase is not None and not answers)
    if not form.is_valid():
        return _refused(request, place, form, purchase)
    if form.is_from_a_robot:
        # Answered like a comment that waits for moderation, and dropped.
        return _received(request, place)
    data = form.cleaned_data
    request_hash = _request_hash(request, place, form)
    repeat = services.find_repeat(request_key=request_hash, request_hash=request_hash)
    if repeat:
        return _repeated(request, place, repeat)
    if limits.wait_to_write(client=client(request), section_id=place.section):
        form.add_error(None, _("Vous avez écrit beaucoup de commentaires. Réessayez dans quelques minutes."))
        return _refused(request, place, form, purchase, status=429)
    try:
        comment = services.write_comment(
            section_id=place.section,
            author=data["author"],
            text=data["text"],
            parent_id=data["parent"],
            user=customer(request),
            is_person=False,
            is_program=False,
            now=timezone.now(),
            request_key=request_hash,
            request_hash=request_hash,
            email=data["email"] or (purchase.contact_email if purchase else ""),
            language=current_language(),
            earlier=_earlier(data["earlier"]),
            rating=data.get("rating"),
            purchase=purchase,
        )
    except DomainError as error:
        form.add_error(None, error.message)
        return _refused(request, place, form, purchase)
    return _written(request, comment)


def _request_hash(request: HttpRequest, place: Place, form: CommentForm) -> str:
    """Idempotency key: the same words of the same person on the same day are one comment, however often the button is
    pressed. It covers the account or the token of an earlier comment, by which comments are published at once."""
    data = form.cleaned_data
    who = f"user {request.user.pk}" if request.user.is_authenticated else client(request)
    parts = [
        who,
        place.section,
        data["parent"] or "",
        data["author"],
        data["text"],
        data.get("rating"),
        data["earlier"],
        timezone.localdate(),
    ]
    return hashlib.sha256("\n".join(str(part) for part in parts).encode()).hexdigest()


def _earlier(given: str) -> Comment | None:
    number, _colon, token = given.partition(":")
    return services.find_own(comment_id=int(number), token=token) if token else None


def _refused(
    request: HttpRequest, place: Place, form: CommentForm, purchase: Purchase | None, status: int = 422
) -> HttpResponse:
    if wants_json(request):
        sentences = [sentence for errors in form.errors.values() for sentence in errors]
        return JsonResponse({"detail": " ".join(sentences), "fields": form.errors}, status=status)
    return _list(request, place, form, parent=form.cleaned_data.get("parent"), purchase=purchase, status=status)


def _received(request: HttpRequest, place: Place) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"published": False, "detail": _waits()}, status=202)
    return see_other(reverse("storefront:comments", args=[place.section]) + "?recu=1#contenu")


def _repeated(request: HttpRequest, place: Place, first: Comment) -> HttpResponse:
    """The first answer again. The link by which an author changes the comment is given to an account that wrote it, to
    who sent an earlier comment's token, and to anybody before moderation; after it, somebody else behind the same IP
    address may have read the words and sent them."""
    theirs = first.user_id is not None or first.first_status == PUBLISHED
    if theirs or first.moderated_at is None:
        return _written(request, first)
    return _received(request, place)


def _waits() -> str:
    return _("Merci\u202f! Votre commentaire paraîtra dès que nous l’aurons lu.")


def _written(request: HttpRequest, comment: Comment) -> HttpResponse:
    published = comment.status == PUBLISHED
    token = author_token(comment)
    own = reverse("storefront:own_comment", args=[comment.pk, token])
    if not wants_json(request):
        return see_other(own)
    write = reverse("storefront:comments", args=[comment.section_id])
    detail = _("Merci\u202f! Votre commentaire est publié.") if published else _waits()
    answer = {"published": published, "detail": detail, "id": comment.pk, "token": token, "own": own}
    if published:
        answer["html"] = render_comment(as_values(comment), write=write, is_reply=comment.parent_id is not None)
    return JsonResponse(answer, status=201 if published else 202)


@require_http_methods(["GET", "HEAD", "POST"])
@secret_link
def own_comment(request: HttpRequest, pk: int, token: str = "") -> HttpResponse:
    """An author's page of a comment: its status, and for EDITABLE_FOR the form that changes it."""
    now = timezone.now()
    if pk >= 2**63:
        raise Http404
    comment = services.find_own(comment_id=pk, token=token, user=customer(request))
    if comment is None:
        raise Http404
    place = place_of(comment.section_id)
    if request.method == "POST" and "delete" in request.POST:
        services.withdraw_comment(comment=comment, now=now)
        messages.success(request, _("Votre commentaire est supprimé."))
        return see_other(reverse("storefront:comments", args=[comment.section_id]))
    initial = {"text": comment.text, "rating": comment.rating}
    submitted = request.POST if request.method == "POST" else None
    form = OwnCommentForm(submitted, initial=initial, may_rate=comment.rating is not None)
    if submitted is not None and form.is_valid():
        data = form.cleaned_data
        try:
            services.edit_comment(comment=comment, text=data["text"], rating=data.get("rating"), now=now)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Votre commentaire est modifié."))
            return see_other(request.path)
    context = {
        "comment": comment,
        "place": place,
        "form": form,
        "until": comment.created_at + services.EDITABLE_FOR if services.is_editable(comment, now=now) else None,
    }
    return render(request, "storefront/comments/own.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@personal
def report_comment(request: HttpRequest, pk: int) -> HttpResponse:
    if pk >= 2**63:
        raise Http404
    comment = get_object_or_404(Comment.objects.published().filter(withdrawn_at=None), pk=pk)
    place = place_of(comment.section_id)
    form = ReportForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and limits.wait_to_report(client=client(request)):
            form.add_error(None, _("Vous avez signalé beaucoup de commentaires. Réessayez dans quelques minutes."))
            status = 429
        elif form.is_valid():
            services.report_comment(
                comment=comment,
                user=customer(request),
                ip=client(request),
                now=timezone.now(),
                **form.cleaned_data,
            )
            messages.success(request, _("Merci, nous allons relire ce commentaire."))
            return see_other(reverse("storefront:comments", args=[comment.section_id]))
    context = {"comment": as_values(comment), "place": place, "form": form}
    return render(request, "storefront/comments/report.html", context, status=status)


@require_safe
@personal
@login_required
def account_comments(request: HttpRequest) -> HttpResponse:
    """A customer's comments with their status."""
    mine = Comment.objects.of(request.user).filter(withdrawn_at=None).order_by("-created_at", "-pk")[:100]
    return render(request, "storefront/account/comments.html", {"comments": mine})


@require_http_methods(["GET", "HEAD", "POST"])
@secret_link
def refuse_invitations(request: HttpRequest, token: str) -> HttpResponse:
    """Takes effect by POST only: some mail servers open every link of a message."""
    order = order_by_token(token)
    if request.method == "POST" and order.email:
        object_to_invitations(email=order.email, now=timezone.now())
    return render(request, "storefront/comments/refuse_invitations.html", {"done": request.method == "POST"})
