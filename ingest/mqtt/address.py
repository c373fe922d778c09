"""Address and credentials of the broker, read from the settings."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from ingest.settings.broker import BROKER_SCHEMES, BrokerSettings


@dataclass(frozen=True, slots=True)
class Address:
    """Host, port and credentials; as text it is the URL without credentials, fit for a log."""

    scheme: str
    host: str
    port: int
    username: str | None
    password: str | None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def password_bytes(self) -> bytes | None:
        """The password as CONNECT takes it."""
        return None if self.password is None else self.password.encode()

    @property
    def uses_tls(self) -> bool:
        """Whether the URL asks for TLS."""
        return self.scheme == "mqtts"


def address_of(broker: BrokerSettings) -> Address:
    """The address in `broker.url`; `broker.username` and `broker.password` win over what the URL says."""
    parts = urlsplit(broker.url)
    username = broker.username if broker.username is not None else _decoded(parts.username)
    password = broker.password.get_secret_value() if broker.password is not None else _decoded(parts.password)
    port = parts.port if parts.port is not None else BROKER_SCHEMES[parts.scheme]
    return Address(parts.scheme, parts.hostname or "", port, username, password)


def _decoded(text: str | None) -> str | None:
    return None if text is None else unquote(text)
