from typing import Any

from allauth.account.models import EmailAddress
from django.apps import apps
from django.core.management.base import BaseCommand, CommandError

from apps.common.fields import CanonicalEmailField
from apps.common.schema import bring_to_one_form
from apps.operations.runs.broken import explained_at_a_terminal
from apps.prospects.contact import email_key
from apps.prospects.models import Prospect


class Command(BaseCommand):
    help = (
        "Ramène les adresses e-mail à leur forme unique : celles qu’une version précédente a écrites pendant un "
        "déploiement, ou qui viennent d’ailleurs. Se répète sans danger."
    )

    @explained_at_a_terminal()
    def handle(self, *args: Any, **options: Any) -> None:
        left = []
        for model in sorted(apps.get_models(), key=lambda model: model._meta.label):
            names = [field.name for field in model._meta.local_fields if isinstance(field, CanonicalEmailField)]
            for name in ["email"] if model is EmailAddress else names:
                keys = (lambda email: {"email_key": email_key(email)}) if model is Prospect else None
                changed, refused = bring_to_one_form(model, name, using="default", keys=keys)
                self.stdout.write(f"{model._meta.label}.{name} : {changed}")
                left += [f"{model._meta.label} {pk}" for pk in refused]
        if left:
            raise CommandError(f"Deux lignes pour une adresse, à regarder : {', '.join(left)}")
