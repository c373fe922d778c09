"""Attacks in JSON, on whoever parses it, and on the native payload."""

from schemas.quantity import BY_CODE
from tests.fuzz.attacks.tools import (
    LARGEST,
    NOW_MS,
    TEXT_NOW,
    as_json,
    repeated,
    unknown,
)


def of_json() -> dict[str, bytes]:
    return {
        "one quantity unknown 18,000 times": as_json({"readings": unknown(18_000)}),
        "more quantities than the limit on elements counts": as_json({"readings": unknown(19_900)}),
        "one quantity unknown 2,900 times": as_json({"readings": unknown(2900)}),
        "a text and 2,900 numbers": as_json({"readings": {"leak": "x" * 200_000} | unknown(2900)}),
        "one name for ever": b'{"readings":{"' + b"x" * 262_100 + b'":1}}',
        "long names": as_json({"readings": {f"{n}{'x' * 2500}": 1 for n in range(100)}}),
        "byte order marks": b"\xef\xbb\xbf" * 87_000 + b"{}",
        "byte order marks and nothing": b"\xef\xbb\xbf" * 87_381,
        "nested as deep as it goes": b"[" * 262_144,
        "a wide tree": repeated(b"[", b"[[[[]]]]", b"]", most=2900),
        "a text of quotes that never ends": b"[" * 40 + b'"' + b'\\"' * 131_000 + b"\\",
        "a text of backslashes that never ends": b"[" * 40 + b'"' + b"\\\\" * 131_000 + b"\\",
        "brackets in texts": repeated(b"[[[", b'"[{[{"', b"]]]", most=9000),
        "a number of 200,000 digits": b'{"readings":{"air_temperature":' + b"1" * 200_000 + b"}}",
        "a fraction of 200,000 digits": b'{"readings":{"air_temperature":1.' + b"1" * 200_000 + b"}}",
        "a number with an exponent of 200,000 digits": b'{"ts":1e' + b"9" * 200_000 + b',"readings":{}}',
        "exponents": repeated(b'{"readings":[', b"1e308", b"]}", most=19_000),
        "the same key again and again": repeated(b'{"readings":{', b'"leak":1', b"}}", most=19_000),
        "texts where numbers belong": as_json({"readings": dict.fromkeys(BY_CODE, "9" * 2000)}),
        "escapes": b'{"readings":{"leak":"' + b"\\u0000" * 43_000 + b'"}}',
        "noise in UTF-8": ("{" + "ｶﾞ" * 43_000).encode()[:LARGEST],
        "blanks": b" " * 262_144,
        "blanks before nothing": b"[" + b" " * 262_000 + b"]",
        "a time of 200,000 characters": as_json(
            {"ts": "2026-11-24T09:00:00." + "1" * 200_000, "readings": {"leak": 1}}
        ),
    }


def of_native() -> dict[str, bytes]:
    wide = dict.fromkeys(BY_CODE, 10**6)
    timed = b'{"ts":%d,"readings":{"air_temperature":18.4}}' % NOW_MS
    untimed = b'{"ts":"x","readings":{}}'
    cold = b'{"ts":%d,"readings":{"air_temperature":-45}}' % NOW_MS
    return {
        "a backfill of single readings": repeated(b"[", timed, b"]", most=4900),
        "2,900 single readings": repeated(b"[", timed, b"]", most=2900),
        "2,900 flagged readings": repeated(b"[", cold, b"]", most=2900),
        "2,900 single readings of different times": b"["
        + b",".join(b'{"ts":%d,"readings":{"air_temperature":18.4}}' % (NOW_MS - n) for n in range(2900))
        + b"]",
        "2,900 unreadable elements": repeated(b"[" + timed + b",", untimed, b"]", most=2900),
        "2,900 elements of nothing": repeated(b"[" + timed + b",", b"{}", b"]", most=2900),
        "a backfill of flagged readings": repeated(b"[", cold, b"]", most=4900),
        "a backfill of texts for times": repeated(
            b"[", b'{"ts":"%s","readings":{"leak":1}}' % TEXT_NOW.encode(), b"]", most=4900
        ),
        "a backfill of unreadable elements": repeated(b"[" + timed + b",", untimed, b"]", most=6000),
        "a backfill of nothing": repeated(b"[" + timed + b",", b"{}", b"]", most=9900),
        "a backfill of numbers": repeated(b"[" + timed + b",", b"1", b"]", most=19_900),
        "a backfill of unknown quantities": repeated(
            b"[", b'{"ts":%d,"readings":{%s}}' % (NOW_MS, b",".join(b'"x%d":1' % n for n in range(900))), b"]", most=20
        ),
        "a backfill of everything out of range": repeated(
            b"[", b'{"ts":%d,"readings":%s}' % (NOW_MS, as_json(wide)), b"]"
        ),
        "a backfill of empty readings": repeated(b"[", b'{"readings":{}}', b"]", most=6600),
        "a link record of everything": as_json({"readings": {"leak": 1}, "link": unknown(18_000)}),
        "a backfill of link records": repeated(
            b"[", b'{"readings":{},"link":{"nr":{"a":1},"halow":{"b":1},"lte":{},"rtt_ms":{"avg":1}}}', b"]", most=1400
        ),
    }
