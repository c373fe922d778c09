"""The normalized payload of The Things Stack: one vocabulary for every vendor, with units fixed by it."""

from collections.abc import Mapping
from typing import TypeAlias

from ingest.decode.chirpstack import lorawan
from ingest.decode.common import fields, shape
from ingest.decode.common.limits import check_parts
from ingest.decode.common.times import rfc3339_us
from ingest.errors import Undecodable
from schemas.profile import FieldBinding
from schemas.reading import Quality
from schemas.rejection import RejectionReason
from schemas.uplink import Doubted, Measured, Refused

Vocabulary: TypeAlias = "Mapping[str, FieldBinding | Vocabulary | None]"
"""What a key means: a quantity, a group of further keys, or nothing that is measured (None)."""

_MOST_VOLTS = 20
_MOST_VOLTS_OF_A_CELL = 4.3
_DEEPEST_CM = 32_767
_PERCENT = "more than 20 V: probably percent; bind the device to a profile"


def _is(quantity: str, unit: str | None = None) -> FieldBinding:
    return FieldBinding(quantity=quantity, unit=unit)


# Extremes and means of an interval have no quantity of their own, so only the current value is stored.
_WATER_TEMPERATURE: Vocabulary = {"current": _is("water_temperature"), "min": None, "max": None, "avg": None}

_VOCABULARY: Vocabulary = {
    "time": None,
    "battery": _is("battery_voltage", "V"),
    "soil": {
        "depth": None,
        "moisture": _is("soil_moisture", "%"),
        "temperature": _is("soil_temperature", "Cel"),
        "ec": _is("soil_ec", "dS/m"),
        "pH": _is("soil_ph"),
        # Parts per million by mass are milligrams per kilogram.
        "n": _is("soil_nitrogen", "mg/kg"),
        "p": _is("soil_phosphorus", "mg/kg"),
        "k": _is("soil_potassium", "mg/kg"),
    },
    "air": {
        "location": None,
        "temperature": _is("air_temperature", "Cel"),
        "relativeHumidity": _is("air_humidity", "%"),
        "pressure": _is("air_pressure", "hPa"),
        "co2": _is("air_co2", "[ppm]"),
        "lightIntensity": _is("light_illuminance", "lx"),
    },
    "wind": {"speed": _is("wind_speed", "m/s"), "direction": _is("wind_direction", "deg"), "elevation": None},
    "rain": {"intensity": _is("rain_intensity", "mm/h"), "cumulative": _is("rain_total", "mm")},
    "water": {"leak": _is("leak"), "temperature": _WATER_TEMPERATURE},
    "metering": {"water": {"total": _is("water_total", "L")}},
    "action": {
        "motion": {"detected": _is("motion"), "count": _is("motion_count")},
        "contactState": _is("contact"),
    },
    "position": None,  # read below: 0/0 is no position
}


def read(element: Mapping[str, object]) -> tuple[list[Measured], list[Refused]]:
    """One measurement of `normalized_payload`: each reading with the measurement's own time, if it has one.

    Soil readings carry their depth as channel, in whole centimetres.
    """
    collected: list[Measured] = []
    refused: list[Refused] = []
    _collect(element, _VOCABULARY, "", collected, refused)
    collected.extend(lorawan.position(shape.table_at(element, "position")))
    time = shape.text_at(element, "time")
    time_us = None if time is None else rfc3339_us(time)
    depth_cm = _depth_cm(shape.table_at(element, "soil"))
    measured: list[Measured] = []
    for row in collected:
        if row.quantity == "battery_voltage" and _is_no_voltage(row.value):
            refused.append(Refused(RejectionReason.UNKNOWN_UNIT, "battery", _PERCENT, row.value))
        else:
            channel = depth_cm if row.quantity.startswith("soil_") else 0
            doubtful = row.quantity == "battery_voltage" and _may_be_percent(row.value)
            value = Doubted(row.value, Quality.RANGE) if doubtful else row.value
            measured.append(Measured(row.quantity, value, row.unit, channel, time_us))
    return measured, refused


def _collect(
    group: Mapping[str, object], vocabulary: Vocabulary, path: str, measured: list[Measured], refused: list[Refused]
) -> None:
    """Walk payload and vocabulary together; the vocabulary bounds the depth."""
    check_parts(len(measured) + len(refused) + len(group))
    for key, value in group.items():
        if value is None:
            continue
        part, meaning = path + key, vocabulary.get(key)
        if isinstance(meaning, FieldBinding):
            outcome = fields.take(meaning, part, value)
            if isinstance(outcome, Measured):
                measured.append(outcome)
            elif outcome is not None:
                refused.append(outcome)
        elif meaning is not None:
            _collect(shape.table(value, part), meaning, part + ".", measured, refused)
        elif key not in vocabulary:
            refused.append(Refused(RejectionReason.UNKNOWN_QUANTITY, part, "not in the normalized vocabulary", value))


def _is_no_voltage(value: object) -> bool:
    """Whether a battery voltage is certainly none. Some publishers send percent where the vocabulary says volts.

    A value above 20 is refused rather than guessed; a whole number below it is flagged.
    A device that does so needs a profile, which then reads `decoded_payload` instead.
    """
    return isinstance(value, (int, float)) and value > _MOST_VOLTS


def _may_be_percent(value: object) -> bool:
    """Whether it is a whole number beyond the volts of one cell: hardly ever a measured voltage."""
    return isinstance(value, (int, float)) and value > _MOST_VOLTS_OF_A_CELL and float(value).is_integer()


def _depth_cm(soil: Mapping[str, object]) -> int:
    depth = shape.number_at(soil, "depth") or 0
    if 0 <= depth <= _DEEPEST_CM:
        return round(depth)
    raise Undecodable(RejectionReason.WRONG_SHAPE, "`soil.depth` is not a depth in cm")
