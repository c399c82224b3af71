"""A kind of e-mail for tests of the outbox."""

import factory

from apps.common import mail
from apps.common.models import OutboxEmail
from apps.common.outbox import composes

KIND = "test"


@composes(KIND, label="essai")
def compose(email: OutboxEmail):
    """None for object 0."""
    if not email.object_id:
        return None
    return mail.compose_text(
        subject="Essai", text="Bonjour", to="a@example.org", language=email.language, key=email.key
    )


class EmailFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OutboxEmail

    key = factory.Sequence(lambda n: f"test-{n}")
    kind = KIND
    object_id = 1
    language = "fr"
