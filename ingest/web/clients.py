"""Who counts as one client."""

from ipaddress import IPv6Address, ip_address


def client_of(address: str) -> str:
    """An address; of IPv6 the first 64 bits, for within them anybody has as many addresses as he likes."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return f"{IPv6Address(int(found) >> 64 << 64)}/64"
