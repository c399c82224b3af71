import getpass

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from apps.accounts.first_account import LIFETIME, add_owner, new_token, owner_exists
from apps.accounts.models import User
from apps.common.errors import DomainError
from apps.common.fields import EmailFormField


class Command(BaseCommand):
    help = (
        "Ouvre le compte du propriétaire d’une boutique neuve : affiche un lien qui sert une fois, pendant une heure, "
        "ou demande l’adresse et le mot de passe ici (--ask)."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--ask", action="store_true", help="demander l’adresse et le mot de passe dans ce terminal")
        parser.add_argument("--another", action="store_true", help="même si la boutique a déjà un propriétaire")

    def handle(self, *, ask: bool, another: bool, **options) -> None:
        if owner_exists() and not another:
            raise CommandError("La boutique a déjà un propriétaire. --another en ajoute un.")
        with override("fr"):
            if ask:
                self._ask()
                return
            url = settings.SITE_URL + reverse(
                "storefront:first_account", args=[new_token(now=timezone.now(), another=another)]
            )
        minutes = int(LIFETIME.total_seconds() // 60)
        self.stdout.write(
            f"Ouvrez ce lien dans un navigateur ; il sert une fois, pendant {minutes} minutes :\n\n  {url}\n"
        )

    def _ask(self) -> None:
        email = input("Adresse e-mail : ").strip()
        password = getpass.getpass("Mot de passe (12 caractères au moins) : ")
        try:
            email = EmailFormField().clean(email)
            validate_password(password, User(email=email))
            add_owner(email=email, password=password, first_name="", language="fr", now=timezone.now())
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        except DomainError as error:
            raise CommandError(error.message) from None
        self.stdout.write("Le compte est ouvert. Ajoutez-lui un second facteur après votre première connexion.")
