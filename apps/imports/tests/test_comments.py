"""Comments from Disqus, WordPress, Isso and Remark42."""

import gzip
import json
import sqlite3
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from apps.catalogue.models import ProductOpinion
from apps.catalogue.tests.factories import ProductFactory
from apps.comments.models import Comment
from apps.common.tabular.errors import UnreadableFile
from apps.imports.comments.readers import plain_text, read_comments
from apps.imports.services.comments import import_comments
from apps.imports.tests.test_files import FILES

pytestmark = pytest.mark.django_db
WXR = """<?xml version="1.0"?><rss xmlns:wp="http://wordpress.org/export/1.2/"><channel>
<item><title>Miel</title><link>https://ancien.example/boutique/miel-de-lavande/</link>
{}
</item></channel></rss>"""
WP = (
    "<wp:comment><wp:comment_id>{id}</wp:comment_id><wp:comment_author>{author}</wp:comment_author>"
    "<wp:comment_author_email>x@example.org</wp:comment_author_email><wp:comment_date_gmt>2025-03-01 10:00:00"
    "</wp:comment_date_gmt><wp:comment_content>{text}</wp:comment_content><wp:comment_approved>{approved}"
    "</wp:comment_approved><wp:comment_type>{type}</wp:comment_type><wp:comment_parent>{parent}</wp:comment_parent>"
    "</wp:comment>"
)


def wordpress(path, *comments: dict):
    first = {"author": "Claire", "text": "Bon", "approved": "1", "type": "comment", "parent": "0"}
    path.write_text(WXR.format("".join(WP.format(**{**first, **each}) for each in comments)))
    return path


def isso(path):
    base = sqlite3.connect(path)
    base.executescript(
        "CREATE TABLE threads (id INTEGER, uri TEXT, title TEXT);"
        "CREATE TABLE comments (id INTEGER, tid INTEGER, parent INTEGER, created REAL, mode INTEGER, text TEXT,"
        " author TEXT);"
        "INSERT INTO threads VALUES (1, '/miel', 'Miel');"
        "INSERT INTO comments VALUES (1, 1, NULL, 1740823200.5, 1, 'Bon', 'Claire'),"
        " (2, 1, 1, 1740909600, 2, 'Ah', NULL),"
        " (3, 1, NULL, 1740909600, 4, 'Parti', 'X');"
    )
    base.commit()
    base.close()
    return path


def remark(path):
    place = {"site": "s", "url": "https://exemple.fr/miel"}
    rows = [
        {"version": 1},
        {
            "id": "a",
            "pid": "",
            "text": "<p>Bon</p>",
            "user": {"name": "Claire"},
            "locator": place,
            "time": "2025-03-01T10:00:00Z",
        },
        {
            "id": "b",
            "pid": "a",
            "text": "Ah",
            "user": {"name": "X"},
            "locator": place,
            "time": "2025-03-02T10:00:00+01:00",
        },
        {"id": "c", "text": "", "deleted": True, "locator": place, "time": "2025-03-02T10:00:00Z"},
    ]
    path.write_bytes(gzip.compress("\n".join(json.dumps(row) for row in rows).encode()))
    return path


def brought(path, **sections: str):
    return import_comments(comments=read_comments(path), sections=sections)


def rows() -> list[tuple]:
    return list(Comment.objects.order_by("created_at", "pk").values_list("author", "text", "parent__author", "status"))


def test_k01_disqus():
    path = next(FILES.glob("k01_*"))
    report = import_comments(comments=read_comments(path), sections={"https://exemple.fr/miel": "produit-12"})
    assert rows() == [
        ("Claire", "Très bon miel !", None, "PUBLISHED"),
        ("La Ruche", "Merci Claire", "Claire", "PUBLISHED"),
    ]
    first = Comment.objects.order_by("pk").first()
    assert (first.section_id, first.created_at) == ("produit-12", datetime(2025, 3, 1, 10, tzinfo=UTC))
    assert (report.created, report.sections) == (2, {"produit-12": 2})
    again = import_comments(comments=read_comments(path), sections={"https://exemple.fr/miel": "produit-12"})
    assert (again.created, again.repeated, Comment.objects.count()) == (0, 2, 2)


def test_wordpress_on_the_page_of_the_product_that_has_its_name(tmp_path):
    product = ProductFactory(slug_fr="miel-de-lavande")
    path = wordpress(
        tmp_path / "w.xml",
        {"id": "1"},
        {"id": "2", "author": "Ruche", "text": "Merci", "parent": "1"},
        {"id": "3", "author": "Claire", "text": "De rien", "parent": "2"},
        {"id": "4", "text": "viagra", "approved": "spam"},
        {"id": "5", "text": "un lien", "type": "pingback"},
        {"id": "6", "author": "Paul", "text": "À voir", "approved": "0"},
    )
    brought(path)
    assert rows() == [
        ("Claire", "Bon", None, "PUBLISHED"),
        ("Paul", "À voir", None, "PENDING"),
        ("Ruche", "Merci", "Claire", "PUBLISHED"),
        ("Claire", "De rien", "Claire", "PUBLISHED"),
    ]
    assert set(Comment.objects.values_list("section_id", flat=True)) == {f"produit-{product.pk}"}
    assert ProductOpinion.objects.get(pk=product.pk).comments == 3
    assert set(Comment.objects.values_list("email", flat=True)) == {""}
    longer = wordpress(tmp_path / "w.xml", {"id": "1"}, {"id": "7", "text": "Encore", "parent": "1"})
    assert (brought(longer).created, Comment.objects.get(text="Encore").parent.text) == (1, "Bon")


@pytest.mark.parametrize(("make", "section", "expected"), [
    (isso, "/miel", [("Claire", "Bon", None, "PUBLISHED"), ("Anonyme", "Ah", "Claire", "PENDING")]),
    (remark, "https://exemple.fr/miel", [("Claire", "Bon", None, "PUBLISHED"), ("X", "Ah", "Claire", "PUBLISHED")]),
])  # fmt: skip
def test_isso_and_remark42(tmp_path, make, section, expected):
    path = make(tmp_path / "export")
    assert (brought(path).created, rows()) == (2, expected)
    assert brought(path).repeated == 2
    assert set(Comment.objects.values_list("section_id", flat=True)) == {section}


def test_what_answers_itself_begins_a_conversation(tmp_path):
    path = wordpress(
        tmp_path / "w.xml", {"id": "1", "parent": "2"}, {"id": "2", "parent": "1"}, {"id": "3", "parent": "99"}
    )
    brought(path)
    assert Comment.objects.filter(parent=None).count() == 3


@pytest.mark.parametrize("content", [
    b"nom;prix\n", b"", b"<?xml version='1.0'?><disqus xmlns='http://disqus.com'><post>", b'{"version": 1}\n{"id": ',
    b"SQLite format 3\0" + b"\0" * 100, b"\x1f\x8b\x08broken",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]><disqus xmlns='http://disqus.com'>&b;</disqus>",
])  # fmt: skip
def test_what_is_no_export_is_refused_and_nothing_written(tmp_path, content):
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile):
        brought(path)
    assert not Comment.objects.exists()


def test_text_stays_text():
    assert plain_text("<p>Un &lt;b&gt;<br>deux</p><script>alert(1)</script>") == "Un <b>\ndeux\nalert(1)"
    assert plain_text("5 < 6 & 7") == "5 < 6 & 7"


def test_the_command(tmp_path, capsys):
    sections = tmp_path / "s.csv"
    sections.write_text("adresse;section\nhttps://exemple.fr/miel;page-miel\n")
    path = remark(tmp_path / "r.gz")
    call_command("import_comments", str(path), sections=str(sections), dry_run=True, json=True)
    assert json.loads(capsys.readouterr().out)["sections"] == {"page-miel": 2}
    assert not Comment.objects.exists()
    call_command("import_comments", str(path), sections=str(sections))
    assert "page-miel" in capsys.readouterr().out
    with pytest.raises(CommandError, match="absent"):
        call_command("import_comments", str(tmp_path / "absent"))
