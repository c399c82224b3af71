"""In production a page that names a static file which does not exist is a page that fails."""

import re

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

NAMED = re.compile(r"{%\s*static\s+['\"]([^'\"]+)['\"]")


def named_files():
    for template in sorted(settings.BASE_DIR.glob("*/**/templates/**/*.html")):
        if template.relative_to(settings.BASE_DIR).parts[0] in {"apps", "webmarket"}:
            for name in NAMED.findall(template.read_text()):
                yield pytest.param(name, id=f"{template.name}-{name}")


@pytest.mark.parametrize("name", list(named_files()))
def test_every_file_that_a_template_names_exists(name):
    assert finders.find(name)
