"""Two colleagues save one record: nothing that one of them saved is undone without a word."""

from datetime import timedelta
from decimal import Decimal

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.test import Client, RequestFactory
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from django_celery_results.models import GroupResult

from apps.accounts.models import User
from apps.accounts.tests.factories import StaffFactory, UserFactory
from apps.backoffice.edits.admin import GuardedAdmin
from apps.backoffice.tests.forms import form_of
from apps.catalogue.models import (
    Attribute,
    AttributeValue,
    EconomicOperator,
    PlannedReduction,
    Product,
    ProductImage,
    SearchSynonym,
    Variant,
)
from apps.catalogue.tests.factories import BrandFactory, CategoryFactory, VariantFactory
from apps.catalogue.tests.images import picture_bytes
from apps.common.tests.races import race
from apps.delivery.models import DeliveryMethod, WeightBracket
from apps.delivery.tests.factories import DeliveryMethodFactory, PickupPointFactory
from apps.prospects.tests.factories import make_stages

NOW = timezone.now().replace(microsecond=0)


@pytest.fixture
def staff(client, db):
    user = StaffFactory(is_superuser=True)
    client.force_login(user)
    return user


def change(row) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[quote(row.pk)])


def html_of(response) -> str:
    return response.content.decode()


# --- Every change form ---------------------------------------------------------------------------------------------
def _crontab():
    return CrontabSchedule.objects.create(minute="0", hour="4")


def _attribute_value():
    attribute = Attribute.objects.create(code="couleur", name_fr="Couleur")
    return AttributeValue.objects.create(attribute=attribute, label_fr="Rouge", slug="rouge")


def _planned():
    return PlannedReduction.objects.create(
        variant=VariantFactory(price=Decimal("10.00")),
        amount=Decimal("8.00"),
        starts_at=NOW + timedelta(days=1),
        ends_at=NOW + timedelta(days=9),
    )


def _finding():
    return apps.get_model("operations.AuditFinding").objects.create(
        key="k",
        check_name="idle",
        severity="LOW",
        resource="arn",
        problem="Rien",
        remedy="Rien",
        sources="shop",
        first_seen_at=NOW,
        last_seen_at=NOW,
    )


# The model: a row of it, a field that its form shows, and what a colleague makes of it.
ROWS = {
    "account.EmailAddress": (
        lambda: EmailAddress.objects.create(user=UserFactory(), email="camille@exemple.fr"),
        {"email": "dominique@exemple.fr"},
    ),
    "django_celery_results.GroupResult": (
        lambda: GroupResult.objects.create(group_id="un", content_type="json", content_encoding="utf-8", result="[]"),
        {"content_encoding": "binary"},
    ),
    "mfa.Authenticator": (
        lambda: Authenticator.objects.create(user=UserFactory(), type="totp", data={"secret": "x"}, last_used_at=NOW),
        {"type": "recovery_codes"},
    ),
    "accounts.User": (UserFactory, {"first_name": "Dominique"}),
    "auth.Group": (lambda: Group.objects.create(name="Vente"), {"name": "Vente et accueil"}),
    "catalogue.Attribute": (lambda: _attribute_value().attribute, {"name_fr": "Teinte"}),
    "catalogue.AttributeValue": (_attribute_value, {"label_fr": "Rouge vif"}),
    "catalogue.Brand": (BrandFactory, {"name": "Maison Renommée"}),
    "catalogue.Category": (CategoryFactory, {"name_fr": "Rayon renommé"}),
    "catalogue.EconomicOperator": (
        lambda: EconomicOperator.objects.create(name="A", postal_address="B", electronic_address="C"),
        {"name": "Moulins Réunis"},
    ),
    "catalogue.PlannedReduction": (_planned, {"amount": Decimal("7.35")}),
    "catalogue.Product": (lambda: VariantFactory().product, {"name_fr": "Miel de lavande"}),
    "catalogue.Stock": (lambda: VariantFactory().stock, {"low_threshold": 17}),
    "delivery.DeliveryMethod": (DeliveryMethodFactory, {"name_fr": "Coursier"}),
    "delivery.PickupPoint": (PickupPointFactory, {"name": "Relais du pont"}),
    "django_celery_beat.ClockedSchedule": (
        lambda: ClockedSchedule.objects.create(clocked_time=NOW),
        {"clocked_time": NOW + timedelta(days=3)},
    ),
    "django_celery_beat.CrontabSchedule": (_crontab, {"hour": "17"}),
    "django_celery_beat.IntervalSchedule": (
        lambda: IntervalSchedule.objects.create(every=3, period="days"),
        {"every": 41},
    ),
    "django_celery_beat.PeriodicTask": (
        lambda: PeriodicTask.objects.create(name="essai", task="catalogue.draw_waiting", crontab=_crontab()),
        {"enabled": False},
    ),
    "catalogue.SearchSynonym": (
        lambda: SearchSynonym.objects.create(language="fr", words="soda, limonade"),
        {"words": "soda, citronnade"},
    ),
    "django_celery_beat.SolarSchedule": (
        lambda: SolarSchedule.objects.create(event="sunset", latitude=45, longitude=4),
        {"latitude": Decimal("43.5")},
    ),
    "operations.AuditFinding": (
        _finding,
        {"accepted_reason": "Le bastion ferme vendredi.", "accepted_until_date": NOW.date() + timedelta(days=5)},
    ),
    "prospects.Stage": (lambda: next(iter(make_stages().values())), {"name_fr": "À rappeler"}),
}
# What a page asks for at each save.
NEEDED = {"catalogue.Stock": {"reason": "CORRECTION"}}
# Django's form for a change of these is not what changes them, or nothing stands in it.
ELSEWHERE = {
    "prospects.Prospect": "a page of its own, with a version (test_prospect_card)",
    "catalogue.CatalogueImport": "an import is confirmed, not edited",
    "prospects.ProspectImport": "an import is confirmed, not edited",
}
REGISTERED = sorted(model._meta.label for model in admin.site._registry)


def has_fields(label: str) -> bool:
    """Whether a superuser finds something to change in the form of an existing row."""
    model = apps.get_model(label)
    model_admin = admin.site._registry[model]
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_staff=True, is_active=True)
    row = model(pk=1)
    return model_admin.has_change_permission(request, row) and bool(
        {name for _title, options in model_admin.get_fieldsets(request, row) for name in flat(options["fields"])}
        - set(model_admin.get_readonly_fields(request, row))
    )


def flat(fields):
    return [name for each in fields for name in (each if isinstance(each, list | tuple) else [each])]


@pytest.mark.parametrize("label", REGISTERED)
def test_no_change_form_restores_what_a_colleague_changed(client, staff, label):
    model = apps.get_model(label)
    assert isinstance(admin.site._registry[model], GuardedAdmin)
    if label not in ROWS:
        assert label in ELSEWHERE or not has_fields(label), f"{label} can be changed: add a row of it to ROWS"
        return
    make, theirs = ROWS[label]
    row = make()
    page = form_of(client, change(row)) | NEEDED.get(label, {})
    model._base_manager.filter(pk=row.pk).update(**theirs)
    response = client.post(change(row), page)
    assert response.status_code == 409
    row = model._base_manager.get(pk=row.pk)
    assert {name: getattr(row, name) for name in theirs} == theirs
    taken = {conflict.field for conflict in response.context["edit_taken"]}
    assert taken == set(theirs), response.context["edit_asked"]
    # Told once, the same page can be saved.
    response = client.post(change(row), resubmission(response) | NEEDED.get(label, {}))
    assert response.status_code == 302, response.context["edit_mistakes"]
    row = model._base_manager.get(pk=row.pk)
    assert {name: getattr(row, name) for name in theirs} == theirs


@pytest.mark.parametrize("label", [label for label in REGISTERED if label in ROWS])
def test_a_page_that_nobody_else_touched_is_saved(client, staff, label):
    row = ROWS[label][0]()
    response = client.post(change(row), form_of(client, change(row)) | NEEDED.get(label, {}))
    assert response.status_code == 302, response.context["edit_conflicts"] or response.context["edit_mistakes"]


def resubmission(response) -> dict[str, str]:
    """What a browser would send of the page of a refusal, nothing chosen."""

    class Page:
        def get(self, url):
            return response

    data = form_of(Page(), "")
    for conflict in response.context["edit_asked"]:
        data.setdefault("conflict-asked", []).append(conflict.name)
    return data


# --- Field by field ------------------------------------------------------------------------------------------------
@pytest.fixture
def product(db):
    return VariantFactory(product__name_fr="Miel", product__origin_fr="France").product


def test_what_each_changed_alone_is_kept(client, staff, product):
    page = form_of(client, change(product)) | {"origin_fr": "Drôme"}
    Product.objects.filter(pk=product.pk).update(name_fr="Miel de lavande", vat_class="REDUCED")
    response = client.post(change(product), page)
    assert response.status_code == 409
    assert "Miel de lavande" in html_of(response)
    assert "5,5 %" in html_of(response)
    assert client.post(change(product), resubmission(response)).status_code == 302
    product.refresh_from_db()
    assert (product.name_fr, product.vat_class, product.origin_fr) == ("Miel de lavande", "REDUCED", "Drôme")


@pytest.mark.parametrize(("choice", "expected"), [("theirs", "Miel de lavande"), ("mine", "Miel doux")])
@pytest.mark.parametrize("button", ["field", "all"])
def test_what_both_changed_is_asked(client, staff, product, choice, expected, button):
    page = form_of(client, change(product)) | {"name_fr": "Miel doux", "origin_fr": "Drôme"}
    Product.objects.filter(pk=product.pk).update(name_fr="Miel de lavande")
    response = client.post(change(product), page)
    assert [(each.theirs, each.mine) for each in response.context["edit_asked"]] == [("Miel de lavande", "Miel doux")]
    again = resubmission(response)
    refused = client.post(change(product), again)
    assert refused.status_code == 409, "nothing was chosen"
    product.refresh_from_db()
    assert (product.name_fr, product.origin_fr) == ("Miel de lavande", "France")
    answer = {"conflict-all": choice} if button == "all" else {"choice-name_fr": choice}
    assert client.post(change(product), resubmission(refused) | answer).status_code == 302
    product.refresh_from_db()
    assert (product.name_fr, product.origin_fr) == (expected, "Drôme")


def test_a_third_change_is_asked_again(client, staff, product):
    page = form_of(client, change(product)) | {"name_fr": "Miel doux"}
    Product.objects.filter(pk=product.pk).update(name_fr="Miel de lavande")
    response = client.post(change(product), page)
    Product.objects.filter(pk=product.pk).update(name_fr="Miel d’acacia")
    response = client.post(change(product), resubmission(response) | {"choice-name_fr": "mine"})
    assert [each.theirs for each in response.context["edit_asked"]] == ["Miel d’acacia"]
    product.refresh_from_db()
    assert product.name_fr == "Miel d’acacia"


def test_the_same_change_by_both_is_no_conflict(client, staff, product):
    page = form_of(client, change(product)) | {"name_fr": "Miel doux"}
    Product.objects.filter(pk=product.pk).update(name_fr="Miel doux")
    assert client.post(change(product), page).status_code == 302


@pytest.mark.parametrize("snapshot", ["", "forged", "of another"])
def test_a_page_that_does_not_say_what_it_showed_overwrites_nothing(client, staff, product, snapshot):
    page = form_of(client, change(product)) | {"name_fr": "Miel doux"}
    if snapshot == "of another":
        snapshot = form_of(client, change(VariantFactory().product))["seen"]
    response = client.post(change(product), page | {"seen": snapshot})
    assert response.status_code == 409
    product.refresh_from_db()
    assert product.name_fr == "Miel"


def test_a_program_that_sends_no_snapshot_writes_what_it_says(client, staff, product):
    page = form_of(client, change(product)) | {"name_fr": "Miel doux"}
    page = {name: value for name, value in page.items() if name != "seen" and not name.endswith("-seen")}
    assert client.post(change(product), page).status_code == 302
    product.refresh_from_db()
    assert product.name_fr == "Miel doux"


def test_values_of_many_kinds_come_back_untouched(client, staff):
    value = _attribute_value()
    product = VariantFactory(content_quantity=Decimal("250.500"), content_unit="GRAM").product
    product.attribute_values.add(value)
    Product.objects.filter(pk=product.pk).update(description_fr="Une ligne\r\nUne autre\nUne  autre ")
    page = form_of(client, change(product)) | {"origin_fr": "Drôme"}
    assert client.post(change(product), page).status_code == 302


def test_lists_of_choices_are_compared(client, staff, product):
    value = _attribute_value()
    page = form_of(client, change(product)) | {"origin_fr": "Drôme"}
    product.attribute_values.add(value)
    response = client.post(change(product), page)
    assert [each.theirs for each in response.context["edit_taken"]] == [str(value)]
    assert client.post(change(product), resubmission(response)).status_code == 302
    assert list(product.attribute_values.all()) == [value]


def test_the_last_colleague_is_named(client, staff, product):
    other = Client()
    other.force_login(StaffFactory(is_superuser=True, email="claire@webmarket.example"))
    page = form_of(client, change(product)) | {"origin_fr": "Drôme"}
    other.post(change(product), form_of(other, change(product)) | {"name_fr": "Miel doux"})
    assert "claire@webmarket.example" in html_of(client.post(change(product), page))


# --- Rows of inlines -----------------------------------------------------------------------------------------------
def test_a_row_of_a_colleague_is_not_restored(client, staff, product):
    variant = product.variants.get()
    page = form_of(client, change(product)) | {"variants-0-position": "3", "name_fr": "Miel doux"}
    Variant.objects.filter(pk=variant.pk).update(weight_g=777, is_active=False)
    response = client.post(change(product), page)
    assert response.status_code == 409
    assert {each.field for each in response.context["edit_taken"]} == {"weight_g", "is_active"}
    assert client.post(change(product), resubmission(response)).status_code == 302
    variant.refresh_from_db()
    product.refresh_from_db()
    assert (variant.weight_g, variant.is_active, variant.position) == (777, False, 3)
    assert product.name_fr == "Miel doux"


def test_a_row_that_both_changed_is_asked(client, staff, product):
    variant = product.variants.get()
    page = form_of(client, change(product)) | {"variants-0-weight_g": "300"}
    Variant.objects.filter(pk=variant.pk).update(weight_g=777)
    response = client.post(change(product), page)
    assert [(each.theirs, each.mine) for each in response.context["edit_asked"]] == [("777", "300")]
    assert variant.sku in html_of(response)
    client.post(change(product), resubmission(response) | {"choice-variants-0-weight_g": "mine"})
    variant.refresh_from_db()
    assert variant.weight_g == 300


@pytest.mark.parametrize(("choice", "expected"), [("theirs", "11.00"), ("mine", "13.90")])
def test_a_price_that_moved_is_asked_with_the_others(client, staff, choice, expected):
    from apps.catalogue.services.prices import set_price

    variant = VariantFactory(price=Decimal("12.50"))
    url = change(variant.product)
    page = form_of(client, url) | {"variants-0-amount": "13.90"}
    set_price(variant=variant, amount=Decimal("11.00"), author=staff, now=timezone.now())
    response = client.post(url, page)
    assert response.status_code == 409
    assert client.post(url, resubmission(response) | {"choice-variants-0-amount": choice}).status_code == 302
    variant.refresh_from_db()
    assert variant.price == Decimal(expected)


def test_rows_keep_their_owner_when_a_colleague_adds_deletes_and_moves(client, staff):
    method = DeliveryMethodFactory(brackets={1000: "3.00", 2000: "5.00", 3000: "7.00"})
    page = form_of(client, change(method))
    rows = {page[f"brackets-{index}-id"]: index for index in range(3)}
    second, third = method.brackets.order_by("up_to_g")[1:3]
    page |= {f"brackets-{rows[str(third.pk)]}-price": "7.50"}
    method.brackets.order_by("up_to_g").first().delete()
    WeightBracket.objects.create(method=method, up_to_g=500, price=Decimal("2.00"))
    response = client.post(change(method), page)
    assert response.status_code == 302, response.context["edit_conflicts"]
    assert {each.up_to_g: each.price for each in method.brackets.all()} == {
        500: Decimal("2.00"),
        second.up_to_g: second.price,
        third.up_to_g: Decimal("7.50"),
    }


def test_a_deleted_picture_is_not_missed(client, staff, product):
    images = [
        ProductImage.objects.create(
            product=product, file=ContentFile(picture_bytes(), f"{name}.png"), alt_fr=name, position=1
        )
        for name in ("un", "deux", "trois")
    ]
    page = form_of(client, change(product)) | {"images-2-alt_fr": "Le troisième"}
    images[0].delete()
    assert client.post(change(product), page).status_code == 302
    assert sorted(product.images.values_list("alt_fr", flat=True)) == ["Le troisième", "deux"]


def rows_at(page: dict[str, str], prefix: str, pk: int) -> str:
    found = {value: name for name, value in page.items() if name.startswith(prefix) and name.endswith("-id")}
    return found[str(pk)].removesuffix("-id")


@pytest.mark.parametrize(("choice", "is_left"), [("theirs", True), ("mine", False)])
def test_a_row_that_a_colleague_changed_is_not_deleted_unasked(client, staff, choice, is_left):
    method = DeliveryMethodFactory(brackets={1000: "3.00", 2000: "5.00"})
    row = method.brackets.get(up_to_g=1000)
    page = form_of(client, change(method))
    page[f"{rows_at(page, 'brackets', row.pk)}-DELETE"] = "on"
    WeightBracket.objects.filter(pk=row.pk).update(price=Decimal("3.50"))
    response = client.post(change(method), page)
    assert response.status_code == 409
    (asked,) = response.context["edit_asked"]
    assert "3,50" in asked.theirs
    again = resubmission(response)
    refused = client.post(change(method), again)
    assert refused.status_code == 409, "nothing was chosen"
    assert client.post(change(method), resubmission(refused) | {f"choice-{asked.name}": choice}).status_code == 302
    assert list(method.brackets.filter(pk=row.pk).values_list("price", flat=True)) == [Decimal("3.50")] * is_left


def test_a_row_that_nobody_changed_is_deleted_at_once(client, staff):
    method = DeliveryMethodFactory(brackets={1000: "3.00", 2000: "5.00"})
    page = form_of(client, change(method)) | {"brackets-0-DELETE": "on"}
    assert client.post(change(method), page).status_code == 302
    assert method.brackets.count() == 1


def test_what_was_typed_into_a_row_that_a_colleague_deleted_is_told(client, staff):
    method = DeliveryMethodFactory(brackets={1000: "3.00", 2000: "5.00"})
    row = method.brackets.get(up_to_g=1000)
    page = form_of(client, change(method))
    page[f"{rows_at(page, 'brackets', row.pk)}-price"] = "7.77"
    row.delete()
    response = client.post(change(method), page | {"name_fr": "Coursier"})
    assert response.status_code == 409
    assert "7.77" in html_of(response)
    assert client.post(change(method), resubmission(response)).status_code == 302
    method.refresh_from_db()
    assert (method.name_fr, method.brackets.count()) == ("Coursier", 1)


def test_a_record_that_a_colleague_deleted_gives_back_what_was_typed(client, staff):
    brand = BrandFactory()
    page = form_of(client, change(brand)) | {"name": "Maison du Miel"}
    url = change(brand)
    brand.delete()
    response = client.post(url, page)
    assert response.status_code == 409
    assert "Maison du Miel" in html_of(response)


def test_a_right_that_was_taken_away_meanwhile_loses_nothing_typed(client, staff):
    brand = BrandFactory()
    page = form_of(client, change(brand)) | {"name": "Maison du Miel"}
    User.objects.filter(pk=staff.pk).update(is_superuser=False)
    response = client.post(change(brand), page)
    assert response.status_code == 403
    assert "Maison du Miel" in html_of(response)
    assert '<dt class="font-semibold mt-2">Nom</dt>' in html_of(response)
    assert "no-store" in response["Cache-Control"]


def test_a_row_that_a_colleague_has_added_already_is_told(client, staff):
    method = DeliveryMethodFactory(brackets={1000: "3.00"})
    row = {"brackets-TOTAL_FORMS": "2", "brackets-1-up_to_g": "2000", "brackets-1-price": "5.00"}
    page = form_of(client, change(method)) | row
    WeightBracket.objects.create(method=method, up_to_g=2000, price=Decimal("4.00"))
    response = client.post(change(method), page)
    assert response.status_code == 200
    assert [mistake.anchor for mistake in response.context["edit_mistakes"]] == ["id_brackets-1-up_to_g"]


def test_rows_that_exchange_what_is_unique_lose_nothing_typed(client, staff):
    method = DeliveryMethodFactory(name_fr="Coursier", brackets={1000: "3.00", 2000: "5.00"})
    page = form_of(client, change(method)) | {"brackets-0-up_to_g": "2000", "brackets-1-up_to_g": "1000"}
    response = client.post(change(method), page)
    assert response.status_code == 409
    assert "Coursier" in html_of(response)


@pytest.mark.parametrize("rows", ["", "-1", "x", "999999999999", "3"])
def test_a_page_with_a_wrong_number_of_rows_is_no_fault_of_ours(client, staff, product, rows):
    page = form_of(client, change(product)) | {"images-INITIAL_FORMS": rows, "images-0-id": "x"}
    assert client.post(change(product), page).status_code in (200, 302, 409)


# --- Lists that are edited in place --------------------------------------------------------------------------------
def rows_of(client, url: str) -> dict[str, str]:
    formset = client.get(url).context["cl"].formset
    data = {bound.html_name: str(bound.value()) for bound in formset.management_form}
    for form in formset.forms:
        for bound in form:
            value = bound.value()
            if value not in (None, False):
                data[bound.html_name] = "on" if value is True else str(value)
    return data | {"_save": "1"}


def test_a_list_edited_in_place_is_guarded(client, staff):
    first, second = DeliveryMethodFactory(code="a", position=1), DeliveryMethodFactory(code="b", position=2)
    url = reverse("admin:delivery_deliverymethod_changelist")
    page = rows_of(client, url)
    index = next(name for name, value in page.items() if name.endswith("-id") and value == str(second.pk))
    index = index.split("-")[1]
    page[f"form-{index}-position"] = "9"
    DeliveryMethod.objects.filter(pk=first.pk).update(position=5, is_active=False)
    response = client.post(url, page)
    assert response.status_code == 409
    assert set(DeliveryMethod.objects.values_list("position", "is_active")) == {(5, False), (2, True)}
    formset = response.context["cl"].formset
    again = {bound.html_name: str(bound.value()) for bound in formset.management_form} | {"_save": "1"}
    for form in formset.forms:
        again |= {bound.html_name: str(bound.value()) for bound in form if bound.value() not in (None, False)}
    assert client.post(url, again).status_code == 302
    assert set(DeliveryMethod.objects.values_list("position", "is_active")) == {(5, False), (9, True)}


def test_a_list_that_a_colleague_reordered_shows_each_row_with_its_own_fields(client, staff):
    first, second = DeliveryMethodFactory(code="a", position=1), DeliveryMethodFactory(code="b", position=2)
    url = reverse("admin:delivery_deliverymethod_changelist")
    page = rows_of(client, url)
    page[f"{rows_at(page, 'form', second.pk)}-position"] = "9"
    DeliveryMethod.objects.filter(pk=first.pk).update(position=5)
    cl = client.post(url, page).context["cl"]
    assert [row.pk for row in cl.result_list] == [form.instance.pk for form in cl.formset.forms]


def test_a_row_of_a_list_that_a_colleague_deleted_is_told(client, staff):
    first, second = DeliveryMethodFactory(code="a", position=1), DeliveryMethodFactory(code="b", position=2)
    url = reverse("admin:delivery_deliverymethod_changelist")
    page = rows_of(client, url)
    page[f"{rows_at(page, 'form', second.pk)}-position"] = "9"
    second.delete()
    assert client.post(url, page).status_code == 409
    page = rows_of(client, url)
    page[f"{rows_at(page, 'form', first.pk)}-position"] = "4"
    assert client.post(url, page).status_code == 302


# --- An earlier version put back -----------------------------------------------------------------------------------
def test_an_earlier_version_put_back_undoes_only_what_the_page_said(client, staff, product):
    product.name_fr = "Miel nouveau"
    product.save()
    earliest = product.history.earliest("history_date")
    url = reverse("admin:catalogue_product_simple_history", args=[product.pk, earliest.pk])
    form = client.get(url).context["adminform"].form
    page = {bound.html_name: str(bound.value()) for bound in form if bound.value() not in (None, False, [])}
    Product.objects.filter(pk=product.pk).update(origin_fr="Drôme")
    response = client.post(url, page)
    assert response.status_code == 409
    assert "Drôme" in html_of(response)
    product.refresh_from_db()
    assert (product.name_fr, product.origin_fr) == ("Miel nouveau", "Drôme")
    form = response.context["adminform"].form
    page = {bound.html_name: str(bound.value()) for bound in form if bound.value() not in (None, False, [])}
    assert client.post(url, page).status_code == 302
    product.refresh_from_db()
    assert (product.name_fr, product.origin_fr) == ("Miel", "Drôme")


# --- One page sent twice -------------------------------------------------------------------------------------------
OPERATOR = {"name": "Moulin", "postal_address": "1 rue", "electronic_address": "moulin@exemple.fr"}
OPERATOR_ADD = reverse_lazy("admin:catalogue_economicoperator_add")


def sent_by_a_browser(client, url: str, **typed: str) -> dict[str, str]:
    return form_of(client, url) | {"csrfmiddlewaretoken": str(client.get(url).context["csrf_token"])} | typed


def test_a_new_record_sent_twice_is_made_once(client, staff):
    page = sent_by_a_browser(client, OPERATOR_ADD, **OPERATOR)
    assert [client.post(OPERATOR_ADD, page).status_code for _time in range(3)] == [302] * 3
    assert EconomicOperator.objects.count() == 1
    # Another page that says the same is another record.
    assert client.post(OPERATOR_ADD, sent_by_a_browser(client, OPERATOR_ADD, **OPERATOR)).status_code == 302
    assert EconomicOperator.objects.count() == 2


def test_a_new_row_sent_twice_is_made_once_and_its_own_copy_is_no_mistake(client, staff):
    method = DeliveryMethodFactory(brackets={1000: "3.00"})
    row = {"brackets-TOTAL_FORMS": "2", "brackets-1-up_to_g": "2000", "brackets-1-price": "5.00"}
    page = sent_by_a_browser(client, change(method), **row)
    answers = [client.post(change(method), page) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert method.brackets.count() == 2
    texts = [str(message) for message in client.get(answers[1].url).context["messages"]]
    assert any("deux fois" in text for text in texts)


def test_a_refused_page_may_be_sent_again(client, staff, product):
    page = sent_by_a_browser(client, change(product), name_fr="")
    assert [client.post(change(product), page).status_code for _time in range(2)] == [200, 200]


# --- At the same moment --------------------------------------------------------------------------------------------
@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
def test_two_saves_at_the_same_moment_lose_nothing():
    """Without the lock both read the row before either writes, and the later one restores the other's field."""
    product = VariantFactory(product__name_fr="Miel", product__origin_fr="France").product
    savers = []
    for number in range(2):
        client = Client()
        client.force_login(StaffFactory(is_superuser=True))
        data = form_of(client, change(product))
        savers.append((client, data | ({"name_fr": "Miel doux"} if number else {"origin_fr": "Drôme"})))
    statuses = sorted(
        response.status_code
        for response in race(*[lambda c=client, d=data: c.post(change(product), d) for client, data in savers])
    )
    assert statuses == [302, 409]
    product.refresh_from_db()
    assert (product.name_fr, product.origin_fr) in {("Miel doux", "France"), ("Miel", "Drôme")}


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
def test_a_double_click_makes_one_row():
    user = StaffFactory(is_superuser=True)
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(user)
    page = sent_by_a_browser(clients[0], OPERATOR_ADD, **OPERATOR)
    answers = race(*[lambda c=client: c.post(OPERATOR_ADD, page) for client in clients])
    assert [answer.status_code for answer in answers] == [302, 302]
    assert EconomicOperator.objects.count() == 1


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
def test_one_name_given_twice_at_the_same_moment_is_told():
    """Neither sees the other's when it is checked: the index refuses the second."""
    url = reverse("admin:catalogue_brand_add")
    savers = []
    for _number in range(2):
        client = Client()
        client.force_login(StaffFactory(is_superuser=True))
        savers.append(client)
    data = {"name": "Maison du Miel", "slug": "maison-du-miel"}
    responses = race(*[lambda c=client: c.post(url, data) for client in savers])
    assert sorted(response.status_code for response in responses) == [200, 302]


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
def test_two_lists_saved_at_the_same_moment_lose_nothing():
    row = DeliveryMethodFactory(position=1, is_active=True)
    url = reverse("admin:delivery_deliverymethod_changelist")
    savers = []
    for number in range(2):
        client = Client()
        client.force_login(StaffFactory(is_superuser=True))
        page = rows_of(client, url)
        if number:
            page["form-0-position"] = "9"
        else:
            page.pop("form-0-is_active")
        savers.append((client, page))
    statuses = sorted(
        response.status_code for response in race(*[lambda c=client, d=data: c.post(url, d) for client, data in savers])
    )
    assert statuses == [302, 409]
    row.refresh_from_db()
    assert (row.position, row.is_active) in {(9, True), (1, False)}
