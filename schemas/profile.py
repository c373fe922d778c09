"""A profile: how the fields of a publisher's decoded payload map to quantities.

Decoders never guess a device type from bytes or field names: `humidity` of one product is soil
moisture, `battery` is volts here and percent there. The registry binds a device to a profile.
"""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from schemas.bilingual import Bilingual
from schemas.json_map import JsonMap
from schemas.layout import Cayenne, Frame
from schemas.own_quantity import QUANTITY_PATTERN
from schemas.project import Code
from schemas.quantity import BY_CODE
from schemas.unit import learn


def _text_means_quantity(value: object) -> object:
    return {"quantity": value} if isinstance(value, str) else value


def _plain(value: object) -> float | str | None:
    """The value of a field if it is a single one. true and false become words, as in `states`."""
    value = _word(value.get("value") if isinstance(value, dict) else value)
    return value if isinstance(value, (int, float, str)) else None


def _word(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


def _yes_and_no_are_words(values: object) -> object:
    return [_word(value) for value in values] if isinstance(values, (list, tuple)) else values


def _flat(names: object) -> object:
    """The list with inner lists, which YAML aliases leave, merged into it."""
    if not isinstance(names, list):
        return names
    return [inner for name in names for inner in (name if isinstance(name, list) else [name])]


class FieldBinding(BaseModel):
    """What one field means. `unit` is what the publisher delivers, unless the payload says otherwise itself."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    quantity: str
    unit: str | None = None
    channel: int = Field(0, ge=0, le=32767)
    scale: float = Field(1.0, description="Multiplied before the unit is converted, e.g. for tenths")
    sentinels: tuple[float | str, ...] = Field((), description="Values that mean 'no measurement'")
    states: dict[str, str] = Field({}, description="Publisher's word -> state of the catalogue")
    doubt_if: dict[str, Annotated[tuple[float | str, ...], BeforeValidator(_yes_and_no_are_words)]] = Field(
        {}, description="Another field of the same message -> its values beside which this one is stored as doubtful"
    )

    @model_validator(mode="after")
    def _quantity_and_unit_exist(self) -> Self:
        quantity = BY_CODE.get(self.quantity)
        if quantity is None:
            return self._of_a_project()
        if self.unit is not None and learn(self.unit, quantity.unit) is None:
            raise ValueError(
                Bilingual(
                    f"{self.unit!r} は {self.quantity} の単位 {quantity.unit!r} に換算できません",
                    f"{self.unit!r} cannot be converted to {quantity.unit!r}, the unit of {self.quantity}",
                )
            )
        unknown = set(self.states.values()) - set(quantity.states)
        if unknown:
            raise ValueError(
                Bilingual(
                    f"{self.quantity} に状態 {'、'.join(sorted(unknown))} はありません",
                    f"{self.quantity} has no state {', '.join(sorted(unknown))}",
                )
            )
        return self

    def _of_a_project(self) -> Self:
        """Accept a quantity of a project's own. The registry checks that it exists and that its unit converts."""
        if not re.fullmatch(QUANTITY_PATTERN, self.quantity):
            raise ValueError(
                Bilingual(
                    f"測定項目 {self.quantity!r} は標準の一覧にありません",
                    f"there is no quantity {self.quantity!r} in the catalogue",
                )
            )
        if self.states:
            raise ValueError(
                Bilingual(
                    f"{self.quantity} は標準の一覧にありません。独自の測定項目の状態は quantities: に書きます",
                    f"{self.quantity} is not in the catalogue: a quantity of your own has its words in `quantities:`",
                )
            )
        return self


Doubts: TypeAlias = tuple[tuple[str, str, frozenset[float | str]], ...]
"""(field, another field, values of the other field that make the first doubtful), for a whole profile."""


def doubts_of(fields: Mapping[str, FieldBinding]) -> Doubts:
    """All `doubt_if` of these fields."""
    return tuple(
        (field, other, frozenset(values))
        for field, binding in fields.items()
        for other, values in binding.doubt_if.items()
    )


def doubted(doubts: Doubts, said: Mapping[str, object]) -> frozenset[str]:
    """Fields that the publisher itself calls doubtful, by the values of other fields."""
    return frozenset(field for field, other, values in doubts if _plain(said.get(other)) in values)


class RecordList(BaseModel):
    """A list of records inside the payload: `{"messages": [{"measurementId": 4097, "measurementValue": 21.4}]}`."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    field: str
    id_key: str
    value_key: str


class Profile(BaseModel):
    """The fields of one product (or one codec). Keys are exact field names, never split at dots."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    code: Code
    name: str = ""
    fields: dict[str, Annotated[FieldBinding, BeforeValidator(_text_means_quantity)]]
    ignore: Annotated[frozenset[str], BeforeValidator(_flat)] = Field(
        frozenset(), description="Metadata: never a measurement. May contain lists, so that YAML files can share them"
    )
    records: RecordList | None = None
    decode: Literal["auto", "raw"] = Field(
        "auto",
        description="auto: the publisher's decoded payload, the bytes where there is none; raw: always the bytes",
    )
    frames: tuple[Frame, ...] = Field((), description="Byte layout of its frames: bytes to the fields above")
    cayenne: Cayenne | None = Field(None, description="Its frames are Cayenne LPP; fields are called temperature, ...")
    sparkplug_bits: Literal["high_first", "low_first"] = Field(
        "high_first",
        description="The first of a Sparkplug array of booleans: in the highest bit of a byte, or the lowest",
    )
    map: JsonMap | None = Field(None, description="Where values stand in a vendor's JSON that no decoder knows")

    @model_validator(mode="after")
    def _bytes_have_one_meaning(self) -> Self:
        if self.frames and self.cayenne is not None:
            raise ValueError(
                Bilingual(
                    "frames と cayenne は、どちらか一方だけを書いてください",
                    "`frames` and `cayenne` exclude each other: the bytes are the one or the other",
                )
            )
        if self.decode == "raw" and not self.reads_bytes:
            raise ValueError(
                Bilingual(
                    "decode: raw には、バイト列の意味を書いた frames か cayenne が要ります",
                    "`decode: raw` needs `frames` or `cayenne`, which say what the bytes mean",
                )
            )
        return self

    @cached_property
    def doubting(self) -> Doubts:
        """All `doubt_if` of this profile."""
        return doubts_of(self.fields)

    @property
    def reads_bytes(self) -> bool:
        """Whether the profile can read the bytes of a frame."""
        return bool(self.frames) or self.cayenne is not None

    def own_quantities(self) -> dict[str, FieldBinding]:
        """Field -> binding, for fields whose quantity is not in the catalogue."""
        return {field: binding for field, binding in self.fields.items() if binding.quantity not in BY_CODE}
