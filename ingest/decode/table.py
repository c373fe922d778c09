"""The table of decoders by name. The settings list the same names (`ingest.settings.routes.DECODER_NAMES`)."""

from collections.abc import Mapping
from typing import Protocol

from ingest.decode import native
from ingest.decode.chirpstack import message as chirpstack_message
from ingest.decode.common import frame_identity as frame
from ingest.decode.common.limits import Limits
from ingest.decode.frame import raw
from ingest.decode.mapped import mapped
from ingest.decode.senml import senml
from ingest.decode.sparkplug import sparkplug
from ingest.decode.things_stack import things_stack
from schemas.json_map import MAPPED
from schemas.profile import Profile
from schemas.uplink import Uplink


class Decoder(Protocol):
    """Bytes to Uplink.

    `event`: what the topic says the message is (`up`, `join`, ...), empty where topics do not say.
    `profile`: what the fields or bytes of this device mean, if the registry has a profile for it.
    Raises Undecodable, and nothing else, whatever the bytes are.
    """

    def __call__(self, payload: bytes, event: str, profile: Profile | None, limits: Limits, /) -> Uplink:
        """One message as an uplink."""


DECODERS: Mapping[str, Decoder] = {
    "native": native.decode,
    "chirpstack": chirpstack_message.decode,
    "things_stack": things_stack.decode,
    "senml": senml.decode,
    "sparkplug": sparkplug.decode,
    "raw": raw.decode,
    "mapped": mapped.decode,
}

_FRAMED = frozenset({"chirpstack", "things_stack"})


def with_maps(maps: Mapping[str, Profile], decoders: Mapping[str, Decoder] = DECODERS) -> dict[str, Decoder]:
    """The table with a decoder `mapped:CODE` for each map."""
    return {**decoders, **{MAPPED + code: mapped.decoder(profile) for code, profile in maps.items()}}


def framed(maps: Mapping[str, Profile]) -> frozenset[str]:
    """The decoders whose messages are LoRaWAN frames with their counter."""
    return _FRAMED.union(MAPPED + code for code, profile in maps.items() if frame.counts_frames(profile.map))
