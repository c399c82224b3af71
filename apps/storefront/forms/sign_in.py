"""allauth's forms with the shop's manners: labels above fields, no placeholder in them, and a name if one likes."""

from allauth.account import forms as allauth
from django import forms
from django.utils.translation import gettext_lazy as _


class Plain(forms.Form):
    """Takes the placeholders away: a label stands above, and stays when somebody types."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class LoginForm(Plain, allauth.LoginForm):
    pass


class SignupForm(Plain, allauth.SignupForm):
    first_name = forms.CharField(
        label=_("Prénom"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    field_order = ["first_name", "email", "password1"]


class ResetPasswordForm(Plain, allauth.ResetPasswordForm):
    pass


class NewPasswordForm(Plain, allauth.ResetPasswordKeyForm):
    pass


class ChangePasswordForm(Plain, allauth.ChangePasswordForm):
    pass


class ChangeEmailForm(Plain, allauth.AddEmailForm):
    pass
