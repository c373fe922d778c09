"""Attacks on maps of vendors' JSON."""

import json
from typing import Any

from schemas.profiles import shipped_maps
from tests.fuzz.attacks.tools import (
    NOW_S,
    TEXT_NOW,
    as_json,
    repeated,
    unknown,
)


def of_maps() -> dict[str, tuple[str, bytes]]:
    def deep(levels: int, leaves: int) -> Any:
        found: Any = unknown(leaves)
        for level in range(levels):
            found = {f"k{level}": found}
        return found

    long = "x" * 100_000
    return {
        "a nested object": ("any/nested/e", as_json(deep(29, 18_000))),
        "a nested object with a long name": ("any/nested/e", as_json({long: unknown(12_000)})),
        "a nested object of objects": ("any/nested/e", repeated(b'{"a":{', b'"b":{}', b"}}", most=9000)),
        "a star in a star": ("any/stars/e", repeated(b'{"a":[', b"[1,2,3,4,5]", b"]}", most=3000)),
        "a star in a star of objects": ("any/stars/e", as_json({"a": [[unknown(90)] * 100]})),
        "rows that are none": ("any/stars/e", repeated(b'{"a":[[', b"1", b"]]}", most=19_900)),
        "named rows": (
            "any/named/e",
            repeated(b'{"a":[', b'{"n":"x","v":1,"u":"C","at":1795478400}', b"]}", most=2900),
        ),
        "2,900 rows without a name": ("any/named/e", repeated(b'{"a":[', b"{}", b"]}", most=2900)),
        "2,900 rows with wrong times": ("any/named/e", repeated(b'{"a":[', b'{"at":"x"}', b"]}", most=2900)),
        "2,900 times by a pattern": (
            "any/patterns/e",
            repeated(b'{"a":[', b'{"at":"2026/11/24 09:00","x":1}', b"]}", most=1450),
        ),
        "2,900 parallel values": ("any/parallel/e", as_json({"ts": [NOW_S] * 2900, "t": [1.5] * 2900})),
        "2,900 parallel unknown values": (
            "any/parallel/e",
            as_json({"ts": [NOW_S] * 390} | {f"{n}": [1] * 390 for n in range(9)}),
        ),
        "a nested object of 2,900 values": ("any/nested/e", as_json(deep(29, 2900))),
        "a long name of 2,900 values": ("any/nested/e", as_json({long: unknown(2900)})),
        "a unit of 2,900 values": (
            "any/units/e",
            as_json({"u": " " * 150_000 + "x", "a": {f"{n}.t": 1 for n in range(2900)}}),
        ),
        "an odd unit of 2,900 values": (
            "any/units/e",
            as_json({"u": "Ａ" * 30_000, "a": {"t": 1} | {f"{n}.t": 1 for n in range(2900)}}),
        ),
        "rows without a name": ("any/named/e", repeated(b'{"a":[', b"{}", b"]}", most=9900)),
        "rows with wrong times": ("any/named/e", repeated(b'{"a":[', b'{"at":"x"}', b"]}", most=9900)),
        "columns": ("any/columns/e", as_json({"n": [f"{n}" for n in range(90)], "a": [{"v": [1] * 90}] * 200})),
        "columns that do not fit": (
            "any/columns/e",
            as_json({"n": [f"{n}" for n in range(9000)], "a": [{"v": []}] * 4900}),
        ),
        "columns with long names": ("any/columns/e", as_json({"n": ["x" * 1000] * 90, "a": [{"v": [1] * 90}] * 200})),
        "columns of objects for names": (
            "any/columns/e",
            as_json({"n": [unknown(2500)] * 2, "a": [{"v": [1, 1]}] * 1900}),
        ),
        "parallel arrays": ("any/parallel/e", as_json({"ts": [NOW_S] * 9000, "t": [1.5] * 9000})),
        "parallel arrays of unknown names": (
            "any/parallel/e",
            as_json({"ts": [NOW_S] * 90} | {f"{n}": [1] * 90 for n in range(200)}),
        ),
        "parallel arrays of texts": ("any/parallel/e", as_json({"ts": [TEXT_NOW] * 7000, "t": [1] * 7000})),
        "a unit for ever": (
            "any/units/e",
            as_json({"u": " " * 150_000 + "x", "a": {"t": 1} | {f"{n}.t": 1 for n in range(8000)}}),
        ),
        "a unit for ever in full width": (
            "any/units/e",
            as_json({"u": "Ａ", "a": {f"{n}.t": 1 for n in range(9000)}}).replace(b"\\uff21", "Ａ".encode() * 30_000),
        ),
        "a document in a document": (
            "any/units/e",
            as_json({"in": json.dumps({"a": unknown(9000)}), "b": unknown(9000)}),
        ),
        "times by a pattern": (
            "any/patterns/e",
            repeated(b'{"a":[', b'{"at":"2026/11/24 09:00","x":1}', b"]}", most=6600),
        ),
        "times by a pattern that fail": (
            "any/patterns/e",
            repeated(b'{"a":[', b'{"at":"2026/11/24"}', b"]}", most=9900),
        ),
        "blanks for a time": ("any/patterns/e", as_json({"a": [{"at": "2026/11/24" + " " * 250_000 + "x"}]})),
        "blanks for a level": ("any/heard/e", as_json({"a": {}, "r": " " * 125_000 + "1" + " " * 125_000 + "x"})),
        "receptions in a text": ("any/heard/e", as_json({"a": {}, "rx": "a;1;1," * 40_000})),
        "commas for receptions": ("any/heard/e", as_json({"a": {}, "rx": "," * 250_000})),
        "semicolons for receptions": ("any/heard/e", as_json({"a": {}, "rx": "a" + ";" * 250_000})),
        "bytes in hex": ("any/hexed/e", as_json({"f": "00" * 130_000})),
        "an event for ever": ("map/value-per-topic/plain/" + "x" * 60_000, b"1"),
        "text": ("map/value-per-topic/plain/temperature", b"x" * 262_144),
        **{
            f"unknown names for the map {code}": (f"map/{code}/plain/up", as_json(unknown(18_000)))
            for code in shipped_maps()
        },
    }
