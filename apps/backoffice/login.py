from allauth.mfa.utils import is_mfa_enabled
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from unfold.forms import AuthenticationForm


class StaffLoginForm(AuthenticationForm):
    """The admin's own form asks for a password alone: who chose a second factor enters by the shop's door instead."""

    def confirm_login_allowed(self, user) -> None:
        super().confirm_login_allowed(user)
        if is_mfa_enabled(user):
            raise ValidationError(
                format_html(
                    '{} <a class="underline" href="{}?next={}">{}</a>',
                    _("Ce compte est protégé par une double authentification."),
                    reverse("account_login"),
                    reverse("admin:index"),
                    _("Connectez-vous ici"),
                ),
                code="second_factor",
            )
