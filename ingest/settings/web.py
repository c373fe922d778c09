"""The settings of pages and API: one section of `model.Settings`."""

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from schemas.bilingual import Bilingual


def _host_name(name: str) -> str:
    bare = name.removeprefix("[").removesuffix("]")
    if not bare or set(bare) & set("/*@[] \\") or (":" in bare and bare.count(":") < 2):
        raise ValueError(
            Bilingual(
                '名前だけを ["noroshi.example.lg.jp"] のように書いてください。https://、ポート、* は付けません',
                'write names alone, as in ["noroshi.example.lg.jp"], without https://, a port or *',
            )
        )
    return name


def _address(url: str) -> str:
    if not url.strip():
        return ""
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or "@" in url:
        raise ValueError(
            Bilingual(
                "https://noroshi.example.lg.jp のように、人が打つ住所を書いてください",
                "write the address people type, as https://noroshi.example.lg.jp",
            )
        )
    return url.strip().rstrip("/")


class WebSettings(BaseModel):
    """Pages, API, /metrics, /livez and /readyz on one port."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 opens it to the network")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0 takes a free one")
    url: Annotated[str, AfterValidator(_address)] = Field(
        "",
        description="Where people find the pages, as https://noroshi.example.lg.jp: by that name they may be asked for,"
        " and `noroshi db upgrade` has the links of the dashboards lead there",
    )
    allowed_hosts: tuple[Annotated[str, AfterValidator(_host_name)], ...] = Field(
        (), description="Further names, without a port, by which the pages may be asked for; any other is refused (421)"
    )
    cert_file: Path | None = Field(None, description="Certificate of the pages, with its chain: then they are https")
    key_file: Path | None = Field(None, description="The key of that certificate, without a password")
    metrics_token: SecretStr | None = Field(
        None,
        min_length=16,
        description="Who says `Authorization: Bearer` and this may read /metrics from elsewhere; not set: this machine"
        " alone, and tokens with the scope metrics",
    )
    connections: int = Field(
        256,
        ge=8,
        le=60_000,
        description="Connections at a time; beyond that, one that says nothing is closed",
    )
    connections_per_address: int = Field(
        64, ge=2, le=60_000, description="Of these, from one address; a proxy in front of the pages is one"
    )
    request_timeout_s: float = Field(10.0, gt=0, description="How long a client may take to say what it wants")
    least_bytes_per_s: int = Field(
        16_384, ge=1, description="A reader that takes less over the whole of an answer is ended"
    )
    memory_mib: int = Field(
        512, ge=192, description="When the process of the pages takes more, it is ended and started again"
    )

    @property
    def names(self) -> tuple[str, ...]:
        """Host names that the pages also answer to, beside those that are always allowed."""
        own = urlsplit(self.url).hostname
        return self.allowed_hosts if own is None else (own, *self.allowed_hosts)

    @property
    def address(self) -> str:
        """The address to tell people, without a slash at its end: `url`, else that of this machine."""
        if self.url:
            return self.url
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104  it is not listened on
        scheme = "http" if self.cert_file is None else "https"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}"

    @model_validator(mode="after")
    def _certificate_has_a_key(self) -> Self:
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError(
                Bilingual(
                    "cert_file と key_file は両方書いてください",
                    "cert_file and key_file go together",
                )
            )
        return self

    @model_validator(mode="after")
    def _one_address_leaves_room(self) -> Self:
        if self.connections_per_address > self.connections:
            raise ValueError(
                Bilingual(
                    "connections_per_address が connections より大きくなっています。どちらかを直してください",
                    "connections_per_address is larger than connections: lower the one or raise the other",
                )
            )
        return self
