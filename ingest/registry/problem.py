"""What is wrong with a registry file, said so that a clerk can mend it: where, which column, what to write instead."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from schemas.binding import begin_of
from schemas.stage import RIVER_LEVEL


class Kind(StrEnum):
    """The kinds of things the registry holds; the value is their key in a YAML document."""

    PROJECT = "projects"
    QUANTITY = "quantities"
    RANGE = "ranges"
    NETWORK = "networks"
    GATEWAY = "gateways"
    PROFILE = "profiles"
    DEVICE = "devices"
    BINDING = "bindings"
    STAGE = "stages"

    @property
    def label_ja(self) -> str:
        """What a clerk calls it."""
        return _LABELS_JA[self]


_LABELS_JA = {
    Kind.PROJECT: "事業",
    Kind.QUANTITY: "測定項目",
    Kind.RANGE: "範囲",
    Kind.NETWORK: "通信網",
    Kind.GATEWAY: "基地局",
    Kind.PROFILE: "プロファイル",
    Kind.DEVICE: "機器",
    Kind.BINDING: "取付条件",
    Kind.STAGE: "基準水位",
}


class Place(NamedTuple):
    """A line of a file; in a table the row as Excel counts it, the header being row 1."""

    file: str
    row: int


class Subject(NamedTuple):
    """A thing by its key: its code, with that of its project where codes are the project's own (see `key_of`)."""

    kind: Kind
    key: str

    def __str__(self) -> str:
        return f"{self.kind.label_ja} {self.key}"


class Problem(NamedTuple):
    """One thing to mend. `column` is the heading as the file writes it; `subject` is set where the key is known."""

    message: str
    place: Place | None = None
    column: str = ""
    subject: Subject | None = None

    def __str__(self) -> str:
        where = f"{self.place.file} {self.place.row}行目" if self.place else str(self.subject or "")
        return f"{f'{where} {self.column}'.strip()}: {self.message}" if where or self.column else self.message


def key_of(kind: Kind, values: Mapping[str, object]) -> str:
    """What names a thing."""
    match kind:
        case Kind.DEVICE | Kind.QUANTITY:
            return f"{values.get('project')}/{values.get('code')}"
        case Kind.RANGE:
            return f"{values.get('project')}/{values.get('quantity')}"
        case Kind.BINDING:
            return _in_time(values, f"{values.get('quantity') or 'profile'} {values.get('channel') or 0}")
        case Kind.STAGE:
            level = values.get("quantity") or RIVER_LEVEL
            return _in_time(values, f"{level} {values.get('channel') or 0} 段階{values.get('rank')}")
        case _:
            return str(values.get("code"))


def _in_time(values: Mapping[str, object], about: str) -> str:
    begin = begin_of(values.get("valid_from"))
    when = begin.astimezone(UTC).isoformat() if isinstance(begin, datetime) else ""
    return f"{values.get('project')}/{values.get('device')} {about} {when}".rstrip()
