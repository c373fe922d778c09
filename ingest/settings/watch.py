"""The settings of the watch: one section of `model.Settings`."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from schemas.bilingual import Bilingual


def _contact(text: str) -> str:
    if text and not text.startswith(("mailto:", "https://")):
        raise ValueError(
            Bilingual(
                "mailto:noroshi@city.example.jp か https:// で始まる住所を書いてください",
                "write mailto:noroshi@city.example.jp or an address that begins with https://",
            )
        )
    return text


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
    push_key_file: Path | None = Field(
        None,
        description="The key by which push services know this installation, on a disk that lasts; made when there is"
        " none. Not set: phones are not called",
    )
    push_contact: Annotated[str, AfterValidator(_contact)] = Field(
        "", description="Whom push services may ask, as mailto:noroshi@city.example.jp; not set: mail.sender or web.url"
    )
