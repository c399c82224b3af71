"""Who is asking, for counting."""

import hashlib
from ipaddress import ip_address, ip_network
from typing import Any

from apps.accounts.lockout import client_ip


def address(request: Any) -> str:
    return client_ip(getattr(request, "_request", request)) or ""


def address_prefix(request: Any) -> str:
    """An IPv4 address, or the /64 that an IPv6 connection has to itself."""
    text = address(request)
    try:
        found = ip_address(text)
    except ValueError:
        return text
    return text if found.version == 4 else str(ip_network(f"{found}/64", strict=False))


def principal(request: Any) -> str:
    """Key, user or address prefix: whatever is most exact."""
    key = getattr(request.auth, "scopes", None) is not None and request.auth
    if key:
        return f"key:{key.pk}"
    if request.user and request.user.is_authenticated:
        return f"user:{request.user.pk}"
    return f"address:{address_prefix(request)}"


def fingerprint(request: Any) -> str:
    """The same browser or program from the same address, for minutes."""
    agent = request.headers.get("User-Agent", "")
    return hashlib.sha256(f"{address(request)}\n{agent}".encode()).hexdigest()[:32]
