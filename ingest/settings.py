"""Every setting, one frozen model. The field texts are the documentation: `noroshi settings` prints them."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from ingest.errors import SettingsRefused
from ingest.routes import DEFAULT_ROUTES, Route

SETTINGS_FILE = "noroshi.toml"
PREFIX = "NOROSHI_"

BROKER_SCHEMES = {"mqtt": 1883, "mqtts": 8883}


def _broker_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in BROKER_SCHEMES or not parts.hostname:
        raise ValueError("write mqtt://host:1883 or, with TLS, mqtts://host:8883")
    return url


def _database_url(url: str) -> str:
    if urlsplit(url).scheme not in ("postgresql", "postgres"):
        raise ValueError("write postgresql://user:password@host:5432/database")
    return url


def _level(name: str) -> str:
    if not name or set(name) & set("+#%/$\0"):
        raise ValueError("it is one level of a topic: write a name without + # % / $")
    return name


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BrokerSettings(_Part):
    """The connection to the MQTT broker."""

    url: Annotated[str, AfterValidator(_broker_url)] = Field(
        "mqtt://127.0.0.1:1883", description="mqtt:// or, with TLS, mqtts://. User and password may stand in the URL."
    )
    username: str | None = Field(None, description="Wins over the user in the URL")
    password: SecretStr | None = Field(None, description="Wins over the password in the URL")
    ca_file: Path | None = Field(
        None, description="Certificate authority of the broker; without it the system's are used"
    )
    cert_file: Path | None = Field(None, description="Our client certificate, for brokers that ask for one")
    key_file: Path | None = Field(None, description="The key of our client certificate")
    protocol: Literal["5", "3.1.1"] = Field(
        "5", description="3.1.1 is for brokers that do not speak MQTT 5; it is about eight times slower"
    )
    client_id: str = Field(
        "noroshi-ingest", min_length=1, description="Fixed: the broker finds our unacknowledged messages by it"
    )
    keep_alive_s: int = Field(30, ge=2, le=65535, description="Longest silence on the connection, in seconds")
    session_expiry_s: int = Field(
        7 * 86400, ge=0, le=2**32 - 1, description="How long the broker keeps our messages while we are away (MQTT 5)"
    )
    receive_maximum: int = Field(
        12_000, ge=1, le=65535, description="Unacknowledged messages the broker may send; smaller throttles a drain"
    )
    connect_timeout_s: float = Field(10.0, gt=0, description="How long one attempt to connect may take")
    backoff_max_s: float = Field(30.0, gt=0, description="Longest pause between two attempts to reconnect")

    @model_validator(mode="after")
    def _certificate_has_a_key(self) -> Self:
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file go together")
        return self


class AccessSettings(_Part):
    """Accounts in the broker, as `noroshi broker apply` writes them; the running service only reads `issued_file`."""

    username: str = Field("noroshi-admin", min_length=1, description="Who may administer accounts in the broker")
    password: SecretStr | None = Field(None, description="The password of the administrator of accounts")
    address: str | None = Field(
        None, description="Where devices find the broker, for the slips of the installer; not set: broker.url"
    )
    any_client_id: tuple[str, ...] = Field(
        (), description="Devices, as project/code, that cannot be given a client id: a risk, see docs/decisions/023"
    )
    things_stack_tenant: str | None = Field(
        None, description="What The Things Stack writes behind @ in its topics, where several servers share the broker"
    )
    issued_file: Path | None = Field(
        None, description="The list issued.csv of deploy/tls/authority.sh: whose certificates run out, is watched"
    )
    simulator_username: str = Field("simulator", min_length=1, description="The simulated field in the broker")
    simulator_password: SecretStr | None = Field(
        None, description="Not set: the simulated field has no account, as it should be where nobody demonstrates"
    )


class DatabaseSettings(_Part):
    """The connection to PostgreSQL / TimescaleDB."""

    url: Annotated[str, AfterValidator(_database_url)] = Field(
        "postgresql://noroshi@127.0.0.1:5432/noroshi", description="postgresql://user:password@host:port/database"
    )
    disk: Path | None = Field(
        None, description="A path on the disk of the database, if that is on this machine and not found by itself"
    )
    connect_timeout_s: int = Field(5, ge=1, description="How long one attempt to connect may take")
    statement_timeout_s: int = Field(30, ge=1, description="A statement that takes longer is cancelled and tried again")
    silence_margin_s: float = Field(
        5.0, gt=0, description="A server silent for this much longer than statement_timeout_s is given up"
    )
    tcp_timeout_s: int = Field(
        30, ge=6, description="A connection is broken when the other end confirms nothing for so long"
    )
    backoff_max_s: float = Field(10.0, gt=0, description="Longest pause between two attempts to write a batch")


class IntakeSettings(_Part):
    """What is accepted from the broker, and how much of it is held in memory."""

    window_messages: int = Field(
        24_000, ge=1, description="With so many messages held we stop reading the socket (one read may go beyond)"
    )
    window_bytes: int = Field(64 * 2**20, ge=2**20, description="Payload bytes held at most")
    max_payload_bytes: int = Field(262_144, ge=64, description="A larger payload is quarantined without being parsed")
    max_depth: int = Field(32, ge=2, le=500, description="Deepest nesting of a JSON payload")
    max_elements: int = Field(20_000, ge=10, description="Most brackets, braces and commas in a JSON payload")
    batch_messages: int = Field(4_000, ge=1, description="Most messages in one transaction")
    writers: int = Field(2, ge=1, le=16, description="Connections that write at the same time")
    fresh_lag_s: float = Field(
        20.0, ge=0, description="When the broker's queue is behind by more, what is new goes first (MQTT 5); 0: never"
    )


class ClockSettings(_Part):
    """What to do with the clocks of devices."""

    ahead_tolerance_s: float = Field(120.0, ge=0, description="A device clock may be ahead by this much without remark")
    ahead: Literal["receipt", "quarantine"] = Field(
        "receipt", description="Ahead by more: use the time of receipt and flag, or quarantine (time_in_future)"
    )
    max_age_days: float = Field(400.0, gt=0, description="Older measurements are quarantined (time_too_old)")
    absent: Literal["receipt", "quarantine"] = Field(
        "receipt",
        description="No time, or a clock never set: use the time of receipt and flag, or quarantine (invalid_time)",
    )


class RegistrySettings(_Part):
    """How the running service follows the registry."""

    poll_s: float = Field(2.0, gt=0, description="How often the registry is asked whether it changed")


class RetentionSettings(_Part):
    """How long projects keep what, where the registry does not say it. Nothing goes while the subsidy demands it."""

    raw_months: int | None = Field(None, ge=1, le=1200, description="Readings; not set: for ever")
    rollup_months: int | None = Field(None, ge=1, le=1200, description="Rollups; not set: for ever")
    quarantine_months: int | None = Field(None, ge=1, le=1200, description="What was set aside; not set: for ever")
    link_months: int | None = Field(
        None, ge=1, le=1200, description="Records of messages, reports of gateways; not set: for ever"
    )
    log_months: int | None = Field(None, ge=1, le=1200, description="The hourly account; not set: for ever")


class SparkplugSettings(_Part):
    """How we behave towards Sparkplug B nodes."""

    rebirth_requests: bool = Field(
        default=False,
        description="Ask a node that cannot be understood to announce itself again: a command to somebody's plant",
    )
    rebirth_interval_s: float = Field(
        60.0, ge=10, description="A node is asked no more than once in this time, in seconds"
    )
    host_id: Annotated[str, AfterValidator(_level)] | None = Field(
        None, description="Tell nodes that wait for this primary host whether we listen (STATE); not set: say nothing"
    )


class WebSettings(_Part):
    """Pages, API, /metrics, /livez and /readyz on one port."""

    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 opens it to the network")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0 takes a free one")
    cert_file: Path | None = Field(None, description="Certificate of the pages, with its chain: then they are https")
    key_file: Path | None = Field(None, description="The key of that certificate, without a password")

    @model_validator(mode="after")
    def _certificate_has_a_key(self) -> Self:
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file go together")
        return self


class LogSettings(_Part):
    """Structured logs on standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severity that is written")
    format: Literal["json", "console"] = Field("json", description="One JSON object a line, or text for a terminal")


class Settings(BaseSettings):
    """All settings of a Noroshi process."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=PREFIX, env_nested_delimiter="__", toml_file=SETTINGS_FILE
    )

    broker: BrokerSettings = BrokerSettings()
    access: AccessSettings = AccessSettings()
    database: DatabaseSettings = DatabaseSettings()
    routes: tuple[Route, ...] = Field(DEFAULT_ROUTES, min_length=1, description="Topic -> decoder, first match wins")
    intake: IntakeSettings = IntakeSettings()
    clock: ClockSettings = ClockSettings()
    registry: RegistrySettings = RegistrySettings()
    retention: RetentionSettings = RetentionSettings()
    sparkplug: SparkplugSettings = SparkplugSettings()
    web: WebSettings = WebSettings()
    log: LogSettings = LogSettings()
    shutdown_grace_s: float = Field(
        20.0, gt=0, description="After SIGTERM: time to commit and acknowledge what is in flight"
    )

    @model_validator(mode="after")
    def _batch_fits_window(self) -> Self:
        if self.intake.batch_messages > self.intake.window_messages:
            raise ValueError(
                "intake.batch_messages is larger than intake.window_messages: lower the one or raise the other"
            )
        return self

    @model_validator(mode="after")
    def _primary_host_speaks_mqtt5(self) -> Self:
        if self.sparkplug.host_id is not None and self.broker.protocol != "5":
            raise ValueError('sparkplug.host_id needs broker.protocol = "5": remove the one or change the other')
        if self.sparkplug.host_id is not None and not any(route.decoder == "sparkplug" for route in self.routes):
            raise ValueError("sparkplug.host_id promises to listen, but no route hears Sparkplug: add one or remove it")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  the signature is the library's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The call wins over the environment, the environment over the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load(overrides: Mapping[str, Any] | None = None) -> Settings:
    """The settings of this process: `overrides` (nested), then NOROSHI_* variables, then noroshi.toml.

    Raises SettingsRefused naming each wrong setting and what to write instead.
    """
    _refuse_unknown_variables()
    try:
        return Settings(**(overrides or {}))
    except ValidationError as error:
        raise SettingsRefused("\n".join(_explain(item) for item in error.errors())) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsRefused(f"{SETTINGS_FILE} is not valid TOML: {error}") from None


def _explain(item: Mapping[str, Any]) -> str:
    path = ".".join(str(step) for step in item["loc"])
    variable = PREFIX + "__".join(str(step) for step in item["loc"]).upper()
    if item["type"] == "extra_forbidden":
        return f"setting {path}: there is no such setting; `noroshi settings` lists them"
    message = str(item["msg"]).removeprefix("Value error, ")
    where = f"setting {path} ({variable})" if path else "settings"
    shown = "" if "password" in path or "url" in path or not path else f", not {item['input']!r}"
    return f"{where}: {message}{shown}"


def _refuse_unknown_variables() -> None:
    """A misspelt NOROSHI_ variable would otherwise be ignored in silence."""
    known = set(Settings.model_fields)
    reserved = {"NOROSHI_TEST_POSTGRES"}
    for name in os.environ:
        if name.startswith(PREFIX) and name not in reserved:
            first = name.removeprefix(PREFIX).split("__")[0].lower()
            if first not in known:
                raise SettingsRefused(f"{name}: there is no such setting; `noroshi settings` lists them")
