"""The network that an IP belongs to. A text that is no IP is returned as it is."""

from ipaddress import ip_address, ip_network


def prefix(ip: str) -> str:
    """An IPv4 as it is; the /64 of an IPv6, which one connection has to itself."""
    try:
        found = ip_address(ip)
    except ValueError:
        return ip
    return ip if found.version == 4 else str(ip_network(f"{found}/64", strict=False))


def network(ip: str) -> str:
    """The /24 of an IPv4, the /64 of an IPv6: a single subscriber can change its IP within it."""
    return _network(ip, v4=24, v6=64)


def site(ip: str) -> str:
    """The /48 of an IPv6, which one customer is given and which holds 65,536 /64; the /24 of an IPv4."""
    return _network(ip, v4=24, v6=48)


def _network(ip: str, *, v4: int, v6: int) -> str:
    try:
        found = ip_address(ip)
    except ValueError:
        return ip
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    return str(ip_network(f"{found}/{v4 if found.version == 4 else v6}", strict=False))
