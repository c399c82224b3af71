from typing import Any

from django.apps import AppConfig
from django.db.models.signals import pre_save
from django.utils.translation import gettext_lazy as _

from apps.common.email_addresses import canonical_email


class AccountsConfig(AppConfig):
    name = "apps.accounts"
    verbose_name = _("Comptes")

    def ready(self) -> None:
        from apps.accounts import sessions  # noqa: F401 - gives the team's sessions their end at login

        pre_save.connect(_canonicalise_email, sender="account.EmailAddress", dispatch_uid="canonical_email_address")


def _canonicalise_email(instance: Any, **_kwargs: Any) -> None:
    """Saves allauth's EmailAddress in canonical form: its model is not ours to give a CanonicalEmailField."""
    instance.email = canonical_email(instance.email)
