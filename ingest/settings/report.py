"""The settings of reports: one section of `model.Settings`."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class ReportSettings(BaseModel):
    """Reports that are handed in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key_file: Path = Field(
        Path("noroshi-report-key.pem"),
        description="The private key that signs frozen reports, on a disk that lasts; made when the first one is"
        " frozen. Keep a copy of it",
    )
