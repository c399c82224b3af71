import factory

from apps.accounts.models import Address, User


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"client{n}@exemple.fr")
    first_name = "Camille"
    last_name = "Martin"
    password = factory.django.Password("un mot de passe solide")


class StaffFactory(UserFactory):
    email = factory.Sequence(lambda n: f"equipe{n}@exemple.fr")
    is_staff = True


class AddressFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Address

    user = factory.SubFactory(UserFactory)
    recipient = "Camille Martin"
    line1 = "12 rue des Halles"
    postcode = "69002"
    city = "Lyon"
