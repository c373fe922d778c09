"""The settings of the watch: one section of `model.Settings`."""

from pydantic import BaseModel, ConfigDict, Field


class WatchSettings(BaseModel):
    """Stages, quality, silence and transmitting time are watched in a process of their own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = Field(
        True, description="Whether this installation watches; if not, nobody is told of anything and nothing is noted"
    )
    live_least_min: float = Field(
        15.0, gt=0, description="People are called for measurements younger than so many minutes, or than three"
        " intervals of their device if that is longer",
    )  # fmt: skip
    memory_mib: int = Field(
        512, ge=128, le=65_536, description="With more memory the process of the watch is ended and started anew"
    )
    notes_mib: int = Field(
        256, ge=1, le=65_536,
        description="More than this waiting to be looked at is folded: later it is read again from the database",
    )  # fmt: skip
