import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ingest.decode.common.limits import Limits
from ingest.decode.frame import layout, raw
from ingest.decode.frame.piece import Piece
from ingest.errors import Undecodable
from schemas.profile import Profile
from schemas.profiles import shipped_profiles
from schemas.rejection import RejectionReason

BY_BYTES = [profile for _, profile in sorted(shipped_profiles().items()) if profile.reads_bytes]


def profile(*items: object, **frame: object) -> Profile:
    return Profile.model_validate({"code": "x", "fields": {}, "frames": [{"fields": items, **frame}]})


def pieces(hex_: str, *items: object, port: int | None = None, **frame: object) -> list[Piece]:
    return layout.pieces(profile(*items, **frame), bytes.fromhex(hex_), port)


def value(hex_: str, **field: object) -> object:
    (piece,) = pieces(hex_, {"name": "a", **field})
    return piece.value


@pytest.mark.parametrize(
    ("hex_", "field", "expected"),
    [
        ("ff", {"type": "u8"}, 255),
        ("ff", {"type": "i8"}, -1),
        ("0110", {"type": "u16", "scale": 0.1}, 27.2),
        ("1001", {"type": "u16", "scale": 0.1, "endian": "little"}, 27.2),
        ("fffb04", {"type": "i24"}, -1276),
        ("ffffffffff", {"type": "u40"}, 2**40 - 1),
        ("41940000", {"type": "f32"}, 18.5),
        ("00009441", {"type": "f32", "endian": "little"}, 18.5),
        ("1234", {"type": "bcd", "size": 2, "scale": 0.01}, 12.34),
        ("3412", {"type": "bcd", "size": 2, "endian": "little"}, 1234),
        ("4e3100", {"type": "text", "size": 3}, "N1"),
        ("8008", {"type": "u16", "zero": 32768}, 8),
        ("b0", {"type": "u8", "mask": 0xF0, "shift": 4}, 11),
        ("b0", {"type": "u8", "mask": 0xF0, "shift": 4, "signed": True}, -5),
        ("2e3ccd", {"type": "bits", "bits": [[0, 8], [16, 4]]}, 0x2EC),
        ("f0", {"type": "bits", "bits": [[0, 4]], "signed": True}, -1),
        ("02", {"type": "u8", "curve": [1, 2, 3]}, 17),
        ("02", {"type": "u8", "names": {"2": "open"}}, "open"),
        ("ff", {"type": "u8", "scale": 0.1, "offset": 2}, 27.5),
    ],
)
def test_a_number_is_read_as_its_field_says(hex_: str, field: dict[str, object], expected: object) -> None:
    assert value(hex_, **field) == expected


@pytest.mark.parametrize(
    ("hex_", "field", "reason"),
    [
        ("ffff", {"type": "u16", "sentinels": [65535]}, RejectionReason.SENTINEL),
        ("1a", {"type": "bcd", "size": 1}, RejectionReason.NOT_A_NUMBER),
        ("09", {"type": "u8", "names": {"0": "off"}}, RejectionReason.UNKNOWN_STATE),
    ],
)
def test_a_number_that_means_nothing_has_a_reason(hex_: str, field: dict[str, object], reason: RejectionReason) -> None:
    (piece,) = pieces(hex_, {"name": "a", **field})
    assert (piece.refused, piece.value) == (reason, None)


def test_fields_follow_each_other_unless_they_say_where_they_stand() -> None:
    found = pieces(
        "0102030405",
        {"name": "a", "type": "u8", "stay": True},
        {"name": "b", "type": "u8"},
        {"name": "c", "type": "u8", "at": 3},
        {"name": "d", "type": "u8"},
    )
    assert [(piece.name, piece.value, piece.at) for piece in found] == [
        ("a", 1, 0),
        ("b", 1, 0),
        ("c", 4, 3),
        ("d", 5, 4),
    ]


def test_a_block_is_there_when_its_flag_is_set_and_takes_no_room_when_not() -> None:
    items: list[Any] = [
        {"name": "flags", "type": "skip", "size": 1},
        {"when": {"at": 0, "bit": 0}, "fields": [{"name": "a", "type": "u8"}]},
        {"when": {"at": 0, "bit": 1}, "fields": [{"name": "b", "type": "u8"}]},
    ]
    assert [piece.name for piece in pieces("030102", *items)] == ["flags", "a", "b"]
    assert [(piece.name, piece.value) for piece in pieces("0209", *items)][1:] == [("b", 9)]


def test_repetitions_are_numbered_or_counted_back_in_time() -> None:
    fields = [{"name": "t", "type": "u8"}]
    numbered = pieces("0a0b0c", {"repeat": "rest", "fields": fields})
    assert [(piece.name, piece.value) for piece in numbered] == [("t_1", 10), ("t_2", 11), ("t_3", 12)]
    timed = pieces("0a0b0c", {"repeat": 3, "every_s": 600, "fields": fields})
    assert [piece.age_s for piece in timed] == [0, 600, 1200]
    oldest_first = pieces("0a0b0c", {"repeat": 3, "every_s": 600, "newest": "last", "fields": fields})
    assert [piece.age_s for piece in oldest_first] == [1200, 600, 0]


def test_samples_of_one_frame_have_times_of_their_own() -> None:
    several = Profile.model_validate(
        {
            "code": "x",
            "fields": {"t": "air_temperature"},
            "frames": [{"fields": [{"repeat": "rest", "every_s": 600, "fields": [{"name": "t", "type": "u8"}]}]}],
        }
    )
    at_us = 1_795_478_400_000_000
    measured, refused = raw.read(b"\x0a\x0b", 1, several, at_us)
    assert [(one.value, one.time_us) for one in measured] == [(10, None), (11, at_us - 600_000_000)]
    assert refused == []
    without_time, refused = raw.read(b"\x0a\x0b", 1, several, None)
    assert [one.value for one in without_time] == [10]
    assert [one.reason for one in refused] == [RejectionReason.INVALID_TIME]


def test_the_first_frame_that_fits_is_the_one() -> None:
    several = Profile.model_validate(
        {
            "code": "x",
            "fields": {},
            "frames": [
                {"ports": [7]},
                {"starts_with": "ff", "fields": [{"name": "a", "type": "u8"}]},
                {"lengths": [2], "fields": [{"name": "b", "type": "u16"}]},
                {"when": {"at": 0, "one_of": [3]}, "fields": [{"name": "c", "type": "u8"}]},
            ],
        }
    )
    assert layout.pieces(several, b"\x01", 7) == []
    assert [layout.pieces(several, frame, 1)[0].name for frame in (b"\xff\x00", b"\x00\x00", b"\x03")] == [
        "a",
        "b",
        "c",
    ]
    with pytest.raises(Undecodable) as refusal:
        layout.pieces(several, b"\x04", 1)
    assert refusal.value.reason == RejectionReason.NOT_DECODED


def test_a_frame_that_breaks_off_says_where() -> None:
    *before, lost = pieces("0102", {"name": "a", "type": "u8"}, {"name": "b", "type": "u16"})
    assert [piece.value for piece in before] == [1]
    assert (lost.refused, lost.raw) == (RejectionReason.WRONG_SHAPE, "02")
    assert "`b`" in lost.detail
    assert "bytes 1 to 2" in lost.detail
    with pytest.raises(Undecodable) as refusal:
        pieces("01", {"name": "a", "type": "u16"})
    assert refusal.value.reason == RejectionReason.WRONG_SHAPE


def test_an_unknown_tag_ends_a_frame_unless_it_says_its_length() -> None:
    records = {"01": [{"name": "a", "type": "u8"}]}
    known, lost = pieces("0105 02ff", tags={"records": records})
    assert (known.value, lost.refused, lost.at) == (5, RejectionReason.UNKNOWN_QUANTITY, 2)
    skipped = pieces("010105 0202ffff 010106", tags={"records": records, "length_bytes": 1})
    assert [piece.value for piece in skipped] == [5, None, 6]


def test_an_x_in_a_tag_stands_for_any_digit() -> None:
    found = pieces("01670a7f670b", tags={"size": 2, "records": {"xx67": [{"name": "a", "type": "u8"}]}})
    assert [piece.value for piece in found] == [10, 11]


@pytest.mark.parametrize(
    ("frame", "hint"),
    [
        ({"fields": [{"name": "a", "type": "u9"}]}, "write one of u8"),
        ({"fields": [{"name": "a", "type": "bcd"}]}, "`size`"),
        ({"fields": [{"name": "a", "type": "u8", "size": 2}]}, "`size`"),
        ({"fields": [{"name": "a", "type": "bits"}]}, "bits: [[0, 4]]"),
        ({"fields": [{"name": "a", "type": "f32", "mask": 1}]}, "whole numbers"),
        ({"fields": [{"name": "a", "type": "text", "size": 1, "scale": 2}]}, "not a number"),
        ({"fields": [{"name": "a", "type": "u8", "names": {"on": "off"}}]}, "under the raw number"),
        ({"fields": [{"when": {"at": 0}, "fields": [{"name": "a", "type": "u8"}]}]}, "either `bit: 3`"),
        ({"fields": [{"when": {"at": 0, "bit": 9}, "fields": [{"name": "a", "type": "u8"}]}]}, "wider type"),
        ({"fields": [{"every_s": 9, "fields": [{"name": "a", "type": "u8"}]}]}, "repeat"),
        ({"fields": [{"repeat": 0, "fields": [{"name": "a", "type": "u8"}]}]}, "1 to 255"),
        ({"tags": {"size": 2, "records": {"01": [{"name": "a", "type": "u8"}]}}}, "4 hex digits"),
        ({"tags": {"records": {"0x": [{"name": "a", "type": "u8"}], "01": []}}}, "the same record"),
    ],
)
def test_a_layout_that_cannot_work_is_refused_with_what_to_write(frame: dict[str, object], hint: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        Profile.model_validate({"code": "x", "fields": {}, "frames": [frame]})
    assert hint in str(refusal.value)
    assert refusal.value.errors()[0]["loc"][:2] == ("frames", 0)


def test_raw_alone_needs_bytes_that_mean_something() -> None:
    with pytest.raises(ValidationError, match="needs `frames` or `cayenne`"):
        Profile.model_validate({"code": "x", "fields": {}, "decode": "raw"})


def test_a_layout_survives_the_database() -> None:
    for one in BY_BYTES:
        assert Profile.model_validate_json(one.model_dump_json(exclude_defaults=True)) == one


@pytest.mark.parametrize("one", BY_BYTES, ids=lambda one: one.code)
@given(content=st.binary(max_size=80), port=st.sampled_from([None, 1, 2, 3, 6, 7, 10, 15, 85]))
def test_any_bytes_decode_or_are_undecodable_under_every_shipped_profile(
    one: Profile, content: bytes, port: int | None
) -> None:
    try:
        found = raw.pieces(content, port, one)
        raw.read(content, port, one, None)
    except Undecodable:
        return
    assert all(piece.at >= 0 and piece.at + piece.size <= len(content) for piece in found)


@given(content=st.binary(max_size=80), event=st.sampled_from(["", "1", "85", "x", "9999"]))
def test_a_message_that_is_a_frame_is_an_uplink_or_undecodable(content: bytes, event: str) -> None:
    try:
        raw.decode(content, event, shipped_profiles()["milesight-wts506"], Limits(max_bytes=60))
    except Undecodable:
        return


@given(st.integers(-(2**31), 2**31 - 1), st.floats(-1e6, 1e6, width=32))
def test_what_a_device_packed_is_unpacked(whole: int, real: float) -> None:
    content = struct.pack("<if", whole, real)
    found = layout.pieces(
        profile({"name": "a", "type": "i32"}, {"name": "b", "type": "f32"}, endian="little"), content, None
    )
    assert [piece.value for piece in found] == [whole, real]
