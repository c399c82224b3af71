"""allauth's views under French paths and allauth's own URL names (its `allauth.urls` has English paths)."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import path, re_path
from django.utils.translation import gettext_lazy as _

from apps.accounts.lockout import answered_429

urlpatterns = [
    # On the way in
    path(_("connexion/"), answered_429(account.login), name="account_login"),
    path(_("connexion/code/"), answered_429(mfa.authenticate), name="mfa_authenticate"),
    path(_("connexion/cle/"), webauthn.login_webauthn, name="mfa_login_webauthn"),
    path(_("deconnexion/"), account.logout, name="account_logout"),
    path(_("ferme/"), account.account_inactive, name="account_inactive"),
    path(_("inscription/"), account.signup, name="account_signup"),
    path(_("confirmation/"), account.email_verification_sent, name="account_email_verification_sent"),
    path(_("confirmation/<str:key>/"), account.confirm_email, name="account_confirm_email"),
    path(_("mot-de-passe/oublie/"), account.password_reset, name="account_reset_password"),
    path(_("mot-de-passe/oublie/envoye/"), account.password_reset_done, name="account_reset_password_done"),
    re_path(
        _(r"^mot-de-passe/nouveau/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$"),
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        _("mot-de-passe/remplace/"),
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    # Changing one's account
    path(_("verification/"), answered_429(account.reauthenticate), name="account_reauthenticate"),
    path(_("verification/code/"), answered_429(mfa.reauthenticate), name="mfa_reauthenticate"),
    path(_("verification/cle/"), webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path(_("adresse-e-mail/"), account.email, name="account_email"),
    path(_("mot-de-passe/"), account.password_change, name="account_change_password"),
    path(_("mot-de-passe/creer/"), account.password_set, name="account_set_password"),
    path(_("double-authentification/"), mfa.index, name="mfa_index"),
    path(_("double-authentification/application/"), totp.activate_totp, name="mfa_activate_totp"),
    path(_("double-authentification/application/retirer/"), totp.deactivate_totp, name="mfa_deactivate_totp"),
    path(_("codes-de-recuperation/"), recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(_("codes-de-recuperation/creer/"), recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path(
        _("codes-de-recuperation/telecharger/"),
        recovery_codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path(_("cles/"), webauthn.list_webauthn, name="mfa_list_webauthn"),
    path(_("cles/ajouter/"), webauthn.add_webauthn, name="mfa_add_webauthn"),
    path(_("cles/<int:pk>/"), webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path(_("cles/<int:pk>/retirer/"), webauthn.remove_webauthn, name="mfa_remove_webauthn"),
]
