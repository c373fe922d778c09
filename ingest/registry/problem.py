"""Problems of a registry file, worded so that a clerk can correct them: where, which column, what to write instead."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from schemas.bilingual import Bilingual, quoted
from schemas.binding import begin_of
from schemas.foreign import one_line
from schemas.labelled import Labelled
from schemas.stage import RIVER_LEVEL

MAX_PROBLEMS = 200
"""Problems that are shown at once. A file with more is probably the wrong file."""


class Kind(Labelled):
    """The kinds of things the registry holds; the value is their key in a YAML document."""

    PROJECT = "projects", "事業", "project"
    QUANTITY = "quantities", "測定項目", "quantity"
    RANGE = "ranges", "範囲", "range"
    NETWORK = "networks", "通信網", "network"
    GATEWAY = "gateways", "基地局", "gateway"
    PROFILE = "profiles", "プロファイル", "profile"
    DEVICE = "devices", "機器", "device"
    BINDING = "bindings", "取付条件", "binding"
    STAGE = "stages", "基準水位", "stage"
    ASSET = "assets", "資産", "asset"


class Place(NamedTuple):
    """A line of a file; in a table the row as Excel counts it, the header being row 1."""

    file: str
    row: int


class Subject(NamedTuple):
    """A thing by its key: its code, with that of its project where codes are the project's own (see `key_of`)."""

    kind: Kind
    key: str

    @property
    def said(self) -> Bilingual:
        """The thing as a sentence names it."""
        return Bilingual(f"{self.kind.label.ja} {self.key}", f"{self.kind.label.en} {self.key}")

    def __str__(self) -> str:
        return str(self.said)


NOWHERE = quoted("")


class Problem(NamedTuple):
    """One thing to correct. `column` is the heading as the file writes it; `subject` is set where the key is known."""

    message: Bilingual
    place: Place | None = None
    column: Bilingual = NOWHERE
    subject: Subject | None = None

    @property
    def said(self) -> Bilingual:
        """The problem as one line: where, which column, what is wrong."""
        return Bilingual(
            _sentence(self._where.ja, self.column.ja, self.message.ja),
            _sentence(self._where.en, self.column.en, self.message.en),
        )

    @property
    def _where(self) -> Bilingual:
        if self.place is not None:
            file, row = self.place
            return Bilingual(f"{file} {row}行目", f"{file} line {row}")
        return NOWHERE if self.subject is None else self.subject.said

    def __str__(self) -> str:
        return str(self.said)


MORE = Problem(Bilingual("ほかにも誤りがあります", "there are more mistakes"))
"""Stands at the end of what is shown where that is not all."""


def shown_of(problems: Iterable[Problem]) -> list[Problem]:
    """The problems of one file by line, as many as are shown at once. MORE is the last where there are others."""
    ordered = sorted(problems, key=lambda problem: problem.place.row if problem.place else 0)
    return ordered if len(ordered) <= MAX_PROBLEMS else [*ordered[:MAX_PROBLEMS], MORE]


def _sentence(where: str, column: str, message: str) -> str:
    about = f"{where} {column}".strip()
    return one_line(f"{about}: {message}" if about else message)


def key_of(kind: Kind, values: Mapping[str, object]) -> str:
    """The key of a thing: its code, or the codes and other values that identify it."""
    match kind:
        case Kind.DEVICE | Kind.QUANTITY | Kind.ASSET:
            return f"{values.get('project')}/{values.get('code')}"
        case Kind.RANGE:
            return f"{values.get('project')}/{values.get('quantity')}"
        case Kind.BINDING:
            return _in_time(values, f"{values.get('quantity') or 'profile'} {values.get('channel') or 0}")
        case Kind.STAGE:
            level = values.get("quantity") or RIVER_LEVEL
            return _in_time(values, f"{level} {values.get('channel') or 0} #{values.get('rank')}")
        case _:
            return str(values.get("code"))


def _in_time(values: Mapping[str, object], about: str) -> str:
    begin = begin_of(values.get("valid_from"))
    when = begin.astimezone(UTC).isoformat() if isinstance(begin, datetime) else ""
    return f"{values.get('project')}/{values.get('device')} {about} {when}".rstrip()
