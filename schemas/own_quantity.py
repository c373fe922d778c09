"""A project's own quantities and ranges, which extend the catalogue and narrow its ranges."""

from collections.abc import Mapping
from math import inf
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, model_validator

from schemas.bilingual import Bilingual
from schemas.project import Code
from schemas.quantity import BY_CODE, Kind, Quantity
from schemas.unit import is_unit

FIRST_OWN_ID = 10_000
"""Lower ids belong to the catalogue. The database assigns ids from here on, each only once."""

_WRITTEN_JA = {"1": "", "Cel": "℃", "deg": "°", "[pH]": "", "[ppm]": "ppm"}

QUANTITY_PATTERN = r"^[a-z][a-z0-9_]{0,62}$"
OwnCode = Annotated[str, Field(pattern=QUANTITY_PATTERN, description="snake_case, e.g. well_level")]
StateName = Annotated[str, Field(min_length=1), AfterValidator(lambda name: name.strip().lower())]
StateNumber = Annotated[int, Field(ge=0, le=32767)]


class OwnQuantity(BaseModel):
    """A quantity that only one project measures. Outside *reject* a value is quarantined, outside *flag* marked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    project: Code
    code: OwnCode
    label_ja: str = Field(min_length=1, description="測定項目名")
    label_en: str = ""
    unit: str = Field("1", description="UCUM, e.g. m, Cel, %, mg/L")
    unit_ja: str | None = Field(None, description="As it is written beside a number; the unit itself if absent")
    kind: Kind = Kind.GAUGE
    reject_low: FiniteFloat | None = None
    reject_high: FiniteFloat | None = None
    flag_low: FiniteFloat | None = Field(None, description="reject_low if absent")
    flag_high: FiniteFloat | None = Field(None, description="reject_high if absent")
    greatest_per_hour: FiniteFloat | None = Field(
        None, gt=0, description="Of a counter: what grows faster is wrong, and is added to no sum"
    )
    states: dict[StateName, StateNumber] = Field({}, description="Word -> number; several words may mean one number")

    @model_validator(mode="before")
    @classmethod
    def _complete_fields(cls, given_fields: Any) -> Any:
        """Complete the fields: ranges of a state follow from its numbers, other missing fields from present ones."""
        if not isinstance(given_fields, dict):
            return given_fields
        numbers = [number for number in (given_fields.get("states") or {}).values() if isinstance(number, int)]
        of_states = {"reject_low": 0, "reject_high": max(numbers), "kind": Kind.STATE} if numbers else {}
        complete = of_states | {name: value for name, value in given_fields.items() if value is not None}
        for flag, reject in (("flag_low", "reject_low"), ("flag_high", "reject_high")):
            if reject in complete:
                complete.setdefault(flag, complete[reject])
        complete.setdefault("label_en", complete.get("code", ""))
        unit = str(complete.get("unit", "1"))
        complete.setdefault("unit_ja", _WRITTEN_JA.get(unit, unit))
        return complete

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.code in BY_CODE:
            raise ValueError(
                Bilingual(
                    f"{self.code} は標準の測定項目です。範囲だけを狭めるときは ranges: に書いてください",
                    f"{self.code} is a quantity of the catalogue; to narrow its range alone, write it under ranges:",
                )
            )
        if not is_unit(self.unit):
            raise ValueError(
                Bilingual(
                    f"単位「{self.unit}」は UCUM にありません。"
                    "m、cm、Cel、%、mg/L、m3/s など、無ければ 1 と書いてください",
                    f"the unit {self.unit!r} is not in UCUM: write m, cm, Cel, %, mg/L, m3/s or, for none, 1",
                )
            )
        if self.reject_low is None or self.reject_high is None:
            raise ValueError(
                Bilingual(
                    "隔離下限(reject_low)と隔離上限(reject_high)が要ります。その外は機器の故障として隔離されます",
                    "reject_low and reject_high are needed: what is beyond them is set aside as a fault of the device",
                )
            )
        if (self.kind is Kind.STATE) != bool(self.states):
            raise ValueError(
                Bilingual(
                    "状態(states)を書くときの種類は state です。state には状態の一覧が要ります",
                    "states go with the kind state, which needs them",
                )
            )
        _check_ranges(self.as_quantity(FIRST_OWN_ID))
        _check_greatest(self.kind, self.greatest_per_hour)
        return self

    def as_quantity(self, id_: int) -> Quantity:
        """The quantity as readings are checked against it."""
        low, high = self.reject_low, self.reject_high
        assert low is not None  # the validator above
        assert high is not None
        flag_low = low if self.flag_low is None else self.flag_low
        flag_high = high if self.flag_high is None else self.flag_high
        return Quantity(
            id_, self.code, self.unit, self.kind, low, high, flag_low, flag_high,
            self.label_ja, self.label_en, self.unit_ja or "", dict(self.states), None, self.greatest_per_hour,
        )  # fmt: skip


class OwnRange(BaseModel):
    """Narrower ranges of a quantity of the catalogue, for one project. What is left out stays the catalogue's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    project: Code
    quantity: str
    reject_low: FiniteFloat | None = None
    reject_high: FiniteFloat | None = None
    flag_low: FiniteFloat | None = None
    flag_high: FiniteFloat | None = None
    greatest_per_hour: FiniteFloat | None = Field(
        None, gt=0, description="Of a counter: what grows faster here is wrong, and is added to no sum"
    )

    @model_validator(mode="after")
    def _is_narrower(self) -> Self:
        known = BY_CODE.get(self.quantity)
        if known is None:
            raise ValueError(
                Bilingual(
                    f"「{self.quantity}」は標準の測定項目にありません。noroshi quantities で一覧を見られます",
                    f"{self.quantity!r} is not in the catalogue; `noroshi quantities` lists it",
                )
            )
        if known.states:
            raise ValueError(
                Bilingual(
                    f"{self.quantity} は状態なので範囲がありません",
                    f"{self.quantity} has states, and so no range",
                )
            )
        for bound in (self.reject_low, self.reject_high, self.flag_low, self.flag_high):
            if bound is not None and not known.reject_low <= bound <= known.reject_high:
                raise ValueError(
                    Bilingual(
                        f"{bound:g} は標準の範囲 {known.reject_low:g}..{known.reject_high:g} {known.unit} の外です。"
                        "範囲は狭めることだけができます",
                        f"{bound:g} is beyond the range {known.reject_low:g}..{known.reject_high:g} {known.unit} of the"
                        " catalogue, which can only be narrowed",
                    )
                )
        _check_ranges(self.of(known))
        _check_greatest(known.kind, self.greatest_per_hour)
        return self

    def of(self, known: Quantity) -> Quantity:
        """The quantity of the catalogue with these ranges. The flag range never exceeds the reject range."""
        reject_low = known.reject_low if self.reject_low is None else self.reject_low
        reject_high = known.reject_high if self.reject_high is None else self.reject_high
        flag_low = known.flag_low if self.flag_low is None else self.flag_low
        flag_high = known.flag_high if self.flag_high is None else self.flag_high
        return known._replace(
            reject_low=reject_low,
            reject_high=reject_high,
            flag_low=max(flag_low, reject_low),
            flag_high=min(flag_high, reject_high),
            greatest_per_hour=known.greatest_per_hour if self.greatest_per_hour is None else self.greatest_per_hour,
        )


def _check_ranges(quantity: Quantity) -> None:
    if not -inf < quantity.reject_low <= quantity.flag_low <= quantity.flag_high <= quantity.reject_high < inf:
        raise ValueError(
            Bilingual(
                f"範囲の大小が合いません(隔離 {quantity.reject_low:g}..{quantity.reject_high:g}、"
                f"注意 {quantity.flag_low:g}..{quantity.flag_high:g})。注意の範囲は隔離の範囲の内側に書いてください",
                f"the ranges do not fit (reject {quantity.reject_low:g}..{quantity.reject_high:g},"
                f" flag {quantity.flag_low:g}..{quantity.flag_high:g}): write flag within reject",
            )
        )


def _check_greatest(kind: Kind, greatest_per_hour: float | None) -> None:
    if greatest_per_hour is not None and kind is not Kind.COUNTER:
        raise ValueError(
            Bilingual(
                "1時間の最大増加(greatest_per_hour)は積算値(counter)にだけ書けます",
                "greatest_per_hour goes with the kind counter only",
            )
        )


def catalogue_of(own: Mapping[str, Quantity], ranges: Mapping[str, Quantity]) -> Mapping[str, Quantity]:
    """The catalogue of one project. It is the shared object if the project has nothing of its own."""
    return {**BY_CODE, **ranges, **own} if own or ranges else BY_CODE
