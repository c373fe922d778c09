"""The same hour of rain in every format that can say several times, by a clock that is nine hours ahead or unset."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime

import orjson
import pytest

from ingest.decode.chirpstack import json as chirpstack
from ingest.decode.common.limits import Limits
from ingest.decode.frame import raw
from ingest.decode.mapped import mapped
from ingest.decode.senml import senml
from ingest.decode.sparkplug import sparkplug
from ingest.decode.things_stack import things_stack
from ingest.validate.values import ClockPolicy, validate
from schemas.profile import Profile
from schemas.reading import Quality
from schemas.uplink import Relative, Uplink
from tests.decode.sparkplug import payload

NOW_US = 1_795_478_400_000_000
NOW_S = NOW_US // 1_000_000
STEP_S = 600
AHEAD_S, UNSET_S = NOW_S + 9 * 3600, 86_400 + 5 * STEP_S
FLAGS = {AHEAD_S: Quality.CLOCK_AHEAD, UNSET_S: Quality.CLOCK_UNSET}
LIMITS = Limits()

MAP = Profile.model_validate({
    "code": "logger",
    "fields": {"rain": "rain_amount"},
    "map": {"time": {"path": "at", "format": "epoch_s"},
            "rows": [{"each": "samples[*]", "time": {"path": "ts", "format": "epoch_s"}}]},
    "ignore": ["ts"],
})  # fmt: skip
PARALLEL = Profile.model_validate({
    "code": "logger",
    "fields": {"rain": "rain_amount"},
    "map": {"rows": [{"each": "$", "parallel": True, "time": {"path": "ts", "format": "epoch_s"}}]},
})  # fmt: skip
BOUND = Profile.model_validate({"code": "gauge", "fields": {"rain_amount": "rain_amount"}})
FRAME = Profile.model_validate({
    "code": "gauge",
    "fields": {"rain": "rain_amount"},
    "frames": [{"fields": [
        {"repeat": "rest", "every_s": STEP_S, "fields": [{"name": "rain", "type": "u8", "scale": 0.1}]}
    ]}],
})  # fmt: skip
SAMPLES = bytes([5] * 6)


def times(newest_s: int) -> list[int]:
    return [newest_s - STEP_S * n for n in range(5, -1, -1)]


def of_senml(newest_s: int) -> Uplink:
    pack = [{"n": "rain_amount", "u": "mm", "t": at, "v": 0.5} for at in times(newest_s)]
    return senml.decode(orjson.dumps(pack), "", None, LIMITS)


def of_sparkplug(newest_s: int) -> Uplink:
    metrics = [
        {"name": "rain_amount", "datatype": 10, "double_value": 0.5, "timestamp": at * 1000, "is_historical": True}
        for at in times(newest_s)
    ]
    return sparkplug.decode(payload(*metrics, at_ms=newest_s * 1000), "DDATA", BOUND, LIMITS)


def of_a_map(newest_s: int) -> Uplink:
    rows = [{"ts": at, "rain": 0.5} for at in times(newest_s)]
    return mapped.decode(orjson.dumps({"at": newest_s, "samples": rows}), "", MAP, LIMITS)


def of_parallel_columns(newest_s: int) -> Uplink:
    return mapped.decode(orjson.dumps({"ts": times(newest_s), "rain": [0.5] * 6}), "", PARALLEL, LIMITS)


def of_the_things_stack(newest_s: int) -> Uplink:
    elements = [{"time": at, "rain": {"intensity": 0.5}} for at in map(written, times(newest_s))]
    message = {"uplink_message": {"normalized_payload": elements, "received_at": written(NOW_S)}}
    return things_stack.decode(orjson.dumps(message), "up", None, LIMITS)


def of_samples_in_a_frame(newest_s: int) -> Uplink:
    frame = {"time": written(newest_s), "fPort": 2, "data": base64.b64encode(SAMPLES).decode(), "rxInfo": []}
    return chirpstack.decode(orjson.dumps(frame), "up", FRAME, LIMITS)


def written(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat()


@pytest.mark.parametrize("newest_s", [AHEAD_S, UNSET_S])
@pytest.mark.parametrize(
    "decode",
    [of_senml, of_sparkplug,  of_a_map, of_parallel_columns,
     of_the_things_stack, of_samples_in_a_frame],
)  # fmt: skip
def test_the_newest_stands_at_the_receipt_and_the_others_before_it(
    decode: Callable[[int], Uplink], newest_s: int
) -> None:
    uplink = decode(newest_s)
    uplink = uplink.received(NOW_US) if isinstance(uplink, Relative) else uplink
    valid = validate(uplink, 5, NOW_US, ClockPolicy())
    assert not valid.refused
    stored = sorted((row[0], row[1], row[5]) for row in valid.readings)
    newest_us = stored[-1][0]
    assert NOW_US - 1_000_000 <= newest_us <= NOW_US
    assert [at - newest_us for at, _, _ in stored] == [-STEP_S * 1_000_000 * n for n in range(5, -1, -1)]
    assert {flag for _, _, flag in stored} <= {FLAGS[newest_s], Quality.CLOCK_AHEAD}
    assert sum(value for _, value, _ in stored) == 3.0


def test_samples_of_a_frame_that_comes_by_itself_count_from_its_receipt() -> None:
    uplink = raw.decode(SAMPLES, "2", FRAME, LIMITS)
    assert isinstance(uplink, Relative)
    valid = validate(uplink.received(NOW_US), 5, NOW_US, ClockPolicy())
    assert sorted(row[0] - NOW_US for row in valid.readings) == [-STEP_S * 1_000_000 * n for n in range(5, -1, -1)]
    assert not valid.refused
