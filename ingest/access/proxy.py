"""The header in which a trusted proxy says who somebody is (`sign_in.proxy_header`). Pure.

Only the setting makes it count, and only from the addresses of the setting: what anybody else sends is not read.
"""

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address, ip_network

from ingest.access.logins import normalised_login
from ingest.settings.sign_in import SignInSettings


class ProxyRefused(Exception):
    """A trusted proxy names nobody, or several: refuse the request (401)."""


def login_of_proxy(settings: SignInSettings, peer_address: str, headers: Sequence[tuple[bytes, bytes]]) -> str | None:
    """The login that a trusted proxy names; None where none is asked or the peer is no trusted proxy.

    `peer_address`: of the connection itself, never of a header. `headers`: all of the request, as ASGI has them: a
    header that comes twice must not be joined before. Raises ProxyRefused where a trusted proxy sends the header
    empty, twice, with several values in it, or with what can be no login: a proxy that adds its header to that of
    the browser in place of replacing it is such a one. A trusted proxy that sends no header brings nobody: None.
    """
    if settings.proxy_header is None or not _is_trusted(settings, peer_address):
        return None
    wanted = settings.proxy_header.lower().encode()
    values = [value for name, value in headers if name.lower() == wanted]
    # A proxy passes on what a browser wrote with _ for -, and servers behind it read both as the same name.
    disguised = [name for name, _ in headers if name.lower() != wanted and name.lower().replace(b"_", b"-") == wanted]
    if not values and not disguised:
        return None
    if len(values) != 1 or disguised:
        raise ProxyRefused("the header came more than once, or with _ for -")
    login = _login_of(values[0])
    if not login:
        raise ProxyRefused("the header names nobody")
    return login


def _login_of(value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return ""
    # With a comma two headers were joined on the way; with a colon it would look like an actor of the audit log.
    return "" if set(text) & set(",;:") else normalised_login(text)


def _is_trusted(settings: SignInSettings, peer_address: str) -> bool:
    try:
        address = ip_address(peer_address)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped  # a socket for both versions says ::ffff:10.0.0.5
    return any(address in ip_network(each) for each in settings.proxy_addresses)
