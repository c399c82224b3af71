"""A program that calls the API."""

from typing import Any

from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.api.keys import create_key
from apps.api.models import Scope


class Caller:
    """Sends and reads JSON; `headers` go with every call."""

    def __init__(self, **headers: str) -> None:
        self.client = Client()
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        extra = {name.replace("_", "-"): value for name, value in headers.items()}
        content = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(self.client, method)(f"/api/{path}", headers={**self.headers, **extra}, **content)


def with_key(*scopes: Scope) -> Caller:
    _key, secret = create_key(name="Site vitrine", scopes=scopes, by=None, now=timezone.now())
    return Caller(x_api_key=secret)


def logged_in(user: User) -> Caller:
    caller = Caller()
    caller.client.force_login(user)
    return caller
