from pathlib import Path

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import storages
from django.http import Http404
from django.test import RequestFactory, override_settings
from environ import Env

from apps.common.files_on_disk import WholeFileSystemStorage
from webmarket import files
from webmarket.media import media_urls, stored_file

DISK = files.storages(Env(), bucket="", region="", var_dir=Path("var"))


@pytest.fixture
def stored(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.mkdir()
    (settings.MEDIA_ROOT / "miel-320.webp").write_bytes(b"RIFF")
    (tmp_path / "secret").write_text("no")
    return settings.MEDIA_ROOT


def test_serves_a_stored_picture_that_browsers_may_keep(stored):
    response = stored_file(RequestFactory().get("/"), "miel-320.webp")
    assert response["Content-Type"] == "image/webp"
    assert "immutable" in response["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    ["../secret", "..%2fsecret", "missing.webp", ".", "a" * 256, "a/" * 3000 + "b", "miel-320.webp/x", "é" * 128],
)
def test_serves_nothing_else(stored, path):
    with pytest.raises((Http404, SuspiciousFileOperation)):
        stored_file(RequestFactory().get("/"), path)


@pytest.mark.parametrize("path", ["a" * 256, "é" * 128, "a/" * 3000 + "b", "miel-320.webp/x"])
def test_a_name_that_no_file_can_have_is_not_found(stored, path):
    with pytest.raises(Http404):
        stored_file(RequestFactory().get("/"), path)


def test_has_a_route_only_where_files_lie_on_disk():
    with override_settings(STORAGES=DISK):
        assert len(media_urls()) == 1
    with override_settings(STORAGES={"default": {"BACKEND": "storages.backends.s3.S3Storage"}}):
        assert media_urls() == []


def test_a_shop_without_a_bucket_stores_whole_files():
    assert all(
        isinstance(storages.create_storage(place), WholeFileSystemStorage)
        for name, place in DISK.items()
        if name != "staticfiles"
    )
