"""Attacks in bytes: byte layouts and Cayenne LPP."""

from tests.fuzz.attacks.tools import LARGEST


def of_bytes() -> dict[str, tuple[str, bytes]]:
    triples = b"\x01\x67\x00\x00" * 65_536
    return {
        f"{what} for {name}": (f"bytes/{name}/1", data)
        for name in ("cayenne", "layout", "deep-layout", "tags")
        for what, data in (
            ("noughts", bytes(LARGEST)),
            ("all ones", b"\xff" * LARGEST),
            ("temperatures", triples),
            ("channels", b"".join(bytes((n % 256, 103, 0, n // 256)) for n in range(65_536))),
            ("polylines", b"\x01\xf0\x01" * 87_000),
            ("batteries", b"\x01\x75\x64" * 87_000),
            ("unknown tags", b"\x09\x09\x01" * 87_000),
            ("noughts of 3 kB", bytes(3000)),
            ("2,900 temperatures", triples[: 4 * 2900]),
        )
    }
