import hashlib
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.lockout import client_ip
from apps.catalogue.models import Product
from apps.common import mail
from apps.common.tasks import post
from apps.common.throttle import allowed
from apps.common.translation import DEFAULT_LANGUAGE, current_language
from apps.storefront.forms.contact import ContactForm
from apps.storefront.http import personal, see_other

MESSAGES = {"times": 5, "within": timedelta(hours=1)}


@require_http_methods(["GET", "HEAD", "POST"])
@personal
def contact(request: HttpRequest) -> HttpResponse:
    """A message to the team. A robot is told the same as a person, and its message goes nowhere."""
    if request.method != "POST":
        return render(request, "storefront/contact/form.html", {"form": ContactForm(initial=_known(request))})
    form = ContactForm(request.POST)
    status = 422
    if form.is_valid():
        if not allowed(action="contact", who=client_ip(request) or "", **MESSAGES):
            form.add_error(
                None,
                _("Vous avez envoyé beaucoup de messages. Réessayez dans une heure, ou écrivez à %(email)s.")
                % {"email": settings.SHOP["email"]},
            )
            status = 429
        else:
            if not form.is_from_a_robot:
                _post(form)
            return see_other(reverse("storefront:contact_sent"))
    return render(request, "storefront/contact/form.html", {"form": form}, status=status)


@require_safe
@personal
def contact_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "storefront/contact/sent.html")


def _known(request: HttpRequest) -> dict[str, str]:
    """What we know already about somebody who is logged in, or comes from a page about an order."""
    known = {"order_number": request.GET.get("commande", "")[:20]}
    if name := _product_name(request.GET.get("produit", "")):
        known["message"] = _("Bonjour, quand aurez-vous de nouveau « %(name)s » ?") % {"name": name} + "\n"
    if request.user.is_authenticated:
        known |= {"name": request.user.get_full_name(), "email": request.user.email}
    return known


def _product_name(slug: str) -> str:
    """The product that a page leads here from; a slug that names none is taken for nothing."""
    language = current_language()
    found = Product.objects.visible().filter(**{f"slug_{language}": slug[:200]}).first() if slug.isprintable() else None
    return found.name if found and slug else ""


def _post(form: ContactForm) -> None:
    """To the shop, answered by replying. The same message on the same day has the same Message-ID."""
    data = form.cleaned_data
    with translation.override(DEFAULT_LANGUAGE):
        number = data["order_number"]
        about = _("Commande %(number)s") % {"number": number} if number else _("Sans commande")
        subject = _("Message de %(name)s") % {"name": data["name"]}
    text = f"{data['name']} <{data['email']}>\n{about}\n\n{data['message']}"
    key = "contact-" + hashlib.sha256(f"{timezone.localdate()}\n{text}".encode()).hexdigest()
    letter = mail.letter(
        subject=subject,
        text=text,
        to=settings.SHOP["email"],
        language=DEFAULT_LANGUAGE,
        key=key,
        reply_to=[data["email"]],
    )
    post(letter, key=key)
