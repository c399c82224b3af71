from decimal import Decimal

import factory

from apps.delivery.models import DeliveryMethod, PickupPoint, WeightBracket


class DeliveryMethodFactory(factory.django.DjangoModelFactory):
    """Home delivery: 4,90 € up to 2 kg, 9,90 € up to 30 kg, free from 60 €."""

    class Meta:
        model = DeliveryMethod
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"domicile-{n}")
    name_fr = "Livraison à domicile"
    name_en = "Home delivery"
    kind = DeliveryMethod.Kind.HOME
    free_from = Decimal("60.00")

    @factory.post_generation
    def brackets(method, create, extracted, **kwargs):
        priced = {2000: "4.90", 30000: "9.90"} if extracted is None else extracted
        for up_to_g, price in priced.items():
            WeightBracket.objects.create(method=method, up_to_g=up_to_g, price=Decimal(price))


class InStoreFactory(DeliveryMethodFactory):
    code = factory.Sequence(lambda n: f"boutique-{n}")
    name_fr = "Retrait en boutique"
    name_en = "Collect in store"
    kind = DeliveryMethod.Kind.IN_STORE
    free_from = None

    @factory.post_generation
    def brackets(method, create, extracted, **kwargs):
        pass


class PickupPointFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PickupPoint

    method = factory.SubFactory(
        DeliveryMethodFactory, kind=DeliveryMethod.Kind.PICKUP_POINT, name_fr="Point relais", name_en="Pick-up point"
    )
    code = factory.Sequence(lambda n: f"relais-{n}")
    name = "Tabac des Halles"
    line1 = "3 place du Marché"
    postcode = "69002"
    city = "Lyon"
