"""A generated field: projects, networks, gateways, devices and a day of readings, written straight to the tables."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg import Cursor as AnyCursor

from schemas.quantity import BY_CODE

KINDS = {"lpwa": "LoRaWAN 網", "halow": "HaLow 網", "local5g": "ローカル5G 網"}


class Village(NamedTuple):
    """A project and where it lies."""

    code: str
    name: str
    city: str
    latitude: float
    longitude: float


VILLAGES = (
    Village("fukuroi", "袋井市 スマート農業実証", "袋井市", 34.75, 137.92),
    Village("ina", "伊那市 防災・鳥獣害対策", "伊那市", 35.83, 137.96),
)
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
SET_ASIDE = {"unknown_device": 14, "out_of_range": 7, "not_json": 3, "sentinel": 2}
BASES = {
    "paddy_water_level": (6, 3), "paddy_water_temperature": (15, 4), "air_temperature": (12, 7),
    "air_humidity": (68, 20),
    "wind_direction": (200, 120), "soil_moisture": (31, 4), "soil_temperature": (14, 2), "soil_ec": (0.6, 0.1),
    "river_level": (1.24, 0.3), "battery_voltage": (3.58, 0.05), "battery_level": (78, 3),
}  # fmt: skip


Cursor = AnyCursor[Any]


class FieldSize(NamedTuple):
    """How much is generated."""

    devices: int = 120
    hours: int = 24
    interval_s: int = 900


SMALL = FieldSize()


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


def sow(connection: Connection[Any], size: FieldSize = SMALL) -> None:
    """Write a field. Of every 20 devices one is silent, one never heard, one disabled; the rest are live."""
    now = datetime.now(UTC)
    with connection.transaction(), connection.cursor() as cursor:
        for village in VILLAGES:
            _project(cursor, village)
        for number in range(size.devices):
            _device(cursor, number, size, now)
        _account(cursor, now)


def _project(cursor: Cursor, village: Village) -> None:
    cursor.execute(
        "insert into project (code, name, organisation_name) values (%s, %s, %s) returning project_id", village[:3]
    )
    project_id = number_of(cursor)
    for east, (kind, label) in enumerate(KINDS.items()):
        cursor.execute(
            "insert into network (code, project_id, kind, name) values (%s, %s, %s, %s) returning network_id",
            (f"{village.code}-{kind}", project_id, kind, f"{village.city} {label}"),
        )
        network_id = number_of(cursor)
        cursor.executemany(
            "insert into gateway (code, network_id, name, latitude, longitude) values (%s, %s, %s, %s, %s)",
            [
                (f"{village.code}-{kind}-gw{index}", network_id, f"{village.city} {label} 基地局{index}",
                 village.latitude + 0.02 * index, village.longitude + 0.015 * east)
                for index in (1, 2)
            ],
        )  # fmt: skip


def number_of(cursor: Cursor) -> int:
    """The number that `returning` gave back."""
    row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def _device(cursor: Cursor, number: int, size: FieldSize, now: datetime) -> None:
    village, kind, what = VILLAGES[number % 7 > 4], list(KINDS)[number % 3], WHAT[number % len(WHAT)]
    around, away = number * 2.399, math.sqrt((number % 97) / 97)
    cursor.execute(
        """
        insert into device (project_id, network_id, gateway_id, code, name, model, use, interval_s,
                            latitude, longitude, enabled)
        select n.project_id, n.network_id, g.gateway_id, %s, %s, %s, %s, %s, %s, %s, %s
        from network n join gateway g using (network_id) where n.code = %s and g.code = %s returning device_id
        """,
        (
            f"{kind}-{number:04d}", f"{PLACES[number % len(PLACES)]}{number // len(PLACES) + 1}号 {what}",
            f"NR-{number % 4 + 1}00", USES[number % 4], size.interval_s,
            village.latitude + 0.045 * math.sin(around) * away, village.longitude + 0.055 * math.cos(around) * away,
            number % 20 != 7, f"{village.code}-{kind}", f"{village.code}-{kind}-gw{number % 2 + 1}",
        ),
    )  # fmt: skip
    device_id = number_of(cursor)
    if number % 20 == 13:
        return
    quiet = timedelta(hours=1 + number % 9) if number % 20 == 3 else timedelta(0)
    steps = size.hours * 3600 // size.interval_s
    # Two hours and more are missing in the middle of the day.
    heard = [step for step in range(steps) if not steps * 0.4 < step < steps * 0.5]
    send(
        cursor,
        device_id,
        MEASURES[what],
        [(step, now - quiet - timedelta(seconds=step * size.interval_s)) for step in heard],
    )


def send(cursor: Cursor, device_id: int, codes: tuple[str, ...], moments: list[tuple[int, datetime]]) -> None:
    """One message of a device for each (step, time)."""
    cursor.executemany(
        "insert into uplink (time, received_at, message_id, counter, device_id, payload_bytes, rssi_dbm, snr_db, kind,"
        " offered, refused) values (%s, %s, %s, %s, %s, 84, %s, 6.5, 0, %s, 0)",
        [(at, at, int(at.timestamp()), 9999 - step, device_id, -92 - step % 13, len(codes)) for step, at in moments],
    )
    cursor.executemany(
        "insert into reading (time, value, device_id, quantity_id, channel, quality) values (%s, %s, %s, %s, 0, %s)",
        [
            (at, value_of(code, device_id, step), device_id, BY_CODE[code].id, 1 if step % 41 == 5 else None)
            for code in codes
            for step, at in moments
        ],
    )


def _account(cursor: Cursor, now: datetime) -> None:
    cursor.execute(
        "insert into tally (hour, project_id, writer, stored, duplicate, quarantined, readings_offered,"
        " readings_stored, readings_duplicate, readings_conflict, readings_quarantined, payload_bytes)"
        " values (%s, 0, 'test', 12000, 40, 26, 40000, 39800, 120, 20, 60, 900000)",
        (now.replace(minute=0, second=0, microsecond=0),),
    )
    for index, (reason, count) in enumerate(SET_ASIDE.items()):
        for number in range(count):
            set_aside(cursor, index * 1000 + number, reason, now - timedelta(minutes=number))


def set_aside(cursor: Cursor, message_id: int, reason: str, at: datetime) -> None:
    """One message in quarantine, with a payload and a detail that try to be markup."""
    cursor.execute(
        "insert into quarantine (message_id, time, part, received_at, reason, detail, topic, payload)"
        " values (%s, %s, 0, %s, %s, '<script>alert(1)</script>', 'noroshi/v1/fukuroi/x-1/up', %s)",
        (message_id, at, at, reason, b'{"readings": {"<b>x</b>": 1}}'),
    )
