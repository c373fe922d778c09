"""Sparkplug B messages: the vectors of one edge node with one device, and a way to write others."""

from typing import Any

from ingest.decode.sparkplug import wire as sparkplug_wire

T0_MS = 1_781_471_100_000
NODE = "Hokuto/edge-1"
DEVICE = "Hokuto/edge-1/slope-3"

NDEATH = bytes.fromhex("12120a05626453657118e0f8cebfec3320045807")
NBIRTH = bytes.fromhex(
    "08e0f8cebfec3312120a05626453657118e0f8cebfec332004580712210a144e6f646520436f6e74726f6c2f5265626972746818e0f8cebfec33"
    "200b7000121c0a096c696e6b2f72737270100118e0f8cebfec332003509fffffff0f1800"
)
DBIRTH = bytes.fromhex(
    "08f4f8cebfec3312220a10736f696c2f74656d7065726174757265100a18f4f8cebfec3320096500009441121c0a0b74696c742f785f6d646567"
    "100b18f4f8cebfec3320025086fe0312180a09676174652f6f70656e100c18f4f8cebfec33200b700012200a0f7261696e2f746f74616c5f7469"
    "7073100d18f4f8cebfec3320085895ba02121a0a0b77617465722f6c6576656c100e18f4f8cebfec33200a38011801"
)
DDATA = bytes.fromhex(
    "08c0cdd2bfec33120e100a18ccc9d2bfec336500009641120d100b18ccc9d2bfec335083fe031214100e1890e3d0bfec332801696891ed7c3f35"
    "be3f121d100c18ccc9d2bfec334a100a075175616c6974791205080318f40370011802"
)
DDATA_32_BITS = bytes.fromhex("08c0cdd2bfec33120f100b18c0cdd2bfec335083feffff0f1803")
NCMD = bytes.fromhex("08a8d5d2bfec3312210a144e6f646520436f6e74726f6c2f5265626972746818a8d5d2bfec33200b7001")

FIELDS = {
    "soil/temperature": "soil_temperature",
    "tilt/x_mdeg": {"quantity": "slope_tilt_x", "unit": "mdeg"},
    "gate/open": "gate_state",
    "rain/total_tips": {"quantity": "rain_total", "unit": "mm", "scale": 0.5},
    "water/level": {"quantity": "paddy_water_level", "unit": "m"},
}


def payload(*metrics: dict[str, Any], at_ms: int | None = T0_MS, seq: int | None = None) -> bytes:
    """A payload of metrics given by the fields of the protobuf message; `quality` and `unit` become properties."""
    said = sparkplug_wire.PAYLOAD()
    if at_ms is not None:
        said.timestamp = at_ms
    if seq is not None:
        said.seq = seq
    for one in metrics:
        _add(said.metrics.add(), dict(one))
    made: bytes = said.SerializeToString()
    return made


def _add(metric: Any, one: dict[str, Any]) -> None:
    for key, field, value in (
        ("Quality", "int_value", one.pop("quality", None)),
        ("engUnit", "string_value", one.pop("unit", None)),
    ):
        if value is not None:
            metric.properties.keys.append(key.encode())
            setattr(metric.properties.values.add(), field, value.encode() if isinstance(value, str) else value)
    for field, value in one.items():
        setattr(metric, field, value.encode() if isinstance(value, str) else value)


def nbirth(*metrics: dict[str, Any], bd_seq: int = 0, at_ms: int = T0_MS) -> bytes:
    return payload({"name": "bdSeq", "datatype": 4, "long_value": bd_seq}, *metrics, at_ms=at_ms, seq=0)
