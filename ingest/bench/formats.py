"""Measures what decoding one message of each format costs, beside a yardstick that makes machines comparable.

A new format adds one line to SAMPLES.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

import orjson

from ingest.decode.common.limits import Limits
from ingest.decode.mapped import mapped
from ingest.decode.sparkplug import sparkplug
from ingest.decode.sparkplug.births import Births
from ingest.decode.table import DECODERS
from ingest.simulator.inventory import OUR_CODES
from schemas.profile import Profile
from schemas.profiles import shipped_maps, shipped_profiles

RUNS = 60
RUN_S = 0.02
"""Seconds of one run. Of many runs the best counts: slower ones were slowed by other programs."""

_LIMITS = Limits()

NATIVE = (
    b'{"ts": "2026-11-24T09:00:00.000+09:00", "seq": 123, "readings": {"air_temperature": 18.4, "air_humidity": 61.5,'
    b' "soil_moisture": 31.2, "battery_voltage": 3.61}, "link": {"rssi": -98, "snr": 6.5}}'
)

CHIRPSTACK = (
    b'{"deduplicationId":"7f1c2a54-0d6e-4b7c-9a53-2f6f4f1d9e10","time":"2026-06-14T21:05:12.348112Z","deviceInfo":'
    b'{"tenantName":"Town","applicationName":"paddy-level","deviceProfileName":"EM500-SWL","deviceName":"paddy-17",'
    b'"devEui":"24e124713c491234","deviceClassEnabled":"CLASS_A","tags":{"field":"N3"}},"devAddr":"0182ab7c",'
    b'"adr":true,"dr":3,"fCnt":1042,"fPort":85,"confirmed":false,"data":"AXVcA3cCAA==","object":'
    b'{"battery_level":92.0,"paddy_water_level":2.0},"rxInfo":[{"gatewayId":"a84041ffff1f8020","uplinkId":2743190011,'
    b'"gwTime":"2026-06-14T21:05:12.348112Z","nsTime":"2026-06-14T21:05:12.391Z","rssi":-109,"snr":-4.5,"channel":2,'
    b'"location":{"latitude":38.2682,"longitude":140.8694,"altitude":41.0},"crcStatus":"CRC_OK"},'
    b'{"gatewayId":"a84041ffff1f8033","uplinkId":99,"rssi":-117,"crcStatus":"CRC_OK"}],"txInfo":'
    b'{"frequency":922200000,"modulation":{"lora":{"bandwidth":125000,"spreadingFactor":9,"codeRate":"CR_4_5"}}},'
    b'"regionConfigId":"as923"}'
)

CHIRPSTACK_PROTOBUF = bytes.fromhex(
    "120c0888afbcd106108089ffa5012208303138326162376330033892084055520701755c037702005a3c0a1a0a0d626174746572795f6c65"
    "76656c12091100000000000057400a1e0a1170616464795f77617465725f6c6576656c1209110000000000000040623f0a10613834303431"
    "666666663166383032301a0c0888afbcd106108089ffa5013093ffffffffffffffff013d000090c08a010c0888afbcd10610c0dfb8ba0162"
    "1d0a1061383430343166666666316638303333308bffffffffffffffff016a1208c0cfdeb703120a1a0808c8d00710092801"
)
THINGS_STACK = (
    b'{"end_device_ids":{"device_id":"soil-07","application_ids":{"application_id":"farm"}},"received_at":'
    b'"2026-06-14T21:05:12.391Z","uplink_message":{"f_port":85,"f_cnt":1042,"frm_payload":"AXVcA3cCAA==",'
    b'"decoded_payload":{"battery_level":92.0,"paddy_water_level":2.0},"rx_metadata":[{"gateway_ids":'
    b'{"gateway_id":"hill","eui":"A84041FFFF1F8020"},"rssi":-109,"snr":-4.5}],"settings":{"data_rate":{"lora":'
    b'{"bandwidth":125000,"spreading_factor":9,"coding_rate":"4/5"}},"frequency":"922200000"},'
    b'"received_at":"2026-06-14T21:05:12.348Z","consumed_airtime":"0.205824s"}}'
)
TASMOTA = (
    b'{"Time":"2026-06-15T06:05:00","BME280":{"Temperature":18.2,"Humidity":71.4,"DewPoint":12.9,"Pressure":1008.6},'
    b'"PressureUnit":"hPa","TempUnit":"C"}'
)

SENML = (
    b'[{"bn":"urn:dev:mac:24e124fffe3c4912:","bt":1781471100,"bu":"Cel","n":"air_temperature","v":18.5},'
    b'{"n":"soil_temperature","v":18.25},{"n":"soil_moisture","u":"/","v":0.312},'
    b'{"n":"air_humidity","u":"%RH","v":61.5},{"n":"battery_voltage","u":"V","v":3.61}]'
)
SENML_CBOR = bytes.fromhex(
    "85a521781d75726e3a6465763a6d61633a323465313234666666653363343931323a221a6a2f177c236343656c006f6169725f74656d"
    "706572617475726502fb4032800000000000a20070736f696c5f74656d706572617475726502fb4032400000000000a3006d736f696c"
    "5f6d6f69737475726501612f02fb3fd3f7ced916872ba3006c6169725f68756d6964697479016325524802fb404ec00000000000a300"
    "6f626174746572795f766f6c7461676501615602fb400ce147ae147ae1"
)

_CAYENNE = bytes.fromhex("03670110056700ff0268a3037327660402ff40")
_LAYOUT = bytes.fromhex("017564046871")

_NBIRTH = bytes.fromhex("08e0f8cebfec33120b0a056264536571200458071800")
_DBIRTH = bytes.fromhex(
    "08f4f8cebfec33121a0a0f6169722f74656d7065726174757265100a2009650000803f12170a0c6169722f68756d6964697479100b20"
    "09650000803f121b0a10736f696c2f74656d7065726174757265100c2009650000803f12180a0d736f696c2f6d6f697374757265100d"
    "2009650000803f121a0a0f626174746572792f766f6c74616765100e2009650000803f1801"
)
SPARKPLUG = bytes.fromhex(
    "08c0cdd2bfec33120e100a18c0cdd2bfec336500009441120e100b18c0cdd2bfec336500007642120e100c18c0cdd2bfec3365000082"
    "41120e100d18c0cdd2bfec33650000fa41120e100e18c0cdd2bfec3365000068401802"
)


class Sample(NamedTuple):
    """One message as a decoder gets it."""

    what: str
    payload: bytes
    decode: Callable[[], object]


class Cost(NamedTuple):
    """Microseconds of one message; `yardstick_us`: what parsing the native sample as JSON takes here, now."""

    format: str
    what: str
    payload_bytes: int
    us: float
    yardstick_us: float


def sample(decoder: str, what: str, payload: bytes, event: str = "up", profile: Profile | None = None) -> Sample:
    """A message of a format whose decoder needs nothing but its bytes."""
    decode = DECODERS[decoder]
    return Sample(what, payload, lambda: decode(payload, event, profile, _LIMITS))


def _map(code: str, what: str, payload: bytes, event: str) -> Sample:
    decode = mapped.decoder(shipped_maps()[code])
    return Sample(what, payload, lambda: decode(payload, event, None, _LIMITS))


_NODE = Profile(
    code="node",
    fields={code.replace("_", "/", 1): binding for code, binding in OUR_CODES.fields.items()},
)
"""Binds the codes as a Sparkplug node writes them: `air/temperature`."""


def _sparkplug(what: str) -> Sample:
    """A message of five metrics by alias, from a device whose birth is known."""
    births = Births()
    for event, sender, message in (("NBIRTH", "g/edge", _NBIRTH), ("DBIRTH", "g/edge/dev", _DBIRTH)):
        told = sparkplug.certificate(message, event, sender, 1, 1, _LIMITS)
        assert told is not None  # they are births
        births.add(told)
    look_up = partial(births.view, "g/edge/dev", received_us=2, again=False)
    return Sample(what, SPARKPLUG, lambda: sparkplug.decode(SPARKPLUG, "DDATA", _NODE, _LIMITS, look_up))


SAMPLES: Mapping[str, Sample] = {
    "native": sample("native", "4 readings and a link record", NATIVE),
    "chirpstack": sample("chirpstack", "JSON, 2 readings, 2 gateways", CHIRPSTACK, profile=OUR_CODES),
    "chirpstack-protobuf": sample("chirpstack", "the same in protobuf", CHIRPSTACK_PROTOBUF, profile=OUR_CODES),
    "things-stack": sample("things_stack", "2 readings, 1 gateway", THINGS_STACK, profile=OUR_CODES),
    "senml": sample("senml", "JSON, 5 records", SENML),
    "senml-cbor": sample("senml", "CBOR, 5 records", SENML_CBOR),
    "cayenne": sample("raw", "4 values", _CAYENNE, "1", shipped_profiles()["cayenne-lpp"]),
    "layout": sample("raw", "2 fields of a TLV", _LAYOUT, "85", shipped_profiles()["milesight-em500-smt"]),
    "mapped": _map("tasmota", "a map, 1 sensor", TASMOTA, "SENSOR"),
    "sparkplug": _sparkplug("DDATA, 5 metrics by alias"),
}


def measure(names: list[str]) -> Iterator[Cost]:
    """The cost of each of these formats. A decoder that fails here raises: a sample is a good message."""
    yardstick_us = best_us(lambda: orjson.loads(NATIVE))
    for name in names:
        what, payload, decode = SAMPLES[name]
        yield Cost(name, what, len(payload), round(best_us(decode), 2), round(yardstick_us, 2))


def best_us(work: Callable[[], object]) -> float:
    """Microseconds of one call in the best of many short runs."""
    calls = 1
    while _run_s(work, calls) < RUN_S:
        calls *= 2
    return min(_run_s(work, calls) for _ in range(RUNS)) / calls * 1e6


def _run_s(work: Callable[[], object], calls: int) -> float:
    started = time.thread_time()
    for _ in range(calls):
        work()
    return time.thread_time() - started
