"""What a device said beside its readings: conflicts, unknown keys, ignored fields; and rain that is not known."""

from datetime import timedelta

from psycopg.types.json import Jsonb

from ingest.figures.rain import rain_of
from ingest.figures.said import conflict_count, conflicts, profile_in_use, unknown_keys
from tests.figures.field import Field, jst

AT = jst(2026, 11, 5)
MINUTE = timedelta(minutes=1)


def clash(field: Field, device: int, minute: int, value: float, quality: int | None = None) -> None:
    field.connection.execute(
        "insert into reading_conflict (time, value, device_id, quantity_id, channel, quality, message_id, received_at)"
        " select %s, %s, %s, quantity_id, 0, %s, 1, %s from quantity where code = 'air_temperature'",
        (AT + minute * MINUTE, value, device, quality, AT + (minute + 1) * MINUTE),
    )


def test_both_values_of_a_conflict_are_told_with_which_one_counts(field: Field) -> None:
    device, other = field.device("a"), field.device("b")
    for minute in range(3):
        field.reading(device, AT + minute * MINUTE, "air_temperature", 10.0 + minute)
        clash(field, device, minute, 20.0 + minute, quality=1 if minute == 2 else None)
    clash(field, other, 0, 99.0)
    field.connection.execute(
        "insert into correction (device_id, kind, quantity_id, channel, starts, ends, value, who, why)"
        " select %s, 'prefer', quantity_id, 0, %s, %s, 21.0, 'X', 'Y' from quantity where code = 'air_temperature'",
        (device, AT + MINUTE, AT + MINUTE + timedelta(microseconds=1)),
    )
    rows = conflicts(field.connection, "tea", "a")
    assert [(row.stored, row.other, row.counted) for row in rows] == [(12, 22, 12), (11, 21, 21), (10, 20, 10)]
    assert rows[0].other_quality == 1
    assert rows[0].label_ja == "気温"
    assert conflict_count(field.connection, "tea", "a") == 3
    assert [row.stored for row in conflicts(field.connection, "tea", "a", limit=1, offset=2)] == [10]


def test_unknown_keys_of_the_last_messages_are_counted(field: Field) -> None:
    device = field.device("a")
    for minute, keys in enumerate((["time", "fw"], ["fw"], None)):
        link = Jsonb({"rsrp": 1} if keys is None else {"unknown_keys": keys})
        field.uplink(device, AT + minute * MINUTE, link=link)
    found = [(row.key, row.messages, (row.last_at - AT) / MINUTE) for row in unknown_keys(field.connection, "tea", "a")]
    assert found == [("fw", 2, 1), ("time", 1, 0)]


def test_the_profile_of_this_moment_is_told_with_what_it_ignores(field: Field) -> None:
    device = field.device("a")
    assert profile_in_use(field.connection, "tea", "a") is None
    for code, ignored in (("before", ["x"]), ("now", ["history", "battery"])):
        field.connection.execute(
            "insert into profile (code, body) values (%s, %s)", (code, Jsonb({"name": code, "ignore": ignored}))
        )
    field.connection.execute("update device set profile_id = (select profile_id from profile where code = 'before')")
    field.connection.execute(
        'insert into device_binding (device_id, channel, valid_from, profile_id, level, scale, "offset")'
        " select %s, 0, now() - interval '1 day', profile_id, '', 1, 0 from profile where code = 'now'",
        (device,),
    )
    found = profile_in_use(field.connection, "tea", "a")
    assert found is not None
    assert (found.profile, found.ignored) == ("now", ["battery", "history"])


def test_what_a_silent_gauge_did_not_measure_is_not_known_and_what_it_did_is(field: Field) -> None:
    heard, silent = field.device("heard", interval_s=600), field.device("silent", interval_s=600)
    (now,) = field.connection.execute("select now()").fetchone() or (None,)
    assert now is not None
    for number in range(12):
        field.reading(heard, now - (1 + 10 * number) * MINUTE, "rain_amount", 0.5)
        field.reading(silent, now - (40 + 10 * number) * MINUTE, "rain_amount", 0.5)
    one, other = sorted(rain_of(field.connection, ["tea"], ["heard", "silent"], now), key=lambda row: row.device)
    assert (one.silent, one.rain_10min, one.rain_1h, one.rain_24h) == (False, 0.5, 3.0, 6.0)
    assert (other.silent, other.rain_10min, other.rain_1h, other.rain_24h) == (True, None, 1.0, 6.0)
    assert [row.device for row in rain_of(field.connection, ["tea"], ["heard"], now)] == ["heard"]
