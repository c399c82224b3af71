"""Addresses of networks and of pages."""

from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings


def prefix(address: str) -> str:
    """An IPv4 address, or the /64 that an IPv6 connection has to itself."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return address if found.version == 4 else str(ip_network(f"{found}/64", strict=False))


def network(address: str) -> str:
    """Where an address is at home: its /24 (IPv4) or /64 (IPv6), in which a single subscriber can change at will."""
    return _network(address, v4=24, v6=64)


def site(address: str) -> str:
    """A size larger for IPv6: the /48 that is given to one customer, with 65,536 of the former. An IPv4's /24."""
    return _network(address, v4=24, v6=48)


def _network(address: str, *, v4: int, v6: int) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    return str(ip_network(f"{found}/{v4 if found.version == 4 else v6}", strict=False))


def at_site_url(url: str) -> str:
    """One of our pages under the shop's own address. A request may name another: an alias, a port, whatever its sender
    likes, and a link with a secret in it would follow."""
    return settings.SITE_URL + urlunsplit(("", "", *urlsplit(url)[2:]))
