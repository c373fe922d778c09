"""The settings of Sparkplug B: a section of `model.Settings`."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from schemas.bilingual import Bilingual


def _level(name: str) -> str:
    if not name or set(name) & set("+#%/$\0"):
        raise ValueError(
            Bilingual(
                "トピックの一段です。+ # % / $ のない名前を書いてください",
                "it is one level of a topic: write a name without + # % / $",
            )
        )
    return name


class SparkplugSettings(BaseModel):
    """How we behave towards Sparkplug B nodes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rebirth_requests: bool = Field(
        default=False,
        description="Ask a node that cannot be understood to announce itself again: a command to somebody's plant",
    )
    rebirth_interval_s: float = Field(
        60.0, ge=10, description="A node is asked no more than once in this time, in seconds"
    )
    max_devices: int = Field(
        1_000, ge=1, le=100_000, description="Devices behind one node whose births are kept; others are quarantined"
    )
    max_unregistered: int = Field(
        50, ge=0, le=10_000, description="Of one node: devices the registry lacks, whose births are kept all the same"
    )
    max_metrics: int = Field(
        50_000,
        ge=100,
        le=1_000_000,
        description="Metrics in the births kept of one node and its devices (a birth counts 4 more); others are"
        " quarantined",
    )
    max_metrics_in_all: int = Field(
        400_000,
        ge=1_000,
        le=10_000_000,
        description="The same of all nodes, 1 kB of memory each: what is old goes first, then nobody above an equal"
        " share",
    )
    host_id: Annotated[str, AfterValidator(_level)] | None = Field(
        None, description="Tell nodes that wait for this primary host whether we listen (STATE); not set: say nothing"
    )
