"""Private documents: on moto's S3, through a CDN with our key, and on disk."""

import base64
import json
import time
from importlib import import_module
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.apps import apps
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from environ import Env

from apps.accounts.models import User
from apps.catalogue.models import CatalogueImport
from apps.common.documents import DocumentsOnDisk, documents
from webmarket import files
from webmarket.tests.conftest import BUCKET


@pytest.fixture
def keys():
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.public_key(), pem.decode()


@pytest.fixture
def received(db, monkeypatch):
    """An import with a file of refused lines, in whatever place the settings name by then."""

    def receive():
        # A model asks for its storage once, when it is loaded.
        for field in ("file", "rejects"):
            monkeypatch.setattr(CatalogueImport._meta.get_field(field), "storage", documents())
        row = CatalogueImport(name="tarifs été.csv", status=CatalogueImport.Status.PREVIEWED)
        row.file.save(row.name, SimpleUploadedFile("tarifs été.csv", b"sku;prix", "text/html"), save=False)
        row.rejects.save("x", ContentFile(b"ligne;motif\n2;prix", name="tarifs été.rejets.csv"), save=False)
        row.save()
        return row

    return receive


@pytest.fixture
def merchant(client, db):
    staff = User.objects.create_user("rayon@example.org", "x", is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_catalogueimport"))
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


def rejects_of(row):
    return reverse("admin:catalogue_import_rejects", args=[row.pk])


def test_a_redirect_leads_to_a_url_of_the_bucket_that_is_valid_for_a_minute(on_s3, received, merchant):
    on_s3()
    answer = merchant.get(rejects_of(received()))
    assert answer.status_code == 302
    assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))
    query_fields = parse_qs(urlsplit(answer.url).query)
    assert query_fields["X-Amz-Expires"] == ["60"]
    assert query_fields["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    file = httpx.get(answer.url)
    assert file.text == "ligne;motif\n2;prix"
    assert file.headers["Content-Disposition"] == "attachment; filename*=utf-8''tarifs%20%C3%A9t%C3%A9.rejets.csv"


def test_with_a_key_of_the_cdn_its_url_is_signed(on_s3, received, merchant, keys):
    public, pem = keys
    on_s3(
        AWS_S3_CUSTOM_DOMAIN="files.webmarket.example",
        AWS_CLOUDFRONT_KEY_ID="K2ABCDEF",
        # As an environment file holds several lines.
        AWS_CLOUDFRONT_KEY=pem.replace("\n", "\\n"),
    )
    answer = merchant.get(rejects_of(received()))
    url, _, query = answer.url.partition("?")
    assert url.startswith("https://files.webmarket.example/documents/imports/")
    query_fields = {name: values[0] for name, values in parse_qs(query).items()}
    assert query_fields["Key-Pair-Id"] == "K2ABCDEF"
    assert 0 < int(query_fields["Expires"]) - time.time() <= 60
    policy = {
        "Statement": [{"Resource": url, "Condition": {"DateLessThan": {"AWS:EpochTime": int(query_fields["Expires"])}}}]
    }
    signature = base64.b64decode(query_fields["Signature"].translate(str.maketrans("-_~", "+=/")))
    public.verify(signature, json.dumps(policy, separators=(",", ":")).encode(), padding.PKCS1v15(), hashes.SHA1())  # noqa: S303


def test_the_content_type_that_a_browser_announced_is_not_stored_on_s3(on_s3, received):
    client = on_s3()
    stored = client.head_object(Bucket=BUCKET, Key=f"documents/{received().file.name}")
    assert stored["ContentType"] == "application/octet-stream"
    assert stored["ContentDisposition"].startswith("attachment")
    assert stored["CacheControl"] == "private, no-store"


@pytest.mark.parametrize("who", ["nobody", "a shopper", "staff without the right"])
def test_nobody_else_gets_a_url(on_s3, received, client, who):
    on_s3()
    if who != "nobody":
        user = User.objects.create_user("autre@example.org", "x", is_staff=who != "a shopper")
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(rejects_of(received()))
    assert "X-Amz" not in answer.get("Location", "")
    assert answer.status_code == (403 if who == "staff without the right" else 302)


def test_on_disk_the_view_streams_it_from_beside_the_pictures(settings, tmp_path, received, merchant):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STORAGES = {
        **files.storages(Env(), bucket="", region="eu-west-3", var_dir=tmp_path),
        "staticfiles": settings.STORAGES["staticfiles"],
    }
    row = received()
    assert isinstance(documents(), DocumentsOnDisk)
    assert (tmp_path / "documents" / row.rejects.name).is_file()
    assert not default_storage.exists(row.rejects.name)
    with pytest.raises(ValueError, match="no URL"):
        documents().url(row.rejects.name)
    answer = merchant.get(rejects_of(row))
    assert answer.getvalue() == b"ligne;motif\n2;prix"
    assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))
    documents().delete(row.rejects.name)
    assert merchant.get(rejects_of(row)).status_code == 404


def test_files_of_earlier_imports_move_from_among_the_pictures(db):
    """Like the migration that moved them; a repeat changes nothing."""
    move = import_module("apps.catalogue.migrations.0011_keep_imports_among_the_documents").move_files
    row = CatalogueImport.objects.create(name="liste.csv", file="imports/ancien/liste.csv", rejects="imports/perdu.csv")
    default_storage.save(row.file.name, ContentFile(b"sku;prix"))
    for _time in range(2):
        move(apps, None)
        assert documents().open(row.file.name).read() == b"sku;prix"
        assert not default_storage.exists(row.file.name)
