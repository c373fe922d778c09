"""Who is told of what the watch notices: people, channels, duty, rules of notice, escalation. Parts of a document."""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from schemas.bilingual import Bilingual
from schemas.mail_address import checked_address
from schemas.project import Code

DUTY = "duty"
"""In `to`: whoever is on duty at the moment."""
BACKUP = "backup"
"""In `to`: the one who is called when nobody else answers."""
PERSON_CHANNEL = "person"
"""The channel of e-mails to a person himself, in rows of deliveries."""
MQTT_CHANNEL = "mqtt"
"""The channel of the broker, which needs no entry."""
RESERVED = (DUTY, BACKUP, PERSON_CHANNEL, MQTT_CHANNEL)

EventKind = Literal["stage", "silence", "blind", "airtime", "quality"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Name = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]


def _clock(text: str) -> str:
    if re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text) is None:
        raise ValueError(
            Bilingual(
                '時刻は "22:00" の形で、引用符に入れて書いてください', 'write a time as "22:00", in quotation marks'
            )
        )
    return text


Clock = Annotated[str, AfterValidator(_clock), Field(description="HH:MM, on a Japanese clock")]
Rank = Annotated[int, Field(ge=1, le=20)]
Names = Annotated[tuple[Code, ...], Field(min_length=1, max_length=50)]


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError(Bilingual("一行で書いてください", "write one line"))
    return text


Line = Annotated[Name, AfterValidator(_one_line)]
Address = Annotated[str, AfterValidator(checked_address)]


def _secret_path(path: Path) -> Path:
    if not path.is_absolute():
        raise ValueError(
            Bilingual(
                "/run/secrets/hook のように、/ から始まるパスを書いてください",
                "write the whole path, as /run/secrets/hook",
            )
        )
    return path


SecretFile = Annotated[Path, AfterValidator(_secret_path)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)


class WatchPerson(_Part):
    """Somebody who may be told. Without `email`: the address of the account `login`."""

    code: Code
    name: Line
    department: str = Field("", max_length=100)
    login: str | None = Field(
        None, min_length=1, max_length=100, description="The account of the pages, for its phones too"
    )
    email: Address | None = None
    language: Literal["ja", "en"] = "ja"


def checked_url(text: str, *, plain_http: bool) -> str:
    """The address of a receiver. Raises ValueError (a `Bilingual`) for what is none, and for http without leave."""
    parts = urlsplit(text.strip())
    schemes = ("https", "http") if plain_http else ("https",)
    try:
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        port_fits = False
    fits = parts.scheme in schemes and parts.hostname and port_fits and "@" not in parts.netloc and not parts.fragment
    if not fits or not text.strip().isascii() or not text.strip().isprintable() or " " in text.strip():
        raise ValueError(
            Bilingual(
                "https://example.jp/hook の形で書いてください。利用者名は入れません。庁内の http は"
                " plain_http: true を書いたときだけ使えます",
                "write https://example.jp/hook, without a user; plain http within your own network needs"
                " plain_http: true",
            )
        )
    return text.strip()


class MailChannel(_Part):
    """E-mail to fixed addresses, as a list of the disaster office. The server is that of the settings."""

    code: Code
    kind: Literal["mail"]
    to: Annotated[tuple[Address, ...], Field(min_length=1, max_length=50)]
    language: Literal["ja", "en"] = "ja"


class WebhookChannel(_Part):
    """JSON to a program, signed with the secret. See the handbook for its form."""

    code: Code
    kind: Literal["webhook"]
    url: str | None = Field(None, max_length=2_000)
    url_file: SecretFile | None = Field(None, description="A file whose first line is the address, where it is secret")
    secret_file: SecretFile | None = Field(None, description="A file whose first line is the secret of signatures")
    ca_file: SecretFile | None = Field(None, description="The authority of the receiver; not set: those of the system")
    timeout_s: float = Field(10, ge=1, le=60)
    plain_http: bool = Field(False, description="http without TLS is allowed: only within your own network")

    @model_validator(mode="after")
    def _has_one_address(self) -> Self:
        if (self.url is None) == (self.url_file is None):
            raise ValueError(
                Bilingual("url か url_file のどちらか一つを書いてください", "write either url or url_file")
            )
        if self.url is not None:
            checked_url(self.url, plain_http=self.plain_http)
        return self


class ChatChannel(_Part):
    """A room of a chat. Who knows its address may write there, so it stands in a file and nowhere else."""

    code: Code
    kind: Literal["slack", "teams", "line_works"]
    url_file: SecretFile = Field(description="A file whose first line is the address of the incoming webhook")
    ca_file: SecretFile | None = None
    timeout_s: float = Field(10, ge=1, le=60)
    plain_http: bool = Field(False, description="http without TLS is allowed: only within your own network")
    language: Literal["ja", "en"] = "ja"


class PushChannel(_Part):
    """The phones (Web Push) of people. `to`: whose."""

    code: Code
    kind: Literal["web_push"]
    to: Names = (DUTY,)


Channel = Annotated[MailChannel | WebhookChannel | ChatChannel | PushChannel, Field(discriminator="kind")]


def _in_order(begins: datetime, ends: datetime) -> None:
    if ends <= begins:
        raise ValueError(Bilingual("to は from より後にしてください", "`to` has to be later than `from`"))


class Shift(_Part):
    """Who is on duty from one time to another."""

    begins: AwareDatetime = Field(alias="from")
    ends: AwareDatetime = Field(alias="to")
    person: Code

    @model_validator(mode="after")
    def _ends_later(self) -> Self:
        _in_order(self.begins, self.ends)
        return self


class WeeklyShift(_Part):
    """Who is on duty every week. Over midnight the day is that of the beginning; equal times are a whole day."""

    days: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7)]
    begins: Clock = Field(alias="from")
    ends: Clock = Field(alias="to")
    person: Code


class Duty(_Part):
    """Who is on duty (当番). The rota wins over the weekly shifts; where neither holds, it is the backup."""

    rota: Annotated[tuple[Shift, ...], Field(max_length=2_000)] = ()
    weekly: Annotated[tuple[WeeklyShift, ...], Field(max_length=100)] = ()
    backup: Code | None = None


class NoticeRule(_Part):
    """Who is told of what. What a list does not say is allowed; `to`: people, channels, duty, backup."""

    kinds: Annotated[tuple[EventKind, ...], Field(max_length=5)] = ()
    hazards: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    areas: Annotated[tuple[Name, ...], Field(max_length=200)] = ()
    devices: Annotated[tuple[Code, ...], Field(max_length=5_000)] = ()
    min_rank: Rank = 1
    to: Names
    clear: bool = Field(True, description="They are told too when it is over")
    late: bool = Field(False, description="They are told too of what readings show that came late")


class EscalationStep(_Part):
    """Who is told in addition when nobody took it for so many minutes."""

    min_rank: Rank = 1
    after_min: float = Field(ge=1, le=24 * 60)
    to: Names


class QuietHours(_Part):
    """Below this rank people are told only when the hours end, in one message. See the handbook for exceptions."""

    begins: Clock = Field(alias="from")
    ends: Clock = Field(alias="to")
    below_rank: Rank = 2

    @model_validator(mode="after")
    def _end(self) -> Self:
        if self.begins == self.ends:
            raise ValueError(Bilingual("from と to を違う時刻にしてください", "write two different times"))
        return self


class Limit(_Part):
    """More messages within so many minutes to one receiver become one."""

    messages: int = Field(10, ge=1, le=1_000)
    per_min: float = Field(10, ge=1, le=24 * 60)


class WatchNotice(_Part):
    """The parts of a document that say who is told. Every name in `to` is one of a person or a channel."""

    people: Annotated[tuple[WatchPerson, ...], Field(max_length=500)] = ()
    channels: Annotated[tuple[Channel, ...], Field(max_length=50)] = ()
    duty: Duty = Duty()
    notify: Annotated[tuple[NoticeRule, ...], Field(max_length=200)] = ()
    escalation: Annotated[tuple[EscalationStep, ...], Field(max_length=20)] = ()
    quiet_hours: QuietHours | None = None
    limit: Limit = Limit()

    @model_validator(mode="after")
    def _codes_are_unique(self) -> Self:
        seen: set[str] = set(RESERVED)
        for code in chain((each.code for each in self.people), (each.code for each in self.channels)):
            if code in seen:
                raise ValueError(
                    Bilingual(
                        f"「{code}」は people と channels で二度使われているか、決まった言葉です。"
                        "別の名前にしてください",
                        f"{code!r} is used twice among people and channels, or is a reserved word: write another",
                    )
                )
            seen.add(code)
        return self

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        people = {each.code for each in self.people}
        everybody = people | {each.code for each in self.channels} | {DUTY, BACKUP}
        for place, name in self._people_named():
            if name not in people:
                raise ValueError(_unknown(place, name))
        for place, name in self._receivers_named():
            if name not in everybody:
                raise ValueError(_unknown(place, name))
            if name == BACKUP and self.duty.backup is None:
                raise ValueError(
                    Bilingual(
                        f"{place} に backup とありますが、duty.backup がありません。人を書いてください",
                        f"{place} names backup, but there is no duty.backup: write a person there",
                    )
                )
        return self

    def _people_named(self) -> Iterator[tuple[str, str]]:
        yield from ((f"duty.rota[{n}]", each.person) for n, each in enumerate(self.duty.rota))
        yield from ((f"duty.weekly[{n}]", each.person) for n, each in enumerate(self.duty.weekly))
        if self.duty.backup is not None:
            yield "duty.backup", self.duty.backup
        for channel in self.channels:
            if isinstance(channel, PushChannel):
                yield from ((f"channels.{channel.code}", name) for name in channel.to if name not in (DUTY, BACKUP))

    def _receivers_named(self) -> Iterator[tuple[str, str]]:
        for number, rule in enumerate(self.notify):
            yield from ((f"notify[{number}]", name) for name in rule.to)
        for number, step in enumerate(self.escalation):
            yield from ((f"escalation[{number}]", name) for name in step.to)


def _unknown(place: str, name: str) -> Bilingual:
    return Bilingual(
        f"{place} の「{name}」は people にも channels にもありません。書き足すか、直してください",
        f"{place} names {name!r}, which is neither among people nor channels: add it or correct the name",
    )
