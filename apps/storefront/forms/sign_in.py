"""allauth's forms with the shop's labels, without placeholders, and with an optional first name at sign-up."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.account import forms as allauth
from allauth.account.fields import EmailField as AllauthEmailField
from allauth.core import context
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from apps.accounts import lockout
from apps.accounts.models import User
from apps.common import throttle
from apps.common.fields import EmailFormField
from apps.common.typed import TypedForm

RESET_MAILS = 5

LABELS = {
    "code": _("Code à usage unique"),
    "email": _("Adresse e-mail"),
    "login": _("Adresse e-mail"),
    "oldpassword": _("Mot de passe actuel"),
    "password": _("Mot de passe"),
    "password2": _("Le même, encore une fois"),
    "remember": _("Rester connecté sur cet appareil"),
}


class Plain(TypedForm, forms.Form):
    """The same labels everywhere, and no placeholders: a label stays visible while one types."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = LABELS.get(name, field.label)
            if isinstance(field, AllauthEmailField):
                self.fields[name] = _canonical(field)
        if "password1" in self.fields:
            new = self.fields["password1"]
            new.label = _("Nouveau mot de passe") if "password2" in self.fields else _("Mot de passe")
            new.help_text = _("Au moins 12 caractères ; une phrase se retient bien.")


def _canonical(field: AllauthEmailField) -> EmailFormField:
    """The shop's canonical form of an e-mail in place of allauth's, which only lowers its case."""
    options = ("label", "help_text", "required", "widget", "initial", "max_length")
    return EmailFormField(**{name: getattr(field, name) for name in options})


class LoginForm(Plain, allauth.LoginForm):
    pass


class Rollback(Exception):
    """Raised to roll back a savepoint."""


class SignupForm(Plain, allauth.SignupForm):
    first_name = forms.CharField(
        label=_("Prénom"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    field_order = ["first_name", "email", "password1"]

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Takes as long for an e-mail that has an account as for a new one, so that timing reveals no accounts: an
        account with a random e-mail is created and rolled back. Of two concurrent forms the second is answered as one
        for an e-mail that has an account."""
        if self.account_already_exists:
            self._create_and_roll_back(request)
        else:
            try:
                with transaction.atomic():
                    return super().try_save(request)
            except IntegrityError:
                self.account_already_exists = True
        return super().try_save(request)

    def _create_and_roll_back(self, request: HttpRequest) -> None:
        given = self.cleaned_data
        try:
            with transaction.atomic():
                self.account_already_exists = False
                self.cleaned_data = {**given, "email": f"{get_random_string(20).lower()}@compte.invalid"}
                self.save(request)
                raise Rollback
        except Rollback:
            self.account_already_exists, self.cleaned_data = True, given


class ResetPasswordForm(Plain, allauth.ResetPasswordForm):
    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """At most RESET_MAILS e-mails an hour; then nothing is sent, with the same answer: earlier links are valid."""
        email: str = self.cleaned_data["email"]
        if throttle.allowed(action="reset-mail", who=email.lower(), times=RESET_MAILS, within=timedelta(hours=1)):
            return super().save(request, **kwargs)
        return email


class NewPasswordForm(Plain, allauth.ResetPasswordKeyForm):
    pass


class ChangePasswordForm(Plain, allauth.ChangePasswordForm):
    pass


class ChangeEmailForm(Plain, allauth.AddEmailForm):
    pass


class ReauthenticateForm(Plain, allauth.ReauthenticateForm):
    pass


class ActivateAppForm(Plain, totp.ActivateTOTPForm):
    pass


class RateLimitedCode:
    """Rate limit of one-time codes: the limits of passwords, counted separately."""

    def clean_code(self) -> str:
        account = f"code {self.user.pk}"  # type: ignore[attr-defined]
        if wait := lockout.begin(context.request, account):
            raise lockout.too_many(wait)
        look: Callable[[], Any] = super().clean_code  # type: ignore[misc]
        try:
            code = look()
        except forms.ValidationError:
            lockout.failed(context.request, account)
            raise
        lockout.succeeded(context.request, account)
        return code


class CodeForm(RateLimitedCode, Plain, mfa.AuthenticateForm):
    pass


class CodeAgainForm(RateLimitedCode, Plain, mfa.ReauthenticateForm):
    pass


class AddKeyForm(TypedForm, webauthn.AddWebAuthnForm):
    name = forms.CharField(label=_("Nom de la clé"), required=False, max_length=100)
    passwordless = forms.BooleanField(
        label=_("Me connecter avec cette clé seule, sans mot de passe"),
        required=False,
        initial=True,
        help_text=_("La clé demande alors votre doigt, votre visage ou son code."),
    )


class EditKeyForm(TypedForm, webauthn.EditWebAuthnForm):
    name = forms.CharField(label=_("Nom de la clé"), max_length=100)
