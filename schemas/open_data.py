"""What may stand in open data (オープンデータ), and under which licence: a data file, for an office decides it."""

from functools import cache
from importlib.resources import files
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field

Decimals = Annotated[int, Field(ge=0, le=6)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Licence(_Part):
    """The terms under which the data is given away."""

    name: str = Field(min_length=1)
    url: str


class OpenData(_Part):
    """The data file. `open` and `weather`: decimals by the code of a quantity; what is in neither is not published.

    `weather`: needs a verified instrument and a notification of the Meteorological Agency. `summed`: amounts of an
    interval, which are added up. `exact_positions`: uses (分野) whose stations stand where they say; the positions of
    others are rounded to `coarse_decimals` of a degree.
    """

    licence: Licence
    exact_positions: tuple[str, ...]
    coarse_decimals: int = Field(ge=0, le=5)
    open: dict[str, Decimals]
    weather: dict[str, Decimals]
    summed: tuple[str, ...]


@cache
def open_data() -> OpenData:
    """The data file, read once. Raises pydantic.ValidationError for one that does not fit."""
    return OpenData.model_validate(yaml.safe_load(files("schemas").joinpath("open_data.yaml").read_bytes()))
