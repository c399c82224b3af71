"""Who is asking, for counting."""

import hashlib
from typing import Any

from apps.accounts.lockout import client_ip
from apps.common.ip_networks import prefix


def address(request: Any) -> str:
    """Read once for each request: limits, captcha and keys all ask."""
    plain = getattr(request, "_request", request)
    if not hasattr(plain, "client_address"):
        plain.client_address = client_ip(plain) or ""
    return plain.client_address


def address_prefix(request: Any) -> str:
    return prefix(address(request))


def principal(request: Any) -> str:
    """Key, user or address prefix: whatever is most exact."""
    key = getattr(request.auth, "scopes", None) is not None and request.auth
    if key:
        return f"key:{key.pk}"
    if request.user and request.user.is_authenticated:
        return f"user:{request.user.pk}"
    return nobody(request)


def nobody(request: Any) -> str:
    """The principal of a request without key and account."""
    return f"address:{address_prefix(request)}"


def fingerprint(request: Any) -> str:
    """The same browser or program from the same address, for minutes."""
    agent = request.headers.get("User-Agent", "")
    return hashlib.sha256(f"{address(request)}\n{agent}".encode()).hexdigest()[:32]
