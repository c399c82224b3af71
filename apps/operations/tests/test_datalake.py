import csv
import gzip
import io
import json
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from apps.accounts.tests.factories import UserFactory
from apps.catalogue.models import Attribute, AttributeValue, ProductImage, Stock
from apps.catalogue.services.prices import set_price
from apps.catalogue.tests.factories import CategoryFactory, ProductFactory, VariantFactory
from apps.operations.runs.report import Reporter
from apps.operations.services.backup.store import Bucket, Folder
from apps.operations.services.lake import assets, populate
from apps.operations.services.lake.manifest import MANIFEST, read_manifest
from apps.operations.services.lake.populate import populate_datalake
from apps.operations.services.lake.tables import TABLES
from apps.operations.tests.parquet import parquet_rows
from apps.orders.tests.factories import OrderFactory, OrderLineFactory
from apps.payments.models import Refund
from apps.payments.tests.factories import PaymentFactory

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 21, 4, tzinfo=PARIS)


@pytest.fixture
def store(settings, tmp_path) -> Folder:
    settings.OPERATIONS = {**settings.OPERATIONS, "lake_bucket": "", "lake_folder": tmp_path / "lake"}
    return Folder(tmp_path / "lake")


def run(**changes):
    options = {"months": 13, "at_once": 4, "dry_run": False, "now": NOW} | changes
    return populate_datalake(**options, report=Reporter())


def sold(*, at=NOW, **more):
    return OrderFactory(status="CONFIRMED", placed_at=at, **more)


def table(store, key: str) -> list[dict]:
    return parquet_rows(store.get(key))


def part(store, name: str) -> list[dict]:
    """The rows of the only file of a table of the catalogue."""
    return table(store, read_manifest(store).tables[f"{name}/000000"].key)


def picture(content: bytes = b"picture") -> ProductImage:
    product = ProductFactory()
    name = default_storage.save(f"products/{product.pk}/{content.hex()}.JPG", ContentFile(content))
    image = ProductImage.objects.create(product=product)
    ProductImage.objects.filter(pk=image.pk).update(file=name, width=3, height=2)
    image.refresh_from_db()
    return image


class Reads:
    """The shop's files, of which the reading is counted, and stopped after so many."""

    def __init__(self, until: int = 1000) -> None:
        self.names: list[str] = []
        self.until = until

    def open(self, name: str):
        self.names.append(name)
        if len(self.names) == self.until:
            raise KeyboardInterrupt
        return default_storage.open(name)


class TestCatalogue:
    def test_a_reader_finds_every_product_through_the_manifest(self, store):
        variants = [VariantFactory() for _ in range(3)]
        run()
        manifest = read_manifest(store)
        found = []
        for entry in manifest.catalogue.values():
            text = gzip.decompress(store.get(entry.key)).decode("utf-8-sig")
            found += [
                row["code"] for row in csv.DictReader(io.StringIO(text), delimiter=";") if row["type"] == "modele"
            ]
        assert sorted(found) == sorted(variant.sku for variant in variants)

    def test_a_repeat_sends_nothing_and_a_change_moves_one_file(self, store, monkeypatch):
        monkeypatch.setattr("apps.operations.services.lake.catalogue.PRODUCTS_PER_FILE", 1)
        products = [VariantFactory().product for _ in range(3)]
        run()
        written = store.get(MANIFEST)
        assert run().data["sent"] == 0
        assert store.get(MANIFEST) == written
        products[1].name_fr = "Tout autre chose"
        products[1].save()
        # Its text, its table and the list of that table's files.
        assert run().data["sent"] == 3

    def test_a_dry_run_sends_nothing(self, store):
        VariantFactory()
        assert run(dry_run=True).data["sent"] > 0
        assert list(store.listed("")) == []


class TestTables:
    def test_what_an_analyst_joins(self, store):
        rayon = CategoryFactory(slug_fr="miels", parent=CategoryFactory(slug_fr="epicerie"))
        origin = AttributeValue.objects.create(
            attribute=Attribute.objects.create(code="origine", name_fr="Origine"), slug="drome", label_fr="Drôme"
        )
        product = ProductFactory(code="MIEL", name_fr="Miel d’acacia", category=rayon)
        product.attribute_values.add(origin)
        variant = VariantFactory(product=product, sku="MIEL-250", price=Decimal("12.50"), on_hand=7)
        Stock.objects.update(reserved=2)
        picture(b"honey")
        run()
        (honey,) = [row for row in part(store, "products") if row["code"] == "MIEL"]
        assert (honey["rayon"], honey["name_fr"]) == ("miels", "Miel d’acacia")
        assert json.loads(honey["attributes"]) == {"origine": ["drome"]}
        assert "epicerie/miels" in [row["path"] for row in part(store, "categories")]
        (sold_as,) = part(store, "variants")
        assert (sold_as["sku"], sold_as["product_code"], sold_as["price"]) == ("MIEL-250", "MIEL", Decimal("12.50"))
        assert [row["amount"] for row in part(store, "prices")] == [variant.price]
        assert part(store, "stock") == [{"sku": "MIEL-250", "on_hand": 7, "reserved": 2, "available": 5}]
        (image,) = part(store, "images")
        assert store.get(image["asset"]) == b"honey"

    def test_athena_is_led_to_the_files_of_now(self, store):
        variant = VariantFactory()
        run()
        set_price(variant=variant, amount=Decimal("11.00"), now=NOW)
        run()
        for name in TABLES:
            listed_keys = (store.get(f"catalogue/athena/{name}/files.txt") or b"").decode().split()
            keys = [entry.key for part, entry in read_manifest(store).tables.items() if part.startswith(f"{name}/")]
            assert listed_keys == [f"{store.name}/{key}" for key in sorted(keys)]
            assert f"`{name}`" in store.get("athena.sql").decode()
        assert [row["amount"] for row in part(store, "prices")][-1] == Decimal("11.00")

    def test_a_manifest_that_somebody_wrote_into_is_written_anew(self, store):
        VariantFactory()
        run()
        written = store.get(MANIFEST)
        store.put(MANIFEST, written[: len(written) // 2])
        # What lies there under its content is found again.
        assert run().data["sent"] == 0
        assert store.get(MANIFEST) == written


class TestAssets:
    def test_pictures_lie_under_their_content_and_are_listed(self, store):
        first, _same, _other = picture(b"one"), picture(b"one"), picture(b"two")
        run()
        (entry,) = [read_manifest(store).assets]
        listed = assets.read_list(gzip.decompress(store.get(entry.key)))
        assert len(listed) == 3
        assert len({each.key for each in listed.values()}) == 2
        assert store.get(listed[first.file.name].key) == b"one"
        assert listed[first.file.name].key.endswith(".jpg")

    def test_a_run_stopped_in_the_middle_leaves_the_lake_as_it_was_and_is_taken_up(self, store, monkeypatch):
        for number in range(6):
            picture(b"picture %d" % number)
        monkeypatch.setattr(populate, "SAVED_EVERY", 1)
        reads = Reads(until=4)
        monkeypatch.setattr(assets, "default_storage", reads)
        with pytest.raises(KeyboardInterrupt):
            run(at_once=1)
        assert store.get(MANIFEST) is None
        again = Reads()
        monkeypatch.setattr(assets, "default_storage", again)
        assert run(at_once=1).data["assets"] == 6
        # Those that had arrived are not even read again.
        assert 0 < len(again.names) < 6
        assert store.get(populate.PROGRESS) == populate.NOTHING
        assert run().data["sent"] == 0

    def test_two_names_of_one_content_arrive_once(self, store, monkeypatch):
        for _ in range(8):
            picture(b"the same")
        put, puts = Folder.put, []
        monkeypatch.setattr(Folder, "put", lambda self, key, content: (puts.append(key), put(self, key, content)))
        run(at_once=8)
        assert sum(key.endswith(".jpg") for key in puts) == 1

    def test_a_file_that_the_shop_lost_is_named_and_the_others_arrive(self, store):
        lost = picture(b"lost")
        picture(b"there")
        default_storage.delete(lost.file.name)
        outcome = run()
        assert outcome.data["lost"] == [lost.file.name]
        assert outcome.data["assets"] == 1


class TestSales:
    def test_a_line_for_each_product_and_for_delivery(self, store):
        product = ProductFactory(category__name_fr="Miels")
        order = sold(lines=[])
        OrderLineFactory(order=order, variant=VariantFactory(product=product))
        run()
        goods, delivery = table(store, "sales/month=2026-11/lines.parquet")
        assert (goods["line"], goods["rayon"], goods["quantity"]) == ("goods", "Miels", 2)
        assert (goods["gross"], goods["vat"], goods["net"]) == (Decimal("25.00"), Decimal("1.30"), Decimal("23.70"))
        assert (delivery["line"], delivery["gross"], delivery["vat"]) == ("delivery", Decimal("4.90"), Decimal("0.26"))
        assert delivery["vat_rate"] is None

    def test_months_are_the_shops_not_utc(self, store):
        sold(at=datetime(2026, 11, 1, 0, 30, tzinfo=PARIS))
        run()
        assert [row["day"].isoformat() for row in table(store, "sales/month=2026-11/lines.parquet")] == [
            "2026-11-01"
        ] * 2

    def test_only_what_counts_as_a_sale(self, store):
        for status in ("AWAITING_PAYMENT", "CANCELLED", "EXPIRED"):
            OrderFactory(status=status, placed_at=NOW)
        assert run().data["months"] == 0

    def test_a_cancelled_order_leaves_its_month_without_anything_being_deleted(self, store):
        order = sold()
        assert run().data["months"] == 1
        order.status = "CANCELLED"
        order.save()
        assert run().data["months"] == 0
        assert table(store, "sales/month=2026-11/lines.parquet") == []
        assert run().data["sent"] == 0

    def test_closed_months_stay_as_they_are(self, store, monkeypatch):
        sold(at=datetime(2024, 3, 5, 12, tzinfo=PARIS))
        sold()
        run()
        asked = []
        real = populate.EXTRACTS["sales"]
        monkeypatch.setitem(populate.EXTRACTS, "sales", (real[0], lambda month: asked.append(month) or real[1](month)))
        run()
        assert asked == ["2026-11"]
        assert read_manifest(store).sales["sales/month=2024-03/lines.parquet"].rows == 2

    def test_refunds_are_negative_and_apart(self, store):
        order = sold(lines=[], delivery_total=0, items_total=Decimal("40.00"), total=Decimal("40.00"))
        OrderLineFactory(order=order, unit_price=Decimal("10.00"), quantity=1, vat_rate=Decimal("20.0"))
        OrderLineFactory(order=order, unit_price=Decimal("30.00"), quantity=1, vat_rate=Decimal("5.5"))
        cancelled = OrderFactory(status="CANCELLED", placed_at=NOW)
        for number, (of, amount, status) in enumerate(
            [(order, "12.00", "DONE"), (order, "3.00", "FAILED"), (cancelled, "29.90", "DONE")]
        ):
            payment = PaymentFactory(order=of, status="CAPTURED", amount=of.total, refunded=Decimal(amount))
            done = {"status": status, "done_at": NOW, "reason": "Camille Martin a téléphoné"}
            Refund.objects.create(payment=payment, key=number, amount=Decimal(amount), **done)
        run()
        rows = table(store, "refunds/month=2026-11/lines.parquet")
        lines = [(row["is_of_sale"], row["vat_rate"], row["gross"], row["vat"], row["net"]) for row in rows]
        assert lines == [
            (True, Decimal("20.0"), Decimal("-3.00"), Decimal("-0.50"), Decimal("-2.50")),
            (True, Decimal("5.5"), Decimal("-9.00"), Decimal("-0.47"), Decimal("-8.53")),
            (False, Decimal("5.5"), Decimal("-29.90"), Decimal("-1.56"), Decimal("-28.34")),
        ]


def test_nothing_that_leaves_names_a_person(store):
    """Plants one person wherever the shop knows people, and looks into every byte that was sent, unpacked."""
    person = {
        "recipient": "Hortense Quéméneur",
        "email": "hortense.quemeneur@example.fr",
        "phone": "+33698765432",
        "line1": "17 venelle des Capucins",
        "postcode": "29217",
        "city": "Plougonvelin",
    }
    user = UserFactory(email=person["email"], first_name="Hortense", last_name="Quéméneur")
    variant = VariantFactory()
    note = "Geste pour Hortense Quéméneur"
    set_price(variant=variant, amount=Decimal("11.00"), author=user, reason=note, now=NOW)
    order = sold(user=user, lines=[], **person)
    OrderLineFactory(order=order, variant=variant)
    payment = PaymentFactory(order=order, status="CAPTURED", refunded=Decimal("1.00"), reference="psp-plougonvelin")
    refund = {"payment": payment, "key": "k", "author": user, "reason": "Hortense Quéméneur n’était pas là"}
    Refund.objects.create(amount=Decimal("1.00"), status="DONE", done_at=NOW, **refund)
    picture()
    run()
    needles = [*person.values(), "Hortense", "Quéméneur", order.number, order.access_token, str(order.basket_key)]
    needles += ["psp-plougonvelin", "plougonvelin"]
    for stored in store.listed(""):
        content = store.get(stored.key)
        if stored.key.endswith(".gz"):
            content = gzip.decompress(content)
        elif stored.key.endswith(".parquet"):
            content = json.dumps(parquet_rows(content), default=str, ensure_ascii=False).encode()
        for needle in needles:
            assert needle.encode() not in content, f"{needle} in {stored.key}"


def test_into_a_bucket(aws, settings):
    settings.OPERATIONS = {**settings.OPERATIONS, "lake_bucket": "lake"}
    aws("s3").create_bucket(Bucket="lake", CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
    VariantFactory()
    picture()
    sold()
    outcome = run()
    store = Bucket("lake")
    assert {each.key.split("/")[0] for each in store.listed("")} == {"catalogue", "sales", "athena.sql"}
    assert b"LOCATION 's3://lake/sales/'" in store.get("athena.sql")
    assert outcome.data["sent"] > 0
    assert run().data["sent"] == 0


def test_what_s3_refuses_to_delete_is_not_taken_for_deleted(aws):
    aws("s3").create_bucket(Bucket="lake", CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
    store = Bucket("lake")
    store.s3.meta.events.register("before-send.s3.DeleteObjects", refuse_quietly)
    with pytest.raises(ClientError, match="AccessDenied"):
        store.delete(["one", "two"])


def refuse_quietly(**_):
    """As S3 answers who may not delete: 200, with the refusals inside."""
    refusal = b"<Error><Key>one</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    answer = AWSResponse("https://lake.example/", 200, {}, None)
    answer._content = b"<DeleteResult>" + refusal + b"</DeleteResult>"
    return answer
