"""Identifies clients, for rate limits."""

import hashlib
from typing import Any

from apps.accounts.lockout import client_ip
from apps.common.ip_networks import prefix


def ip(request: Any) -> str:
    """Cached on the request: limits, captcha and keys all need it."""
    plain = getattr(request, "_request", request)
    if not hasattr(plain, "client_ip"):
        plain.client_ip = client_ip(plain) or ""
    return plain.client_ip


def ip_prefix(request: Any) -> str:
    return prefix(ip(request))


def principal(request: Any) -> str:
    """The most exact of key, user and IP prefix."""
    key = getattr(request.auth, "scopes", None) is not None and request.auth
    if key:
        return f"key:{key.pk}"
    if request.user and request.user.is_authenticated:
        return f"user:{request.user.pk}"
    return nobody(request)


def nobody(request: Any) -> str:
    """The principal of a request without key and account."""
    return f"address:{ip_prefix(request)}"


def fingerprint(request: Any) -> str:
    """The same browser or program at the same IP, for minutes."""
    agent = request.headers.get("User-Agent", "")
    return hashlib.sha256(f"{ip(request)}\n{agent}".encode()).hexdigest()[:32]
