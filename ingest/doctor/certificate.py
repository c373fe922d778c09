"""Reads the certificate of a server, also of one that is not trusted."""

import socket
import ssl
from datetime import datetime
from typing import NamedTuple

from ingest.telemetry.certificates import not_after


class Seen(NamedTuple):
    """The certificate of a server. `distrust`: why it is not trusted; empty if it is."""

    until: datetime
    distrust: str


class NoTls(Exception):
    """The server says that it does not encrypt."""


def see(host: str, port: int, context: ssl.SSLContext, *, hello: bytes = b"", timeout_s: float = 5.0) -> Seen:
    """The certificate of a server, and whether `context` trusts it. Raises OSError, NoTls.

    `hello`: bytes to send before TLS; the server must answer S for yes (PostgreSQL).
    """
    distrust = ""
    try:
        der = _shown(host, port, context, hello, timeout_s)
    except ssl.SSLCertVerificationError as error:
        distrust = error.verify_message
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        der = _shown(host, port, context, hello, timeout_s)
    return Seen(not_after(der), distrust)


def _shown(host: str, port: int, context: ssl.SSLContext, hello: bytes, timeout_s: float) -> bytes:
    with socket.create_connection((host, port), timeout=timeout_s) as plain:
        if hello:
            plain.sendall(hello)
            if plain.recv(1) != b"S":
                raise NoTls
        with context.wrap_socket(plain, server_hostname=host) as secure:
            der = secure.getpeercert(binary_form=True)
    if der is None:
        raise NoTls
    return der
