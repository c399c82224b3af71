import pytest

pytestmark = pytest.mark.browser


def test_home_page_greets_a_visitor(page, assert_accessible):
    answer = page.goto("/")
    assert answer.status == 200
    assert page.title()
    assert_accessible(page)
