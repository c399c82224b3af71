import os
from datetime import UTC, datetime, timedelta

import pytest

from apps.catalogue.models import ProductImage
from apps.catalogue.services import stems
from apps.catalogue.tests.factories import ProductFactory
from apps.operations.errors import OperationFailed
from apps.operations.runs.report import Reporter
from apps.operations.services import stray_files
from apps.operations.services.stray_files import sweep_files

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
FILES = "webmarket-test-files"


def run(**changes):
    options = {"days": 7, "max_delete": 100, "dry_run": False, "now": NOW} | changes
    return sweep_files(**options, report=Reporter()).data


def image(file: str, stem: str = "") -> ProductImage:
    renditions = [{"format": "webp", "stem": stem, "widths": [320]}] if stem else []
    return ProductImage.objects.create(product=ProductFactory(), file=file, width=9, height=9, renditions=renditions)


@pytest.fixture
def place(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path

    def put(name: str, days: int = 30):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"RIFF")
        at = (NOW - timedelta(days=days)).timestamp()
        os.utime(path, (at, at))
        return path

    return put


def test_only_old_files_that_no_image_names_go(place):
    image("products/1/a.webp", "products/1/a")
    image("products/2/Photo-640.JPG")
    image("products/3/c.png", "products/3/drawn-elsewhere")
    remaining = [
        *(place(f"products/1/a{end}") for end in (".webp", "-320.webp", "-1200.avif")),
        *(place(f"products/2/Photo-640{end}") for end in (".JPG", "-320.webp")),
        place("products/3/c.png"),
        place("products/3/drawn-elsewhere-320.avif"),
        place("products/1/new.webp", days=6),
        place("elsewhere/a.webp"),
    ]
    gone = [place(f"products/1/b{end}") for end in (".webp", "-320.webp")] + [place("products/99/z.png", days=8)]

    before = run(dry_run=True)

    assert (before["found"], before["strays"], before["deleted"]) == (11, 3, 0)
    assert all(path.exists() for path in gone)
    assert run()["deleted"] == 3
    assert all(path.exists() for path in remaining)
    assert not any(path.exists() for path in gone)
    assert not gone[-1].parent.exists()
    assert run()["strays"] == 0


def test_no_more_than_asked_for(place):
    image("products/1/a.webp")
    for name in "bcd":
        place(f"products/1/{name}.webp")
    assert run(max_delete=2) | {"bytes": 0} == {"found": 3, "strays": 3, "unfinished": 0, "bytes": 0, "deleted": 2}


def test_a_picture_that_comes_back_while_others_are_deleted_stays(place, monkeypatch):
    image("products/1/a.webp")
    product = ProductFactory()
    back = place(f"products/{product.pk}/back.webp")
    asked = stems.still_in_use

    def comes_back(products):
        ProductImage.objects.create(product=product, file=f"products/{product.pk}/back.webp", width=9, height=9)
        return asked(products)

    monkeypatch.setattr(stray_files.stems, "still_in_use", comes_back)
    assert run()["deleted"] == 0
    assert back.exists()


def test_a_database_that_names_nothing_deletes_nothing(place):
    path = place("products/1/a.webp")
    with pytest.raises(OperationFailed, match="bonne base"):
        run()
    assert path.exists()


def test_a_bucket_is_swept_of_strays_and_of_uploads_that_nobody_finished(aws, settings):
    s3 = aws("s3")
    s3.create_bucket(Bucket=FILES, CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
    settings.FILES_BUCKET = FILES
    image("products/1/a.webp", "products/1/a")
    for key in (
        "media/products/1/a.webp",
        "media/products/1/a-320.webp",
        "media/products/1/b.webp",
        "uploads/7/x",
        "documents/prospects/z",
        "static/shop.css",
    ):
        s3.put_object(Bucket=FILES, Key=key, Body=b"x")
    soon, later = datetime.now(UTC) + timedelta(hours=2), datetime.now(UTC) + timedelta(days=8)

    assert run(now=soon) | {"bytes": 0} == {"found": 3, "strays": 0, "unfinished": 0, "bytes": 0, "deleted": 0}
    assert run(now=later) | {"bytes": 0} == {"found": 3, "strays": 1, "unfinished": 1, "bytes": 0, "deleted": 1}
    left = {each["Key"] for each in s3.list_objects_v2(Bucket=FILES)["Contents"]}
    assert left == {
        "media/products/1/a.webp",
        "media/products/1/a-320.webp",
        "documents/prospects/z",
        "static/shop.css",
    }


def test_many_images_cost_as_many_questions_as_few(place, django_assert_num_queries):
    for number in range(30):
        image(f"products/{number}/a.webp")
        place(f"products/{number}/b.webp")
    with django_assert_num_queries(2):
        assert run()["deleted"] == 30


def test_pictures_kept_after_a_refusal_go_after_a_day(place, tmp_path, settings):
    backend = "apps.common.documents.DocumentsOnDisk"
    options = {"location": tmp_path / "documents"}
    settings.STORAGES = {**settings.STORAGES, "documents": {"BACKEND": backend, "OPTIONS": options}}
    image("products/1/a.webp")
    old, fresh = place("documents/kept-pictures/3/a", days=2), place("documents/kept-pictures/3/b", days=0)
    document = place("documents/imports/liste.csv")
    assert run()["unfinished"] == 1
    assert (old.exists(), fresh.exists(), document.exists()) == (False, True, True)
