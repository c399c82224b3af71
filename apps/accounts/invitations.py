"""An account that the team opens for somebody, who alone chooses its password."""

from datetime import datetime

from allauth.account import app_settings
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.common import mail
from apps.common.email_addresses import canonical_email
from apps.common.errors import DomainError
from apps.common.tasks import post


class AccountExists(DomainError):
    """Details: user."""

    code = "account_exists"


def find_account(*, email: str) -> User | None:
    """The account of an address, its own or one of its others that it has proved to own."""
    email = canonical_email(email)
    found = User.objects.filter(email=email).first()
    if found is None:
        verified = EmailAddress.objects.filter(email=email, verified=True).select_related("user").first()
        found = verified.user if verified else None
    return found


def invite_customer(*, email: str, first_name: str, last_name: str, phone: str, language: str, now: datetime) -> User:
    """Open an account without a password, and send its owner a link to choose one after commit.

    Raises AccountExists, also when somebody signs up with the address at this moment; nothing of theirs is changed.
    """
    email = canonical_email(email)
    try:
        with transaction.atomic():
            if known := find_account(email=email):
                raise AccountExists(_("Cette adresse a déjà un compte."), user=known)
            user = User.objects.create_user(
                email, first_name=first_name, last_name=last_name, phone=phone, language=language, date_joined=now
            )
            # Following the link proves the address; until then nothing that hangs on it is shown.
            EmailAddress.objects.create(user=user, email=email, primary=True, verified=False)
    except IntegrityError:
        raise AccountExists(_("Cette adresse a déjà un compte."), user=find_account(email=email)) from None
    with translation.override(language):
        key = f"invitation-{user.pk}"
        letter = mail.letter(
            subject=_("Votre compte chez %(shop)s") % {"shop": settings.SHOP["name"]},
            text="\n\n".join(
                [
                    _("Bonjour,"),
                    _(
                        "Nous vous avons ouvert un compte, pour suivre vos commandes et garder vos adresses. "
                        "Choisissez votre mot de passe : le lien vaut trois jours, puis « Mot de passe oublié » en "
                        "donne un autre."
                    ),
                    _("Choisir mon mot de passe :") + "\n" + _password_address(user),
                    _("Vous n’avez rien demandé ? Ne faites rien : sans mot de passe, personne ne peut s’y connecter."),
                ]
            ),
            to=email,
            language=language,
            key=key,
        )
        post(letter, key=key)
    return user


def _password_address(user: User) -> str:
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": token})
    return settings.SITE_URL + path
