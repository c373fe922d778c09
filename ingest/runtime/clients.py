"""Tells which addresses count as one client."""

from ipaddress import IPv6Address, ip_address


def client_of(address: str) -> str:
    """The client of an address: the address, or the first 64 bits of IPv6, because within them anybody has many."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return f"{IPv6Address(int(found) >> 64 << 64)}/64"
