"""Static files: in production a page with the name of a missing file fails."""

import gzip
import re

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile

from webmarket.static_files import StaticOnDisk, minify

NAMED = re.compile(r"{%\s*static\s+['\"]([^'\"]+)['\"]")


def named_files():
    for template in sorted(settings.BASE_DIR.glob("*/**/templates/**/*.html")):
        if template.relative_to(settings.BASE_DIR).parts[0] in {"apps", "webmarket"}:
            for name in NAMED.findall(template.read_text()):
                yield pytest.param(name, id=f"{template.name}-{name}")


@pytest.mark.parametrize("name", list(named_files()))
def test_every_file_that_a_template_names_exists(name):
    assert finders.find(name)


STYLE = """/* Words: STYLES.md */
.card > .price,
.card:hover {
  margin: calc(1rem + 2px) 0;
  content: "a:  b; c";
}
@media (min-width: 900px) {
  .table :is(td, th) {
    inset: 1px 0 auto;
  }
}
"""
MINIFIED = (
    '.card>.price,.card:hover{margin:calc(1rem + 2px) 0;content:"a:  b; c"}'
    "@media (min-width:900px){.table :is(td,th){inset:1px 0 auto}}"
)


def test_the_shop_s_styles_stay_small_as_they_are_served():
    styles = list(settings.BASE_DIR.glob("apps/storefront/static/storefront/*.css"))
    assert len(styles) == 3
    assert sum(len(minify(path.read_text()).encode()) for path in styles) < 25_000


def test_a_style_sheet_of_ours_is_served_minified(tmp_path):
    storage = StaticOnDisk(location=tmp_path, base_url="/static/")
    storage.save("storefront/shop.css", ContentFile(STYLE.encode()))
    storage.save("unfold/styles.css", ContentFile(STYLE.encode()))
    list(storage.post_process({"storefront/shop.css": (storage, "storefront/shop.css")}))
    hashed = tmp_path / storage.stored_name("storefront/shop.css")
    assert hashed.name != "shop.css"
    assert hashed.read_text() == (tmp_path / "storefront/shop.css").read_text() == MINIFIED
    assert (tmp_path / "unfold/styles.css").read_text() == STYLE


def test_what_pages_name_is_gzipped_once(tmp_path):
    """With brotli too, and the files that no page names, a first start took 45 s of processor time longer."""
    storage = StaticOnDisk(location=tmp_path, base_url="/static/")
    storage.save("unfold/styles.css", ContentFile(STYLE.encode() * 100))
    list(storage.post_process({"unfold/styles.css": (storage, "unfold/styles.css")}))
    hashed = storage.stored_name("unfold/styles.css")
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {"unfold/styles.css", "staticfiles.json", hashed, f"{hashed}.gz"}
    assert gzip.decompress((tmp_path / f"{hashed}.gz").read_bytes()) == (tmp_path / hashed).read_bytes()
