"""Tells whether a request comes from this machine itself, and from which address it comes."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.requests import HTTPConnection

FORWARDED = ("forwarded", "via", "x-real-ip")
"""Headers of a proxy: the request is somebody else's. So is one with any header that begins with x-forwarded-."""

Address = IPv4Address | IPv6Address


def is_local(request: HTTPConnection, proxies: Sequence[str] = ()) -> bool:
    """Whether it was made on this machine, for this machine, and not passed on by a proxy that runs here.

    A proxy is told by its headers, or by the name that it was asked for: whoever asks us directly asks for localhost.
    `proxies`: addresses and ranges of proxies. What comes from one of them is never local.
    """
    if request.client is None or not _is_loopback(request.client.host) or _is_among(request.client.host, proxies):
        return False
    if any(name in FORWARDED or name.startswith("x-forwarded-") for name in request.headers):
        return False
    host = request.headers.get("host")
    return host is None or _without_port(host) == "localhost" or _is_loopback(_without_port(host))


def address_of(request: HTTPConnection, proxies: Sequence[str]) -> str:
    """The address of the client: the last one in X-Forwarded-For that is not a proxy of ours, if a proxy of ours asks.

    `proxies`: addresses and ranges that are believed.
    """
    peer = request.client.host if request.client else ""
    if not proxies or not _is_among(peer, proxies):
        return peer
    for header in reversed(request.headers.getlist("x-forwarded-for")):
        for hop in reversed(header.split(",")):
            if _parse(hop.strip()) is None:
                return peer
            if not _is_among(hop.strip(), proxies):
                return hop.strip()
    return peer


def _is_among(address: str, networks: Sequence[str]) -> bool:
    found = _parse(address)
    return found is not None and any(found in ip_network(network) for network in networks)


def _is_loopback(address: str) -> bool:
    found = _parse(address)
    return found is not None and found.is_loopback


def _parse(address: str) -> Address | None:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].rstrip(".").lower()
