"""A kind of e-mail that tells nothing, for whoever tests the outbox itself."""

import factory

from apps.common import mail
from apps.common.models import OutboxEmail
from apps.common.outbox import composes

KIND = "test"


@composes(KIND, label="essai")
def compose(email: OutboxEmail):
    """About 0 there is nothing to say."""
    if not email.object_id:
        return None
    return mail.letter(subject="Essai", text="Bonjour", to="a@example.org", language=email.language, key=email.key)


class EmailFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OutboxEmail

    key = factory.Sequence(lambda n: f"test-{n}")
    kind = KIND
    object_id = 1
    language = "fr"
