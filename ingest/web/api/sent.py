"""What the body of a POST may say: every field is of the kind that the description names, none is read into another.

Left to itself, pydantic takes `false` for 0, "5" for 5, and 1764000000 for a time.
"""

import re
from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, FiniteFloat

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _take_number(value: object) -> object:
    """A number as it is; 5.0 is a whole number in JSON. Raises ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("Input should be a number")  # noqa: TRY004  pydantic turns only this one into a refusal
    return value


def _take_time(value: object) -> object:
    """A text that begins with a day. Raises ValueError for anything else."""
    if not isinstance(value, str) or not _DAY.match(value):
        raise ValueError("Input should be a time such as 2026-11-24T09:00:00+09:00")
    return value


def _take_day(value: object) -> object:
    """A text that is a day. Raises ValueError for anything else."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("Input should be a day such as 2026-11-24")
    return value


NUMBER = BeforeValidator(_take_number)
"""For a number with bounds that may be absent: Annotated[float, Field(ge=0), NUMBER] | None."""
Whole = Annotated[int, NUMBER]
Amount = Annotated[FiniteFloat, NUMBER]
Time = Annotated[AwareDatetime, BeforeValidator(_take_time)]
"""With its offset from UTC."""
DAY = BeforeValidator(_take_day)
"""For a day with bounds."""
Day = Annotated[date, DAY]


class Sent(BaseModel):
    """A body of JSON. Fields that are not known are refused."""

    model_config = ConfigDict(extra="forbid")
