from ipaddress import ip_address, ip_network


def prefix(address: str) -> str:
    """An IPv4 address, or the /64 that an IPv6 connection has to itself."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return address if found.version == 4 else str(ip_network(f"{found}/64", strict=False))
