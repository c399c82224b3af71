"""Reading, writing and reporting comments without JavaScript; the small script asks the same views."""

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
from apps.storefront.comment_drawing import draw_comment
from apps.storefront.comment_place import Place, place_of
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
    known = {"started": started(), "parent": parent, "author": _name(request, purchase)}
    form = CommentForm(initial=known, may_rate=purchase is not None and parent is None)
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
    shown, following = threads(place.section, cursor=cursor)
    context = {
        "place": place,
        "threads": shown,
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
        # Told the same as a person whose words wait; its own go nowhere.
        return _received(request, place)
    data = form.cleaned_data
    digest = _digest(request, place, form)
    known = services.find_repeat(request_key=digest, request_hash=digest)
    if known:
        return _repeated(request, place, known)
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
            request_key=digest,
            request_hash=digest,
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


def _digest(request: HttpRequest, place: Place, form: CommentForm) -> str:
    """The same words of the same person on the same day are one comment, however often the button was pressed. What is
    published at once is an account's, or of who holds the secret of an earlier one: neither can be copied."""
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


def _repeated(request: HttpRequest, place: Place, known: Comment) -> HttpResponse:
    """The first answer again, with the link by which an author changes it: to an account that wrote it, to who showed
    an earlier comment of theirs, and to anybody while nobody but the sender has seen the words. Once they have been
    read, the neighbour behind the same address can send them too."""
    theirs = known.user_id is not None or known.first_status == PUBLISHED
    if theirs or known.moderated_at is None:
        return _written(request, known)
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
    said = _("Merci\u202f! Votre commentaire est publié.") if published else _waits()
    answer = {"published": published, "detail": said, "id": comment.pk, "token": token, "own": own}
    if published:
        answer["html"] = draw_comment(as_values(comment), write=write, is_reply=comment.parent_id is not None)
    return JsonResponse(answer, status=201 if published else 202)


@require_http_methods(["GET", "HEAD", "POST"])
@secret_link
def own_comment(request: HttpRequest, pk: int, token: str = "") -> HttpResponse:
    """What its author sees: where it stands, and for a while the form that changes it."""
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
    known = {"text": comment.text, "rating": comment.rating}
    posted = request.POST if request.method == "POST" else None
    form = OwnCommentForm(posted, initial=known, may_rate=comment.rating is not None)
    if posted is not None and form.is_valid():
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
    """What a customer wrote, and what became of it."""
    mine = Comment.objects.of(request.user).filter(withdrawn_at=None).order_by("-created_at", "-pk")[:100]
    return render(request, "storefront/account/comments.html", {"comments": mine})


@require_http_methods(["GET", "HEAD", "POST"])
@secret_link
def refuse_invitations(request: HttpRequest, token: str) -> HttpResponse:
    """Asked again before it counts: some mailboxes open every link of a message by themselves."""
    order = order_by_token(token)
    if request.method == "POST" and order.email:
        object_to_invitations(email=order.email, now=timezone.now())
    return render(request, "storefront/comments/refuse_invitations.html", {"done": request.method == "POST"})
