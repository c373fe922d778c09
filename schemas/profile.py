"""A profile: how the fields of a publisher's decoded payload map to quantities.

Decoders never guess a device type from bytes or field names: `humidity` of one product is soil
moisture, `battery` is volts here and percent there. The registry binds a device to a profile.
"""

import re
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from schemas.json_map import JsonMap
from schemas.layout import Cayenne, Frame
from schemas.own_quantity import QUANTITY_PATTERN
from schemas.project import Code
from schemas.quantity import BY_CODE
from schemas.unit import learn


def _text_means_quantity(value: object) -> object:
    return {"quantity": value} if isinstance(value, str) else value


def _flat(names: object) -> object:
    """Lists inside the list, as YAML aliases leave them, become part of it."""
    if not isinstance(names, list):
        return names
    return [inner for name in names for inner in (name if isinstance(name, list) else [name])]


class FieldBinding(BaseModel):
    """What one field means. `unit` is what the publisher delivers, unless the payload says otherwise itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    quantity: str
    unit: str | None = None
    channel: int = Field(0, ge=0, le=32767)
    scale: float = Field(1.0, description="Multiplied before the unit is converted, e.g. for tenths")
    sentinels: tuple[float | str, ...] = Field((), description="Values that mean 'no measurement'")
    states: dict[str, str] = Field({}, description="Publisher's word -> state of the catalogue")

    @model_validator(mode="after")
    def _quantity_and_unit_exist(self) -> Self:
        quantity = BY_CODE.get(self.quantity)
        if quantity is None:
            return self._of_a_project()
        if self.unit is not None and learn(self.unit, quantity.unit) is None:
            raise ValueError(f"{self.unit!r} cannot be converted to {quantity.unit!r}, the unit of {self.quantity}")
        unknown = set(self.states.values()) - set(quantity.states)
        if unknown:
            raise ValueError(f"{self.quantity} has no state {', '.join(sorted(unknown))}")
        return self

    def _of_a_project(self) -> Self:
        """Whether the quantity and a way to its unit exist is for the registry to say."""
        if not re.fullmatch(QUANTITY_PATTERN, self.quantity):
            raise ValueError(f"there is no quantity {self.quantity!r} in the catalogue")
        if self.states:
            raise ValueError(
                f"{self.quantity} is not in the catalogue: a quantity of your own has its words in `quantities:`"
            )
        return self


class RecordList(BaseModel):
    """A list of records inside the payload: `{"messages": [{"measurementId": 4097, "measurementValue": 21.4}]}`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str
    id_key: str
    value_key: str


class Profile(BaseModel):
    """The fields of one product (or one codec). Keys are exact field names, never split at dots."""

    model_config = ConfigDict(frozen=True, extra="forbid")

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
            raise ValueError("`frames` and `cayenne` exclude each other: the bytes are the one or the other")
        if self.decode == "raw" and not self.reads_bytes:
            raise ValueError("`decode: raw` needs `frames` or `cayenne`, which say what the bytes mean")
        return self

    @property
    def reads_bytes(self) -> bool:
        """Whether the profile says what the bytes of a frame mean."""
        return bool(self.frames) or self.cayenne is not None

    def own_quantities(self) -> dict[str, FieldBinding]:
        """Field -> binding, of the fields whose quantity is not of the catalogue."""
        return {field: binding for field, binding in self.fields.items() if binding.quantity not in BY_CODE}
