"""Direct uploads of pictures to the bucket: what a ticket allows, and how an upload is checked."""

import base64
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx
import pytest
import time_machine
from botocore.exceptions import ClientError
from django.contrib.auth.models import Group
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.accounts.tests.factories import StaffFactory
from apps.backoffice.services.groups import sync_groups
from apps.backoffice.tests.forms import form_of
from apps.catalogue.models import ProductImage
from apps.catalogue.services import direct_uploads
from apps.catalogue.services.direct_uploads import UploadLost, collect, give_ticket
from apps.catalogue.services.images import MAX_BYTES
from apps.catalogue.tests.factories import ProductFactory
from apps.catalogue.tests.images import picture_bytes
from webmarket.tests.conftest import BUCKET

pytestmark = [pytest.mark.django_db, pytest.mark.either_database]
PICTURE = picture_bytes()


@pytest.fixture
def staff(client):
    sync_groups()
    user = StaffFactory()
    user.groups.add(Group.objects.get(name="Catalogue"))
    client.force_login(user)
    return user


def request_ticket(client, **given):
    return client.post(reverse("admin:catalogue_image_ticket"), {"type": "image/png", "size": len(PICTURE)} | given)


def send(ticket: dict, content: bytes = PICTURE) -> str:
    """As the browser does, which gives the token back with its form."""
    answer = httpx.post(ticket["url"], data=ticket["fields"], files={"file": content})
    assert answer.status_code == 204, answer.text
    return ticket["token"]


def save(client, product, token: str, **more):
    url = reverse("admin:catalogue_product_change", args=[product.pk])
    row = {"images-TOTAL_FORMS": "1", "images-0-product": product.pk, "images-0-position": "0"}
    return client.post(url, form_of(client, url) | row | {"images-0-file-sent": token} | more)


def left(client) -> list[str]:
    return [each["Key"] for each in client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def test_a_ticket_lets_one_picture_in_by_type_size_and_minutes(on_s3, client, staff):
    on_s3()
    with time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC), tick=False):
        ticket = request_ticket(client).json()
    policy = json.loads(base64.b64decode(ticket["fields"]["policy"]))
    assert policy["expiration"] == "2026-11-21T12:05:00Z"
    conditions = {
        name: value for each in policy["conditions"] if isinstance(each, dict) for name, value in each.items()
    }
    assert conditions["bucket"] == BUCKET
    assert conditions["Content-Type"] == "image/png"
    assert conditions["key"] == ticket["fields"]["key"]
    assert conditions["key"].startswith(f"uploads/{staff.pk}/")
    assert len(conditions["key"].rsplit("/", 1)[1]) == 32
    assert [each for each in policy["conditions"] if isinstance(each, list)] == [["content-length-range", 1, MAX_BYTES]]


def test_what_arrived_is_checked_written_anew_and_drawn(on_s3, client, staff, django_capture_on_commit_callbacks):
    s3 = on_s3()
    product = ProductFactory()
    token = send(request_ticket(client).json())
    with django_capture_on_commit_callbacks(execute=True):
        answer = save(client, product, token)
    assert answer.status_code == 302, answer.context["errors"]
    image = ProductImage.objects.get()
    assert image.file.name.startswith(f"products/{product.pk}/")
    assert image.renditions
    assert default_storage.open(image.file.name).read() != PICTURE
    assert not [key for key in left(s3) if key.startswith("uploads/")]


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"<script>alert(1)</script>", "n’est pas une image"), (b"x" * (MAX_BYTES + 1), "8 Mo")]
)
def test_what_the_bucket_let_in_is_refused_here(on_s3, client, staff, content, sentence):
    """moto does not enforce a policy's conditions, so this tests a bucket without them."""
    on_s3()
    answer = save(client, ProductFactory(), send(request_ticket(client).json(), content))
    assert answer.status_code == 200
    assert sentence in answer.text
    assert not ProductImage.objects.exists()


def test_a_ticket_is_of_one_person_for_an_hour_and_of_use_once(on_s3, staff):
    on_s3()
    begin = datetime.now(UTC)

    def ticket():
        ticket = give_ticket(by=staff, content_type="image/png", size=9)
        return send({"url": ticket.url, "fields": ticket.fields, "token": ticket.token})

    token = ticket()
    for stranger in (token[:-1], "", f"{token}x"):
        with pytest.raises(UploadLost):
            collect(token=stranger, by=staff)
    with pytest.raises(UploadLost):
        collect(token=token, by=StaffFactory())
    with time_machine.travel(begin + timedelta(hours=1, minutes=1)), pytest.raises(UploadLost):
        collect(token=token, by=staff)
    assert collect(token=token, by=staff).read() == PICTURE
    with pytest.raises(UploadLost):
        collect(token=token, by=staff)


def test_a_lost_upload_says_to_choose_again(on_s3, client, staff):
    on_s3()
    answer = save(client, ProductFactory(), request_ticket(client).json()["token"])
    assert "n’est plus là. Choisissez-la à nouveau." in answer.text


def test_a_bucket_that_does_not_answer_loses_an_upload_and_nothing_else(on_s3, staff, monkeypatch):
    on_s3()
    token = give_ticket(by=staff, content_type="image/png", size=9).token

    def refuse(_name):
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "HeadObject")

    monkeypatch.setattr(storages["uploads"], "size", refuse)
    with pytest.raises(UploadLost):
        collect(token=token, by=staff)


@pytest.mark.parametrize("given", [{"type": "text/html"}, {"type": "image/svg+xml"}, {"size": MAX_BYTES + 1}])
def test_no_ticket_for_what_would_be_refused(on_s3, client, staff, given):
    on_s3()
    answer = request_ticket(client, **given)
    assert answer.status_code == 422
    assert answer.json()["message"]


@pytest.mark.parametrize("size", ["", "-1", "beaucoup", "9" * 400, "²"])
def test_a_size_that_is_none_is_left_to_the_bucket(on_s3, client, staff, size):
    on_s3()
    assert request_ticket(client, size=size).status_code == 200


def test_no_ticket_for_others(on_s3, client):
    on_s3()
    assert request_ticket(client).status_code == 403
    client.force_login(StaffFactory())
    assert request_ticket(client).status_code == 403
    assert client.get(reverse("admin:catalogue_image_ticket")).status_code in (403, 405)


def test_on_disk_there_are_no_tickets_and_a_token_is_nothing(client, staff):
    assert request_ticket(client).status_code == 404
    product = ProductFactory()
    page = client.get(reverse("admin:catalogue_product_change", args=[product.pk]))
    assert "data-direct-upload" not in page.text
    assert "connect-src" not in page["Content-Security-Policy"]
    assert save(client, product, "x").status_code == 302
    assert not ProductImage.objects.exists()
    ordinary = SimpleUploadedFile("a.png", PICTURE, "image/png")
    assert save(client, product, "", **{"images-0-file": ordinary}).status_code == 302
    assert ProductImage.objects.get().file.name


def test_a_file_in_the_form_wins_over_a_token(on_s3, client, staff):
    on_s3()
    other = picture_bytes(size=(33, 44))
    token = send(request_ticket(client).json())
    answer = save(client, ProductFactory(), token, **{"images-0-file": SimpleUploadedFile("a.png", other, "image/png")})
    assert answer.status_code == 302
    assert ProductImage.objects.get().width == 33


def test_only_the_admin_may_send_to_the_bucket(on_s3, client, staff, moto):
    on_s3()
    page = client.get(reverse("admin:catalogue_product_change", args=[ProductFactory().pk]))
    directives = dict(each.strip().split(" ", 1) for each in page["Content-Security-Policy"].split(";"))
    assert directives["connect-src"] == f"'self' {moto}"
    assert urlsplit(give_ticket(by=staff, content_type="image/png", size=9).url).netloc == urlsplit(moto).netloc
    assert "connect-src" not in client.get("/")["Content-Security-Policy"]
    assert direct_uploads.are_possible()
