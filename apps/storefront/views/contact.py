import hashlib
import json
from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.lockout import client_ip
from apps.catalogue.models import Product
from apps.common import mail
from apps.common.ip_networks import prefix
from apps.common.tasks import send_after_commit
from apps.common.throttle import allowed
from apps.common.translation import DEFAULT_LANGUAGE, current_language
from apps.common.used import is_used, use_up
from apps.shop.identity import current
from apps.storefront.forms.contact import ContactForm
from apps.storefront.http import personal, see_other

# Longer than the day that is part of a message's key.
ONE_MESSAGE = timedelta(days=2)
MESSAGES = {"times": 5, "within": timedelta(hours=1)}


@require_http_methods(["GET", "HEAD", "POST"])
@personal
def contact(request: HttpRequest) -> HttpResponse:
    """A message to the team. A robot gets the same answer as a person, and its message is dropped."""
    if request.method != "POST":
        return render(request, "storefront/contact/form.html", {"form": ContactForm(initial=_initial_values(request))})
    form = ContactForm(request.POST)
    status = 422
    if form.is_valid():
        key = _key(form)
        # Before the rate limit: a repeat gets the same answer and does not count.
        if form.is_from_a_robot or is_used(key):
            return see_other(reverse("storefront:contact_sent"))
        if allowed(action="contact", who=prefix(client_ip(request) or ""), **MESSAGES):
            with transaction.atomic():
                if use_up(key, now=timezone.now(), lifetime=ONE_MESSAGE):
                    _send(form, key)
            return see_other(reverse("storefront:contact_sent"))
        form.add_error(
            None,
            _("Vous avez envoyé beaucoup de messages. Réessayez dans une heure, ou écrivez à %(email)s.")
            % {"email": current().email},
        )
        status = 429
    return render(request, "storefront/contact/form.html", {"form": form}, status=status)


@require_safe
@personal
def contact_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "storefront/contact/sent.html")


def _initial_values(request: HttpRequest) -> dict[str, str]:
    """Initial values from the account, and from the order or product whose page leads here."""
    values = {"order_number": request.GET.get("commande", "")[:20]}
    if name := _product_name(request.GET.get("produit", "")):
        values["message"] = _("Bonjour, quand aurez-vous de nouveau « %(name)s » ?") % {"name": name} + "\n"
    if request.user.is_authenticated:
        values |= {"name": request.user.get_full_name(), "email": request.user.email}
    return values


def _product_name(slug: str) -> str:
    """The name of the product whose page leads here; empty for an unknown slug."""
    language = current_language()
    found = Product.objects.visible().filter(**{f"slug_{language}": slug[:200]}).first() if slug.isprintable() else None
    return found.name if found and slug else ""


def _key(form: ContactForm) -> str:
    """Idempotency key: the same words of the same sender on the same day are one message."""
    data = form.cleaned_data
    parts = [str(timezone.localdate()), data["name"], data["email"], data["order_number"], data["message"]]
    return "contact-" + hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _send(form: ContactForm, key: str) -> None:
    """To the shop, with the sender as Reply-To."""
    data = form.cleaned_data
    with translation.override(DEFAULT_LANGUAGE):
        number = data["order_number"]
        about = _("Commande %(number)s") % {"number": number} if number else _("Sans commande")
        subject = _("Message de %(name)s") % {"name": data["name"]}
    message = mail.compose_text(
        subject=subject,
        text=f"{data['name']} <{data['email']}>\n{about}\n\n{data['message']}",
        to=current().email,
        language=DEFAULT_LANGUAGE,
        key=key,
        reply_to=[data["email"]],
    )
    send_after_commit(message, key=key)
