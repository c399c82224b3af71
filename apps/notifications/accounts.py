"""E-mails about accounts. allauth sends those about sign-up and passwords (`apps.storefront.adapter`)."""

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.core.mail import EmailMultiAlternatives
from django.utils import translation
from django.utils.translation import gettext as _

from apps.accounts.emails import AccountEmail
from apps.accounts.models import User
from apps.common import mail
from apps.common.models import OutboxEmail
from apps.common.outbox import composes
from apps.notifications.links import link
from apps.shop.identity import current


@composes(AccountEmail.INVITATION, label=AccountEmail.INVITATION.label)
def compose_invitation(email: OutboxEmail) -> EmailMultiAlternatives | None:
    """Link to choose the password of an account opened by staff; None when the account was closed meanwhile."""
    user = User.objects.filter(pk=email.object_id, is_active=True).first()
    if user is None:
        return None
    with translation.override(email.language):
        return mail.compose_text(
            subject=_("Votre compte chez %(shop)s") % {"shop": current().name},
            text="\n\n".join(
                [
                    _("Bonjour,"),
                    _(
                        "Nous vous avons ouvert un compte, pour suivre vos commandes et garder vos adresses. "
                        "Choisissez votre mot de passe : le lien vaut trois jours, puis « Mot de passe oublié » en "
                        "donne un autre."
                    ),
                    _("Choisir mon mot de passe :") + "\n" + _password_link(user),
                    _("Vous n’avez rien demandé ? Ne faites rien : sans mot de passe, personne ne peut s’y connecter."),
                ]
            ),
            to=user.email,
            language=email.language,
            key=email.key,
        )


@composes(AccountEmail.TEAM_INVITATION, label=AccountEmail.TEAM_INVITATION.label)
def compose_team_invitation(email: OutboxEmail) -> EmailMultiAlternatives | None:
    """What a new colleague needs to log in; None when they are no colleague any more."""
    user = User.objects.filter(pk=email.object_id, is_active=True, is_staff=True).first()
    if user is None:
        return None
    with translation.override(email.language):
        way_in = [_("Choisir mon mot de passe :") + "\n" + _password_link(user)]
        if user.has_usable_password():
            way_in = [_("Votre compte de client devient aussi celui de l’équipe ; son mot de passe reste le même.")]
        return mail.compose_text(
            subject=_("Votre accès à l’arrière-boutique de %(shop)s") % {"shop": current().name},
            text="\n\n".join(
                [
                    _("Bonjour,"),
                    _("Vous faites maintenant partie de l’équipe. L’arrière-boutique vous est ouverte."),
                    *way_in,
                    _(
                        "Ajoutez ensuite un second facteur dans « Mon compte » : un code de votre téléphone, "
                        "ou une clé."
                    ),
                    _("Aller à l’arrière-boutique :") + "\n" + link("admin:index"),
                ]
            ),
            to=user.email,
            language=email.language,
            key=email.key,
        )


def _password_link(user: User) -> str:
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    return link("account_reset_password_from_key", uidb36=user_pk_to_url_str(user), key=token)
