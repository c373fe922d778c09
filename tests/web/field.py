"""A generated field: projects, networks, gateways and devices with a day of readings, written straight to the tables."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from psycopg import Connection

from schemas.quantity import BY_CODE

KINDS = ("lpwa", "halow", "local5g")
VILLAGES = (("fukuroi", "袋井市 スマート農業実証", "袋井市", 34.75, 137.92), ("ina", "伊那市 防災・鳥獣害対策", "伊那市", 35.83, 137.96))
USES = ("農業", "防災", "鳥獣害", "水管理")
PLACES = ("浅羽", "笠原", "豊沢", "三川", "今井", "山梨", "宇刈", "高部", "久努西", "方丈")
WHAT = ("水田水位計", "気象計", "土壌センサー", "河川水位計", "わなセンサー")
MEASURES: dict[str, tuple[str, ...]] = {
    "水田水位計": ("paddy_water_level", "paddy_water_temperature", "battery_level"),
    "気象計": ("air_temperature", "air_humidity", "rain_amount", "wind_direction", "battery_level"),
    "土壌センサー": ("soil_moisture", "soil_temperature", "soil_ec", "battery_level"),
    "河川水位計": ("river_level", "battery_voltage"),
    "わなセンサー": ("trap_state", "animal_count", "battery_level"),
}
BASES = {
    "paddy_water_level": (6, 3), "paddy_water_temperature": (15, 4), "air_temperature": (12, 7), "air_humidity": (68, 20),
    "wind_direction": (200, 120), "soil_moisture": (31, 4), "soil_temperature": (14, 2), "soil_ec": (0.6, 0.1),
    "river_level": (1.24, 0.3), "battery_voltage": (3.58, 0.05), "battery_level": (78, 3),
}  # fmt: skip


class FieldSize(NamedTuple):
    """How much is generated."""

    devices: int = 40
    hours: int = 24
    interval_s: int = 600


def value_of(code: str, number: int, step: int) -> float:
    """A value that looks like the quantity."""
    if code == "rain_amount":
        return max(0.0, round(2.5 * math.sin(step / 9 + number), 1) - 1.5)
    if code == "trap_state":
        return float(step % 60 > 50)
    if code == "animal_count":
        return float((step * 7 + number) % 23 == 0) * 2
    if code == "battery_level":
        return 12.0 if number % 17 == 0 else 95.0 - (number * 7) % 60
    middle, swing = BASES[code]
    return middle + swing * math.sin(step / 23 + number) + swing * 0.1 * math.sin(step * 1.7 + number)


def sow(connection: Connection[Any], size: FieldSize = FieldSize(), now: datetime | None = None) -> None:
    """Write a field. Of every 20 devices one is silent, one never heard, one disabled; the rest are live."""
    now = now or datetime.now(UTC)
    with connection.transaction(), connection.cursor() as cursor:
        for code, name, city, latitude, longitude in VILLAGES:
            _project(cursor, code, name, city, latitude, longitude)
        for number in range(size.devices):
            _device(cursor, number, size, now)
        _account(cursor, now)


def _project(cursor: Any, code: str, name: str, city: str, latitude: float, longitude: float) -> None:
    cursor.execute("insert into project (code, name, organisation_name) values (%s, %s, %s)", (code, name, city))
    for kind, label in zip(KINDS, ("LoRaWAN 網", "HaLow 網", "ローカル5G 網"), strict=True):
        cursor.execute(
            "insert into network (code, project_id, kind, name) select %s, project_id, %s, %s from project where code = %s",
            (f"{code}-{kind}", kind, f"{city} {label}", code),
        )
        for index in (1, 2):
            cursor.execute(
                "insert into gateway (code, network_id, name, latitude, longitude)"
                " select %s, network_id, %s, %s, %s from network where code = %s",
                (
                    f"{code}-{kind}-gw{index}", f"{city}{label} 基地局{index}", latitude + 0.02 * index,
                    longitude + 0.015 * KINDS.index(kind), f"{code}-{kind}",
                ),
            )  # fmt: skip


def _device(cursor: Any, number: int, size: FieldSize, now: datetime) -> None:
    code, _, _, latitude, longitude = VILLAGES[number % 7 > 4]
    kind = KINDS[number % 3]
    what = WHAT[number % len(WHAT)]
    name = f"{PLACES[number % len(PLACES)]}{number // len(PLACES) + 1}号 {what}"
    cursor.execute(
        "insert into device (project_id, network_id, gateway_id, code, name, model, use, interval_s, latitude, longitude,"
        " enabled) select p.project_id, n.network_id, g.gateway_id, %s, %s, %s, %s, %s, %s, %s, %s from project p, network n,"
        " gateway g where p.code = %s and n.code = %s and g.code = %s returning device_id",
        (
            f"{kind}-{number:04d}", name, f"NR-{number % 4 + 1}00", USES[number % 4], size.interval_s,
            latitude + 0.045 * math.sin(number * 2.399) * math.sqrt((number % 97) / 97),
            longitude + 0.055 * math.cos(number * 2.399) * math.sqrt((number % 97) / 97),
            number % 20 != 7, code, f"{code}-{kind}", f"{code}-{kind}-gw{number % 2 + 1}",
        ),
    )  # fmt: skip
    (device_id,) = cursor.fetchone()
    if number % 20 == 13:
        return
    quiet = timedelta(hours=1 + number % 9) if number % 20 == 3 else timedelta(0)
    send(cursor, device_id, number, what, size, now - quiet)


def send(cursor: Any, device_id: int, number: int, what: str, size: FieldSize, until: datetime) -> None:
    """The messages of one device up to `until`, with two hours missing in the middle of the day."""
    steps = size.hours * 3600 // size.interval_s
    moments = [(step, until - timedelta(seconds=size.interval_s * step + number % 50)) for step in range(steps)]
    kept = [(step, at) for step, at in moments if not steps * 0.4 < step < steps * 0.5]
    codes = MEASURES[what]
    cursor.executemany(
        "insert into uplink (time, received_at, message_id, counter, device_id, payload_bytes, rssi_dbm, snr_db, kind, offered,"
        " refused) values (%s, %s, %s, %s, %s, 84, %s, %s, 0, %s, 0)",
        [(at, at + timedelta(seconds=1), number * 100_000 + step, steps - step, device_id, -92 - step % 13, 6.5, len(codes)) for step, at in kept],
    )
    cursor.executemany(
        "insert into reading (time, value, device_id, quantity_id, channel, quality) values (%s, %s, %s, %s, 0, %s)",
        [
            (at, value_of(code, number, step), device_id, BY_CODE[code].id, 1 if step % 41 == 5 else None)
            for code in codes
            for step, at in kept
        ],
    )


def _account(cursor: Any, now: datetime) -> None:
    cursor.execute(
        "insert into tally (hour, project_id, writer, stored, duplicate, quarantined, readings_offered, readings_stored,"
        " readings_duplicate, readings_conflict, readings_quarantined, payload_bytes)"
        " values (%s, 0, 'test', 12000, 40, 26, 40000, 39800, 120, 20, 60, 900000)",
        (now.replace(minute=0, second=0, microsecond=0),),
    )
    for index, (reason, count) in enumerate((("unknown_device", 14), ("out_of_range", 7), ("not_json", 3), ("sentinel", 2))):
        for number in range(count):
            quarantine(cursor, index * 1000 + number, reason, now - timedelta(minutes=number))


def quarantine(cursor: Any, message_id: int, reason: str, at: datetime) -> None:
    """One message set aside."""
    cursor.execute(
        "insert into quarantine (message_id, time, part, received_at, reason, detail, topic, payload)"
        " values (%s, %s, 0, %s, %s, %s, 'noroshi/v1/fukuroi/x-1/up', %s)",
        (message_id, at, at, reason, "no device x-1 in project fukuroi", b'{"readings": {"<script>alert(1)</script>": 1}}'),
    )
