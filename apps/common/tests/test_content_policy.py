"""The policy that is put together once is the one that django-csp would put together for the same answer."""

from collections.abc import Callable

import pytest
from csp.constants import NONCE, SELF
from csp.exceptions import CSPNonceError
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from apps.common.middleware.content_policy import ContentPolicy


def changed(**attributes: object) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        response = HttpResponse()
        vars(response).update(attributes)
        return response

    return view


def with_nonce(request: HttpRequest) -> HttpResponse:
    str(request.csp_nonce)
    request._csp_nonce = "abc"
    return changed(_csp_update={"script-src": [SELF, NONCE]})(request)


def with_its_own(request: HttpRequest) -> HttpResponse:
    return HttpResponse(headers={"Content-Security-Policy": "sandbox"})


@pytest.mark.parametrize(
    "view",
    [
        changed(),
        changed(_csp_exempt=True),
        changed(_csp_update={"script-src": [SELF, "https://a.example"]}),
        changed(_csp_config={"default-src": [SELF]}),
        changed(_csp_replace={"img-src": [SELF]}),
        with_nonce,
        with_its_own,
    ],
)
def test_is_the_packages(view):
    ours, theirs = ContentPolicy(view), CSPMiddleware(view)
    for _time in range(2):
        answers = [dict(each(RequestFactory().get("/")).items()) for each in (ours, theirs)]
        assert answers[0] == answers[1]


def test_an_exchanged_setting_counts_at_once(settings):
    policy = ContentPolicy(changed())
    assert "https://pay.example" not in policy(RequestFactory().get("/"))["Content-Security-Policy"]
    directives = {**settings.CONTENT_SECURITY_POLICY["DIRECTIVES"], "form-action": [SELF, "https://pay.example"]}
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": directives}
    assert "https://pay.example" in policy(RequestFactory().get("/"))["Content-Security-Policy"]


def test_a_nonce_that_comes_too_late_is_refused():
    request = RequestFactory().get("/")
    ContentPolicy(changed())(request)
    with pytest.raises(CSPNonceError):
        str(request.csp_nonce)


def test_a_policy_that_only_reports_is_the_packages_too(settings):
    settings.CONTENT_SECURITY_POLICY_REPORT_ONLY = {"DIRECTIVES": {"default-src": [SELF]}}
    answer = ContentPolicy(changed())(RequestFactory().get("/"))
    assert answer["Content-Security-Policy-Report-Only"] == "default-src 'self'"
