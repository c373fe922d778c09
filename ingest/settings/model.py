"""Every setting, one frozen model. The field texts are the documentation: `noroshi settings` prints them."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from ingest.errors import SettingsRefused
from ingest.runtime.bounded_files import FileRefused, read_regular
from ingest.settings.broker import AccessSettings, BrokerSettings
from ingest.settings.mail import MailSettings
from ingest.settings.report import ReportSettings
from ingest.settings.routes import DEFAULT_ROUTES, Route
from ingest.settings.sign_in import AuditSettings, SignInSettings
from ingest.settings.sparkplug import SparkplugSettings
from ingest.settings.watch import WatchSettings
from ingest.settings.web import WebSettings
from schemas.bilingual import Bilingual, joined, quoted
from schemas.misfit import misfit

SETTINGS_FILE = "noroshi.toml"
MAX_FILE_BYTES = 2**20
PREFIX = "NOROSHI_"


def _database_url(url: str) -> str:
    if urlsplit(url).scheme not in ("postgresql", "postgres"):
        raise ValueError(
            Bilingual(
                "postgresql://user:password@host:5432/database の形で書いてください",
                "write postgresql://user:password@host:5432/database",
            )
        )
    return url


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DatabaseSettings(_Part):
    """The connection to PostgreSQL / TimescaleDB."""

    url: Annotated[str, AfterValidator(_database_url)] = Field(
        "postgresql://noroshi@127.0.0.1:5432/noroshi",
        description="postgresql://user:password@host:port/database; several as host:port,host:port with"
        " ?target_session_attrs=read-write. PostgreSQL itself, no pooler",
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
    max_parts: int = Field(
        3_000,
        ge=10,
        le=20_000,
        description="Most readings of one message, refused ones too; one of more is quarantined as a whole",
    )
    batch_messages: int = Field(4_000, ge=1, description="Most messages in one transaction")
    batch_rows: int = Field(
        50_000, ge=100, description="Most rows in one transaction; as many again may wait while each writer has one"
    )
    batch_bytes: int = Field(24 * 2**20, ge=2**20, description="Most memory that the messages of one transaction take")
    writers: int = Field(2, ge=1, le=16, description="Connections that write at the same time")
    device_rows_per_s: float = Field(
        500.0, gt=0, description="Rows a device may bring for ever; beyond device_burst_rows its messages are set aside"
    )
    device_burst_rows: int = Field(
        2_000_000, ge=1_000, description="Rows a device may bring at once, as a backfill; 256 bytes count as a row"
    )
    device_aside_bytes: int = Field(
        256 * 2**20, ge=2**16, description="Set aside of a device in a day; then only heads, lengths and sums are kept"
    )
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
    quarantine_months: int | None = Field(
        13, ge=1, le=1200, description="What was set aside: a fiscal year and the month in which it is reported"
    )
    link_months: int | None = Field(
        None, ge=1, le=1200, description="Records of messages, reports of gateways; not set: for ever"
    )
    log_months: int | None = Field(None, ge=1, le=1200, description="The hourly account; not set: for ever")


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
    sign_in: SignInSettings = SignInSettings()
    audit: AuditSettings = AuditSettings()
    report: ReportSettings = ReportSettings()
    mail: MailSettings = MailSettings()
    watch: WatchSettings = WatchSettings()
    log: LogSettings = LogSettings()
    shutdown_grace_s: float = Field(
        20.0, gt=0, description="After SIGTERM: time to commit and acknowledge what is in flight"
    )

    @model_validator(mode="after")
    def _batch_fits_window(self) -> Self:
        if self.intake.batch_messages > self.intake.window_messages:
            raise ValueError(
                Bilingual(
                    "intake.batch_messages が intake.window_messages より大きくなっています。どちらかを直してください",
                    "intake.batch_messages is larger than intake.window_messages: lower the one or raise the other",
                )
            )
        return self

    @model_validator(mode="after")
    def _provider_leads_back(self) -> Self:
        if self.sign_in.open_id is not None and not self.web.url:
            raise ValueError(
                Bilingual(
                    "sign_in.open_id には web.url が要ります。認証サービスはブラウザーをそこへ戻します",
                    "sign_in.open_id needs web.url: that is where the provider leads browsers back to",
                )
            )
        return self

    @model_validator(mode="after")
    def _one_node_fits(self) -> Self:
        if self.sparkplug.max_metrics > self.sparkplug.max_metrics_in_all:
            raise ValueError(
                Bilingual(
                    "sparkplug.max_metrics が sparkplug.max_metrics_in_all より大きくなっています。"
                    "どちらかを直してください",
                    "sparkplug.max_metrics is larger than sparkplug.max_metrics_in_all: lower the one or raise the"
                    " other",
                )
            )
        return self

    @model_validator(mode="after")
    def _primary_host_speaks_mqtt5(self) -> Self:
        if self.sparkplug.host_id is not None and self.broker.protocol != "5":
            raise ValueError(
                Bilingual(
                    'sparkplug.host_id には broker.protocol = "5" が要ります。どちらかを直してください',
                    'sparkplug.host_id needs broker.protocol = "5": remove the one or change the other',
                )
            )
        if self.sparkplug.host_id is not None and not any(route.decoder == "sparkplug" for route in self.routes):
            raise ValueError(
                Bilingual(
                    "sparkplug.host_id は聞くと約束しますが、Sparkplug の経路がありません。加えるか、消してください",
                    "sparkplug.host_id promises to listen, but no route hears Sparkplug: add one or remove it",
                )
            )
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
        """Arguments of the call win over the environment, and the environment wins over the file."""
        return init_settings, env_settings, _SettingsFile(settings_cls)


class _SettingsFile(TomlConfigSettingsSource):
    """Reads noroshi.toml, and refuses a file that is too large or no TOML."""

    def _read_file(self, file_path: Any) -> dict[str, Any]:
        try:
            return tomllib.loads(read_regular(Path(file_path), MAX_FILE_BYTES).decode())
        except (ValueError, RecursionError) as error:  # among them: not TOML, not UTF-8, a number without an end
            deep = Bilingual("入れ子が深すぎます", "nested too deeply")
            why = deep if isinstance(error, RecursionError) else quoted(str(error)[:200])
            raise SettingsRefused(
                Bilingual(
                    f"{SETTINGS_FILE} を TOML として読めません: {why.ja}",
                    f"{SETTINGS_FILE} is not valid TOML: {why.en}",
                )
            ) from None
        except (OSError, FileRefused) as error:
            why = error.said if isinstance(error, FileRefused) else quoted(error)
            raise SettingsRefused(
                Bilingual(f"{SETTINGS_FILE} を読めません: {why.ja}", f"{SETTINGS_FILE} cannot be read: {why.en}")
            ) from None


def load(overrides: Mapping[str, Any] | None = None) -> Settings:
    """The settings of this process: `overrides` (nested), then NOROSHI_* variables, then noroshi.toml.

    Raises SettingsRefused naming each wrong setting and what to write instead.
    """
    _refuse_unknown_variables()
    try:
        return Settings(**(overrides or {}))
    except ValidationError as error:
        raise SettingsRefused(joined(_explain(item) for item in error.errors())) from None
    except SettingsError as error:
        raise SettingsRefused(
            Bilingual(
                f"設定: {error}。JSON で書くか、{SETTINGS_FILE} を使ってください",
                f"settings: {error}; write JSON, or use {SETTINGS_FILE}",
            )
        ) from None
    except RecursionError:
        raise SettingsRefused(
            Bilingual(
                "設定: 環境変数(routes など)の入れ子が深すぎます",
                "settings: a variable, of routes perhaps, is nested too deeply",
            )
        ) from None


def _explain(item: Mapping[str, Any]) -> Bilingual:
    path = ".".join(str(step) for step in item["loc"])
    variable = PREFIX + "__".join(str(step) for step in item["loc"]).upper()
    if item["type"] == "extra_forbidden":
        return _no_such(f"setting {path}", f"設定 {path}")
    message = misfit(item)
    where = (
        Bilingual(f"設定 {path} ({variable})", f"setting {path} ({variable})")
        if path
        else Bilingual("設定", "settings")
    )
    shown = quoted("")
    if path and "password" not in path and "url" not in path:
        shown = Bilingual(f"({item['input']!r} は使えません)", f", not {item['input']!r}")
    return Bilingual(f"{where.ja}: {message.ja}{shown.ja}", f"{where.en}: {message.en}{shown.en}")


def _no_such(en: str, ja: str) -> Bilingual:
    return Bilingual(
        f"{ja}: そのような設定はありません。noroshi settings で一覧を見られます",
        f"{en}: there is no such setting; `noroshi settings` lists them",
    )


def _refuse_unknown_variables() -> None:
    """A misspelt NOROSHI_ variable would otherwise be ignored in silence."""
    known = set(Settings.model_fields)
    reserved = {"NOROSHI_TEST_POSTGRES", "NOROSHI_LANG"}
    for name in os.environ:
        if name.startswith(PREFIX) and name not in reserved:
            first = name.removeprefix(PREFIX).split("__")[0].lower()
            if first not in known:
                raise SettingsRefused(_no_such(name, name))
