"""The dearest messages that anybody has thought of, each of at most 256 KiB, for every decoder."""

from collections.abc import Mapping
from functools import cache

from tests.fuzz.attacks.frames import of_bytes
from tests.fuzz.attacks.maps import of_maps
from tests.fuzz.attacks.metrics import of_sparkplug
from tests.fuzz.attacks.packs import of_senml
from tests.fuzz.attacks.protobuf import of_protobuf
from tests.fuzz.attacks.servers import of_servers
from tests.fuzz.attacks.texts import of_json, of_native
from tests.fuzz.attacks.tools import LARGEST, Attack, chirpstack

NATIVE, SENML = "noroshi/v1/farm/plain/up", "senml/farm/plain"


@cache
def attacks() -> Mapping[str, Attack]:
    """Every attack by what it is."""
    found: dict[str, Attack] = {}
    for what, data in of_json().items():
        for topic in (NATIVE, SENML, chirpstack("plain"), "any/nested/e"):
            found[f"{what} ({topic.split('/')[0]})"] = Attack(topic, data)
    found |= {what: Attack(NATIVE, data) for what, data in of_native().items()}
    found |= {what: Attack(SENML, data) for what, data in of_senml().items()}
    found |= of_sparkplug()
    for group in (of_servers(), of_protobuf(), of_maps(), of_bytes()):
        found |= {what: Attack(*one) for what, one in group.items()}
    for what, one in found.items():
        assert len(one.payload) <= LARGEST, what
    return found
