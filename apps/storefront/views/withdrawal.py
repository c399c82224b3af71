"""« Renoncer au contrat ici »: the function that art. L221-21 and D221-5 code de la consommation ask of every shop."""

from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from apps.aftersales.models import Withdrawal
from apps.aftersales.offer import offered_lines
from apps.aftersales.period import is_open, last_day
from apps.aftersales.sentences import content, what_follows
from apps.aftersales.services import WithdrawalOver, declare_withdrawal, refuse_when_over
from apps.common.errors import DomainError
from apps.common.http import status_of
from apps.common.translation import current_language
from apps.orders.models import Order
from apps.storefront.forms.find_order import FindOrderForm
from apps.storefront.forms.withdrawal import WithdrawalForm
from apps.storefront.http import personal, secret_link, see_other
from apps.storefront.views.order import order_by_token
from apps.storefront.visitor import customer

LISTED = 20


@require_safe
@personal
def withdrawal_entrance(request: HttpRequest) -> HttpResponse:
    """From the foot of every page: a customer's orders, and for everybody a link by e-mail (`find_order`)."""
    user, now = customer(request), timezone.now()
    orders = [each for each in Order.objects.of(user)[:LISTED] if is_open(each, now)] if user else []
    return render(request, "storefront/withdrawal/entrance.html", {"form": FindOrderForm(), "orders": orders})


@require_http_methods(["GET", "HEAD", "POST"])
@secret_link
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """The form, its summary with « Confirmer la rétractation », and the declaration; a repeat declares nothing."""
    found, now = order_by_token(token), timezone.now()
    declared = _declared_before(found, request.POST.get("key", "")) if request.method == "POST" else None
    if declared is not None:
        return see_other(_url(declared, token))
    try:
        refuse_when_over(found, now=now)
    except WithdrawalOver as error:
        status = status_of(error) if request.method == "POST" else 200
        return render(request, "storefront/withdrawal/over.html", {"order": found, "error": error}, status=status)
    if request.method != "POST":
        form = WithdrawalForm(offered=offered_lines(found), initial=_initial(request, found))
        return _form_page(request, found, form)
    form = WithdrawalForm(request.POST, offered=offered_lines(found))
    step = request.POST.get("step")
    if not form.is_valid():
        return _form_page(request, found, form, status=422)
    if step == "edit":
        return _form_page(request, found, form)
    if step != "confirm":
        return render(request, "storefront/withdrawal/confirm.html", {"order": found, "form": form})
    try:
        withdrawal = declare_withdrawal(
            order=found,
            **{name: form.cleaned_data[name] for name in ("key", "pieces", "name", "email")},
            language=current_language(),
            now=now,
        )
    except DomainError as error:
        form.add_error(None, error.message)
        return _form_page(request, found, form, status=status_of(error))
    return see_other(_url(withdrawal, token))


@require_safe
@secret_link
def withdrawal(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    """What was declared, when, and what follows."""
    found = order_by_token(token)
    declared = get_object_or_404(found.withdrawals.prefetch_related("lines__order_line"), pk=pk)
    declared.order = found
    context = {"order": found, "withdrawal": declared, "content": content(declared), "next": what_follows(declared)}
    return render(request, "storefront/withdrawal/acknowledgement.html", context)


def _form_page(request: HttpRequest, found: Order, form: WithdrawalForm, *, status: int = 200) -> HttpResponse:
    context = {
        "order": found,
        "form": form,
        "withdrawals": list(found.withdrawals.all()),
        "last_day": last_day(found),
    }
    return render(request, "storefront/withdrawal/form.html", context, status=status)


def _initial(request: HttpRequest, found: Order) -> dict[str, object]:
    user = customer(request)
    name = user.get_full_name() if user and user.pk == found.user_id else ""
    return {"key": uuid4(), "name": name or found.recipient, "email": found.email}


def _declared_before(found: Order, key: str) -> Withdrawal | None:
    try:
        return found.withdrawals.filter(key=UUID(key)).first()
    except ValueError:
        return None


def _url(declared: Withdrawal, token: str) -> str:
    return reverse("storefront:withdrawal", args=[token, declared.pk])
