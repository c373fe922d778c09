"""Attacks in Sparkplug B."""

from typing import Any

from ingest.decode.sparkplug import wire as sparkplug_wire
from tests.decode.sparkplug import nbirth, payload
from tests.fuzz.attacks.tools import (
    Attack,
    grown,
)


def _with_properties(count: int) -> bytes:
    said = sparkplug_wire.PAYLOAD()
    metric = said.metrics.add(name=b"b", datatype=9, float_value=1.0)
    for _ in range(count):
        metric.properties.keys.append(b"a")
        metric.properties.values.add()
    return bytes(said.SerializeToString())


_WALL = {"name": "a", "datatype": 32}


def _bits(count: int) -> bytes:
    return count.to_bytes(4, "little") + bytes(-(-count // 8))


def of_sparkplug() -> dict[str, Attack]:
    topic, birth = "spBv1.0/g/NDATA/bits", "spBv1.0/g/NBIRTH/bits"
    unknown, bits = "spBv1.0/g/NDATA/plain", _bits(8 * 4090)

    def one(**said: Any) -> bytes:
        return payload({"datatype": 9, "float_value": 1.0} | said, at_ms=None)

    def metrics(**said: Any) -> bytes:
        return grown(payload(), lambda n: one(name=f"{n:x}", **said))

    def array(name: str, datatype: int, sent: bytes) -> bytes:
        return payload({"name": name, "datatype": datatype, "bytes_value": sent})

    many = range(1, 2900)
    aliased = grown(nbirth(), lambda n: one(name=f"air/temperature{n:x}", alias=n + 1), 2900)
    by_alias = payload(*({"alias": n, "float_value": 1.0} for n in many))
    stranger = payload(*({"alias": n + 9999, "float_value": 1.0} for n in many))
    return {
        "63 arrays of booleans": Attack(topic, payload(*({**_WALL, "bytes_value": bits} for _ in range(63)))),
        "an array of booleans": Attack(topic, array("a", 32, _bits(2_000_000))),
        "arrays of booleans of an unknown metric": Attack(unknown, array("x", 32, _bits(2_000_000))),
        "an array of 2,900 booleans": Attack(topic, array("a", 32, _bits(2900))),
        "an array of 2,900 texts": Attack(topic, array("a", 33, bytes(2900))),
        "2,900 arrays": Attack(topic, payload(*({**_WALL, "bytes_value": _bits(1)} for _ in range(2900)))),
        "an array of bytes": Attack(topic, array("a", 23, bytes(262_000))),
        "an array of floats": Attack(topic, array("a", 30, bytes(261_996))),
        "an array of texts": Attack(topic, array("a", 33, bytes(262_000))),
        "a long name of an array": Attack(topic, array("long" * 20_000, 32, _bits(8 * 20_000))),
        "many arrays": Attack(topic, payload(*({**_WALL, "bytes_value": _bits(40)} for _ in range(9000)))),
        "an array that claims to be long": Attack(topic, array("a", 32, b"\xff\xff\xff\xff" + bytes(1000))),
        "unknown metrics": Attack(unknown, metrics()),
        "2,900 unknown metrics": Attack(unknown, grown(payload(), lambda n: one(name=f"{n:x}"), 2900)),
        "2,900 null metrics": Attack(unknown, grown(payload(), lambda n: one(name=f"{n:x}", is_null=True), 2900)),
        "nothing but metrics": Attack(unknown, payload() + b"\x12\x00" * 131_000),
        "metrics without a value": Attack(unknown, payload() + b"\x12\x02\x10\x01" * 2900),
        "a birth": Attack(birth, metrics(alias=1)),
        "a birth of 2,900 metrics": Attack(birth, aliased),
        "data by aliases": Attack(unknown, by_alias, (("spBv1.0/g/NBIRTH/plain", aliased),)),
        "data of unknown aliases": Attack(unknown, stranger, (("spBv1.0/g/NBIRTH/plain", aliased),)),
        "bad quality": Attack(
            topic, payload(*({"name": "b", "datatype": 9, "float_value": 1.0, "quality": 0} for _ in many))
        ),
        "properties": Attack(topic, _with_properties(20_000)),
        "deaths": Attack("spBv1.0/g/NDEATH/plain", metrics()),
        "a name of a metric for ever": Attack(unknown, array("x" * 260_000, 9, b"")),
    }
