"""The setting `routes`: which decoder reads which topics."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from schemas.bilingual import Bilingual
from schemas.json_map import MAPPED
from schemas.profiles import shipped_maps
from schemas.project import CODE_PATTERN

DECODER_NAMES = (
    "native", "chirpstack", "chirpstack_gateway", "things_stack", "senml", "sparkplug", "raw", "mapped",
)  # fmt: skip
"""Those of `ingest.decode.table`, and gateways that speak for themselves: tests/decode/test_routes.py compares them."""

SPARKPLUG_STATE = "spBv1.0/STATE/"
"""Prefix of the topic on which a primary host says whether it is online; its name follows."""

_OF_DOWNLINKS = ("/event/ack", "/command/down")


def tells_of_downlinks(topic_filter: str) -> bool:
    """Whether only what gateways send themselves comes by this filter.

    A broker whose access list is older than these topics refuses them: no reading may wait for that.
    """
    return "gateway/+/" in topic_filter and topic_filter.endswith(_OF_DOWNLINKS)


def _decoder_name(name: str) -> str:
    if name in DECODER_NAMES or re.fullmatch(MAPPED + CODE_PATTERN.strip("^$"), name):
        return name
    raise ValueError(
        Bilingual(
            f"{'、'.join(DECODER_NAMES)} か、mapped: とマップのコード(例 mapped:tasmota)を書いてください",
            f"write {', '.join(DECODER_NAMES)}, or mapped: and the code of a map, e.g. mapped:tasmota",
        )
    )


class Route(BaseModel):
    """Which decoder reads which topics.

    Placeholders: {project} {device} {gateway} {application} {channel} {event}, of Sparkplug {group} {node}; + for
    anything else.

    On routes of the decoder chirpstack_gateway gateways speak for themselves; without {event} there, and with
    things_stack, the last level of the topic is the event. A route of the decoder chirpstack without {device} is for
    servers built into gateways that say everything on one topic: the device is the one named in the payload, so only
    the server may be allowed to write there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic: str = Field(min_length=1, description="Topic with placeholders, e.g. noroshi/v1/{project}/{device}/up")
    decoder: Annotated[str, AfterValidator(_decoder_name)] = Field(
        description="native, chirpstack, chirpstack_gateway, things_stack, senml, sparkplug, raw, mapped (by the"
        " device's profile) or mapped:CODE of a map"
    )
    project: str | None = Field(None, description="Only devices of this project may speak here")
    network: str | None = Field(
        None, description="For a map that finds the device in the message: only devices of this network are believed"
    )

    @model_validator(mode="after")
    def _somebody_vouches_for_the_device(self) -> Self:
        mapping = shipped_maps().get(self.decoder.removeprefix(MAPPED)) if self.decoder.startswith(MAPPED) else None
        if mapping is None or mapping.map is None or "{device}" in self.topic:
            return self
        if mapping.map.device is None:
            raise ValueError(
                Bilingual(
                    f"マップ {mapping.code} は機器をトピックから知ります。トピックに {{device}} を書いてください",
                    f"the map {mapping.code} knows its device from the topic: write {{device}} into it",
                )
            )
        if "{gateway}" not in self.topic and self.network is None:
            raise ValueError(
                Bilingual(
                    "ここでは機器をメッセージが名乗ります。トピックに {gateway} を書くか、横に network"
                    " を書いてください",
                    "the message names its device here: write {gateway} into the topic, or `network` beside it",
                )
            )
        return self

    @property
    def filter(self) -> str:
        """The MQTT topic filter to subscribe to."""
        return "/".join("+" if level.startswith("{") else level for level in self.topic.split("/"))


DEFAULT_ROUTES: tuple[Route, ...] = (
    Route(topic="noroshi/v1/{project}/{device}/up", decoder="native"),
    Route(topic="application/{application}/device/{device}/event/{event}", decoder="chirpstack"),
    Route(topic="gateway/{gateway}/event/stats", decoder="chirpstack_gateway"),
    Route(topic="gateway/{gateway}/state/conn", decoder="chirpstack_gateway"),
    Route(topic="+/gateway/{gateway}/event/stats", decoder="chirpstack_gateway"),
    Route(topic="+/gateway/{gateway}/state/conn", decoder="chirpstack_gateway"),
    # What gateways send themselves, for their transmitting time: the command says how long, the answer whether.
    Route(topic="gateway/{gateway}/event/ack", decoder="chirpstack_gateway"),
    Route(topic="gateway/{gateway}/command/down", decoder="chirpstack_gateway"),
    Route(topic="+/gateway/{gateway}/event/ack", decoder="chirpstack_gateway"),
    Route(topic="+/gateway/{gateway}/command/down", decoder="chirpstack_gateway"),
    Route(topic="v3/{application}/devices/{device}/{event}", decoder="things_stack"),
    Route(topic="v3/{application}/devices/{device}/down/{event}", decoder="things_stack"),
    Route(topic="v3/{application}/devices/{device}/location/solved", decoder="things_stack"),
    Route(topic="v3/{application}/devices/{device}/service/data", decoder="things_stack"),
    Route(topic="senml/{project}/{device}", decoder="senml"),
    *(
        Route(topic=f"spBv1.0/{{group}}/{event}/{{node}}", decoder="sparkplug")
        for event in ("NBIRTH", "NDEATH", "NDATA")
    ),
    *(
        Route(topic=f"spBv1.0/{{group}}/{event}/{{node}}/{{device}}", decoder="sparkplug")
        for event in ("DBIRTH", "DDEATH", "DDATA")
    ),
)
