import factory
from django.utils import timezone

from apps.prospects.contact import email_key, phone_key
from apps.prospects.models import Prospect, Stage

CODES = ("nouveau", "contacte", "qualifie", "proposition", "gagne", "perdu")


def make_stages() -> dict[str, Stage]:
    """The columns that a migration makes; a test that empties tables takes them away from the next one."""
    return {
        code: Stage.objects.get_or_create(
            code=code, defaults={"name_fr": code.title(), "position": place, "asks_reason": code == "perdu"}
        )[0]
        for place, code in enumerate(CODES)
    }


class ProspectFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Prospect

    first_name = "Léa"
    last_name = factory.Sequence(lambda n: f"Petit {n}")
    email = factory.Sequence(lambda n: f"lea{n}@exemple.fr")
    email_key = factory.LazyAttribute(lambda prospect: email_key(prospect.email))
    phone_key = factory.LazyAttribute(lambda prospect: phone_key(prospect.phone))
    phone = ""
    stage = factory.LazyFunction(lambda: make_stages()["nouveau"])
    stage_since = factory.LazyFunction(timezone.now)
    rank = factory.Sequence(lambda n: n * 1000)
