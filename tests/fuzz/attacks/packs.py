"""Attacks in SenML, in JSON and in CBOR."""

import cbor2

from tests.fuzz.attacks.tools import (
    as_json,
    grown,
    repeated,
    unknown,
)


def of_senml() -> dict[str, bytes]:
    small = b'{"n":"a","v":1}'
    return {
        "a pack of unknown names": repeated(b"[", small, b"]", most=6600),
        "a pack of different names": b"[" + b",".join(b'{"n":"x%d","v":1.5}' % n for n in range(6000)) + b"]",
        "2,900 unknown names": b"[" + b",".join(b'{"n":"x%d","v":1.5}' % n for n in range(2900)) + b"]",
        "2,900 whole numbers": repeated(b"[", small, b"]", most=2900),
        "2,900 words": repeated(b"[", b'{"n":"leak","vs":"x"}', b"]", most=2900),
        "1,400 sums": repeated(b'[{"bs":1},', b'{"n":"a","v":1}', b"]", most=1400),
        "2,900 times": b"["
        + b",".join(b'{"n":"air_temperature","u":"Cel","v":1.5,"t":-%d}' % n for n in range(2900))
        + b"]",
        "2,900 times that are too old": repeated(
            b"[", b'{"n":"air_temperature","v":1.5,"bt":1000000000}', b"]", most=2900
        ),
        "a record of all labels in CBOR": grown(b"\x81\xbf", lambda n: cbor2.dumps(n + 30) + b"\xa0", tail=b"\xff"),
        "an endless array of maps": b"\x9f" + b"\xa0" * 262_000 + b"\xff",
        "19,000 maps": b"\x9f" + b"\xa0" * 19_000 + b"\xff",
        "2,900 maps of maps": b"\x99\x0b\x54" + b"\xa1\x00\xa1\x00\xa1\x00\xa0" * 2900,
        "2,900 decimal fractions": b"\x99\x0b\x54" + b"\xa2\x00\x61a\x02\xc4\x82\x1a\x00\x0f\x42\x3f\x01" * 2900,
        "a pack of bases": repeated(b"[", b'{"bn":"b","n":"leak","vb":true}', b"]", most=4900),
        "a long base name": b'[{"bn":"' + b"x" * 199 + b'"},' + b",".join([b'{"n":"a","v":1}'] * 6000) + b"]",
        "a base name for ever": b'[{"bn":"' + b"x" * 150_000 + b'"},' + b",".join([b'{"n":"a","v":1}'] * 6000) + b"]",
        "a base unit for ever": b'[{"bu":"' + b"x" * 150_000 + b'"},' + b",".join([b'{"n":"a","v":1}'] * 6000) + b"]",
        "sums": repeated(b'[{"bs":1},', b'{"n":"a","v":1}', b"]", most=6600),
        "times": repeated(b"[", b'{"n":"leak","v":1.5,"t":-%d}' % 1000, b"]", most=4900),
        "a pack of one quantity": repeated(b"[", b'{"n":"air_temperature","u":"Cel","v":1.5}', b"]", most=4900),
        "data": repeated(b"[", b'{"n":"a","vd":"AAAA"}', b"]", most=6600),
        "data for ever": b'[{"n":"a","vd":"' + b"A" * 262_000 + b'"}]',
        "words": b'[{"n":"leak","vs":"' + b" " * 262_000 + b'x"}]',
        "labels": as_json([{"n": "a", "v": 1} | unknown(18_000)]),
        "a pack in CBOR": cbor2.dumps([{0: "a", 2: 1}] * 19_000),
        "a pack of different names in CBOR": cbor2.dumps([{0: f"{n:x}", 2: 1} for n in range(20_000)]),
        "a pack of numbers in CBOR": cbor2.dumps([{0: "air_temperature", 2: 1.5}] * 9000),
        "nesting in CBOR": b"\x81" * 262_144,
        "maps in CBOR": b"\xa1\x00" * 131_000,
        "indefinite arrays in CBOR": b"\x9f" * 262_144,
        "an array that claims to be long": b"\x9a\xff\xff\xff\xff" + b"\x00" * 200,
        "a map that claims to be long": b"\xbb\x7f\xff\xff\xff\xff\xff\xff\xff" + b"\x00" * 200,
        "a text that claims to be long": b"\x81\x7b\x7f\xff\xff\xff\xff\xff\xff\xff",
        "a large integer in CBOR": b"\x81\xa2\x00\x61a\x02\xc2\x5a\x00\x03\x00\x00" + b"\xff" * 196_608,
        "small large integers": b"\x81\xa2\x00\x61a\x02\xc2\x59\x03\x80" + b"\xff" * 896,
        "a decimal fraction with a large exponent": b"\x81\xa2\x00\x61a\x02\xc4\x82\x1a\x3b\x9a\xca\x00\x01",
        "a large binary exponent": b"\x81\xa2\x00\x61a\x02\xc5\x82\x1a\x3b\x9a\xca\x00\x01",
        "a negative binary exponent": b"\x81\xa2\x00\x61a\x02\xc5\x82\x3a\x3b\x9a\xca\x00\x01",
        "decimal fractions": b"\x99\x4e\x00" + b"\xa2\x00\x61a\x02\xc4\x82\x1a\x00\x0f\x42\x3f\x01" * 19_968,
        "small integers in CBOR": b"\x9a\x00\x03\xff\xf0" + b"\x00" * 262_128,
        "texts in pieces in CBOR": b"\x81\xa1\x00\x7f" + b"\x60" * 262_000 + b"\xff",
        "shared values in CBOR": b"\x82\xd8\x1c\x81\x00\xd8\x1d\x00",
        "tags in CBOR": b"\xc6" * 262_144,
        "tags with long numbers": b"\xd9\xff\xff" * 87_000,
    }
