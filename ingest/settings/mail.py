"""The settings of e-mail: one section of `model.Settings`."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from ingest.errors import SettingsRefused
from ingest.runtime.bounded_files import FileRefused, read_regular
from schemas.bilingual import Bilingual, quoted
from schemas.mail_address import checked_address

MAX_PASSWORD_BYTES = 4_096
_FILE = "mail.password_file"


def _host(text: str) -> str:
    if text and not (text.isascii() and text.isprintable() and not set(text) & set(" /:@?#")):
        raise ValueError(
            Bilingual(
                "smtp.example.jp のように名前か IPv4 アドレスだけを書いてください。ポートは mail.port に書きます",
                "write the name or IPv4 address alone, as smtp.example.jp; the port stands in mail.port",
            )
        )
    return text


def _name(text: str) -> str:
    if not text.isprintable():
        raise ValueError(Bilingual("一行で書いてください", "write one line"))
    return text


def _address(text: str) -> str:
    return checked_address(text) if text else text


class MailSettings(BaseModel):
    """E-mail with reports and reminders. Without `host` none is sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: Annotated[str, AfterValidator(_host)] = Field(
        "", max_length=253, description="The SMTP server, as smtp.example.jp; not set: no e-mail is sent"
    )
    port: int = Field(587, ge=1, le=65_535, description="587 with starttls, 465 with tls, 25 with none as a rule")
    tls: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the connection is encrypted; none only within your own network"
    )
    ca_file: Path | None = Field(None, description="The authority of the SMTP server; not set: those of the system")
    username: str = Field("", max_length=254, description="The account at the SMTP server; not set: no signing in")
    password_file: Path | None = Field(None, description="A file whose first line is the password of the account")
    sender: Annotated[str, AfterValidator(_address)] = Field(
        "", description="The address that stands as the sender, as noroshi@city.example.jp"
    )
    sender_name: Annotated[str, AfterValidator(_name)] = Field(
        "", max_length=100, description="The name beside it; not set: Noroshi, with its Japanese name"
    )
    timeout_s: float = Field(60.0, ge=1, le=600, description="How long one delivery may take as a whole")
    attachment_mib: float = Field(
        7.0, ge=0, le=50, description="Larger files are not attached: the e-mail leads to the page. 0: always so"
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.host and not self.sender:
            raise ValueError(
                Bilingual(
                    "mail.sender に差出人のアドレスを noroshi@city.example.jp のように書いてください"
                    "(mail.host を使うため)",
                    "mail.sender: write the address of the sender, as noroshi@city.example.jp: mail.host is set",
                )
            )
        if bool(self.username) != (self.password_file is not None):
            raise ValueError(
                Bilingual(
                    "mail.username と mail.password_file は両方書くか、両方消してください",
                    "mail.username and mail.password_file: write both of them or none",
                )
            )
        if self.username and self.tls == "none":
            raise ValueError(
                Bilingual(
                    "mail.tls が none だとパスワードが暗号化されません。starttls か tls にするか、mail.username を"
                    "消してください",
                    "mail.tls = none would send the password in the clear: write starttls or tls, or remove"
                    " mail.username",
                )
            )
        if self.tls == "none" and self.ca_file is not None:
            raise ValueError(
                Bilingual(
                    "mail.ca_file は mail.tls が starttls か tls のときに使います。どちらかを直してください",
                    "mail.ca_file is for mail.tls = starttls or tls: change the one or remove the other",
                )
            )
        return self


def read_password(settings: MailSettings) -> str:
    """The password of the account; empty without one. Raises SettingsRefused for a file that has none."""
    if settings.password_file is None:
        return ""
    try:
        first, *_ = read_regular(settings.password_file, MAX_PASSWORD_BYTES).decode().splitlines() or [""]
    except (OSError, FileRefused) as error:
        why = error.said if isinstance(error, FileRefused) else quoted(error.strerror or "")
        raise SettingsRefused(
            Bilingual(
                f"{_FILE} {settings.password_file} を読めません: {why.ja}",
                f"{_FILE} {settings.password_file} cannot be read: {why.en}",
            )
        ) from None
    except UnicodeDecodeError:
        first = ""
    if not first.strip():
        raise SettingsRefused(
            Bilingual(
                f"{_FILE} {settings.password_file} の一行目にパスワードを書いてください",
                f"{_FILE} {settings.password_file}: write the password into its first line",
            )
        )
    return first
