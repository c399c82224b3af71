import factory

from apps.basket.models import Basket, BasketLine, CheckoutDetails
from apps.catalogue.tests.factories import VariantFactory
from apps.delivery.tests.factories import DeliveryMethodFactory


class BasketFactory(factory.django.DjangoModelFactory):
    """A visitor's open basket; `lines=[(variant, quantity), …]` fills it."""

    class Meta:
        model = Basket
        skip_postgeneration_save = True

    @factory.post_generation
    def lines(basket, create, extracted, **kwargs):
        for variant, quantity in extracted or []:
            BasketLineFactory(basket=basket, variant=variant, quantity=quantity)


class BasketLineFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = BasketLine

    basket = factory.SubFactory(BasketFactory)
    variant = factory.SubFactory(VariantFactory)
    quantity = 1
    price_seen = factory.SelfAttribute("variant.price")


class CheckoutDetailsFactory(factory.django.DjangoModelFactory):
    """A guest who has filled in everything: home delivery, bank transfer. `method=` is a delivery method."""

    class Meta:
        model = CheckoutDetails

    class Params:
        method = factory.SubFactory(DeliveryMethodFactory)

    basket = factory.SubFactory(BasketFactory)
    email = "camille@exemple.fr"
    recipient = "Camille Martin"
    line1 = "12 rue des Halles"
    postcode = "69002"
    city = "Lyon"
    delivery_method = factory.SelfAttribute("method.code")
    payment_method = "bank_transfer"
