"""The settings of signing in and of the audit log: two sections of `model.Settings`."""

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from schemas.bilingual import Bilingual


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError:
        raise ValueError(
            Bilingual(
                "10.0.0.5 か 10.0.0.0/24 のように、アドレスか範囲を書いてください",
                "write an address or a range, as 10.0.0.5 or 10.0.0.0/24",
            )
        ) from None


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine."""
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


def _issuer(url: str) -> str:
    parts = urlsplit(url)
    spoken = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url))
    if not parts.hostname or parts.query or parts.fragment or not spoken:
        raise ValueError(
            Bilingual(
                "https://login.example.lg.jp/realms/city のように、発行者(issuer)の https の住所を書いてください",
                "write the https address of the issuer, as https://login.example.lg.jp/realms/city",
            )
        )
    return url


class ClaimRole(_Part):
    """A row of the table claim -> role."""

    value: str = Field(min_length=1, description="A value of the claim, as the name or id of a group")
    role: Literal["viewer", "reporter", "operator", "admin"] = Field(description="The role whoever has it gets")
    organisation: str | None = Field(None, description="Code of the organisation (団体コード); not set: everywhere")
    project: str | None = Field(None, description="Code of a project, where the role counts in that project alone")

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.organisation is not None and self.project is not None:
            raise ValueError(
                Bilingual(
                    "organisation か project のどちらか一つを書いてください", "write organisation or project, not both"
                )
            )
        return self


class OpenIdSettings(_Part):
    """An OpenID provider (Entra ID, Keycloak, ...), by which people sign in."""

    issuer: Annotated[str, AfterValidator(_issuer)] = Field(
        description="Its issuer, exactly as its own description (.well-known/openid-configuration) gives it"
    )
    client_id: str = Field(min_length=1, description="As what we are registered there")
    client_secret: SecretStr | None = Field(None, description="The secret of the registration; not set: PKCE alone")
    ca_file: Path | None = Field(None, description="Its certificate authority; not set: those of the system")
    title: str = Field("", description="What the button says; empty: the host of the issuer")
    scopes: tuple[str, ...] = Field(("openid", "profile"), description="What is asked for; openid always is")
    login_claim: str = Field("preferred_username", description="The claim that becomes the login of a new person")
    department_claim: str = Field("", description="The claim with the department; empty: none")
    roles_claim: str = Field("groups", description="The claim whose values are looked up in `roles`")
    roles: tuple[ClaimRole, ...] = Field((), description="Which value gives which role where")
    timeout_s: float = Field(10.0, gt=0, le=60, description="How long the provider may take to answer")


class SignInSettings(_Part):
    """Accounts of people, their sessions, and how often somebody may guess."""

    idle_minutes: int = Field(60, ge=1, le=1440, description="A session without a request for so long is over")
    absolute_hours: int = Field(12, ge=1, le=168, description="A session is over after so long, whatever happens")
    password_min_length: int = Field(12, ge=8, le=128, description="Shortest password; length counts, not its kinds")
    link_hours: int = Field(72, ge=1, le=720, description="How long the link for a first or new password works")
    attempts: int = Field(10, ge=3, le=1000, description="Wrong passwords of an account before the next has to wait")
    attempts_per_address: int = Field(
        50, ge=3, le=100_000, description="The same from one address, over all accounts: an office may share one"
    )
    open_id: OpenIdSettings | None = Field(None, description="An OpenID provider; not set: local accounts alone")
    proxy_header: str | None = Field(
        None,
        pattern=r"^[A-Za-z][A-Za-z0-9-]{1,63}$",
        description="Header in which a proxy in front says who it is, as X-Remote-User; needs proxy_addresses",
    )
    proxy_addresses: tuple[Annotated[str, AfterValidator(_network)], ...] = Field(
        (), description="The addresses of proxies that are believed; nobody else's header is read"
    )

    @model_validator(mode="after")
    def _proxy_is_known(self) -> Self:
        if self.proxy_header is not None and not self.proxy_addresses:
            raise ValueError(
                Bilingual(
                    "proxy_header には proxy_addresses が要ります",
                    "proxy_header needs proxy_addresses: else anybody could say who they are",
                )
            )
        return self


class AuditSettings(_Part):
    """How long the audit log (監査ログ) is kept."""

    keep_fiscal_years: int = Field(
        5, ge=1, le=100, description="An entry is kept until so many fiscal years after its own have ended"
    )
    address_days: int = Field(90, ge=0, le=3650, description="Addresses are kept for so long; 0: not at all")
