"""Bytes that are nearly a good message: what a bug of a device, or a bad line, makes of one."""

from collections.abc import Callable, Sequence
from random import Random

_TELLING = (b"\x00", b"\x01", b"\x7f", b"\x80", b"\xff", b"\xff" * 9 + b"\x01", b"\x80" * 10, b"[", b"{", b'"', b"e999")

Change = Callable[[bytearray, Random, Sequence[bytes]], None]


def mutated(seeds: Sequence[bytes], chance: Random, longest: int) -> bytes:
    """A seed after one to six changes; now and then nothing but noise."""
    if chance.random() < 0.02:
        return chance.randbytes(chance.randrange(200))
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(1, 6)):
        chance.choice(_CHANGES)(data, chance, seeds)
    return bytes(data[:longest])


def _place(data: bytearray, chance: Random) -> int:
    return chance.randrange(len(data) + 1)


def _flip_bit(data: bytearray, chance: Random, _seeds: Sequence[bytes]) -> None:
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _other_byte(data: bytearray, chance: Random, _seeds: Sequence[bytes]) -> None:
    if data:
        data[chance.randrange(len(data))] = chance.randrange(256)


def _insert(data: bytearray, chance: Random, _seeds: Sequence[bytes]) -> None:
    at = _place(data, chance)
    data[at:at] = chance.choice(_TELLING)


def _leave_out(data: bytearray, chance: Random, _seeds: Sequence[bytes]) -> None:
    at = _place(data, chance)
    del data[at : at + chance.randint(1, 12)]


def _repeat(data: bytearray, chance: Random, _seeds: Sequence[bytes]) -> None:
    at = _place(data, chance)
    data[at:at] = data[at : at + chance.randint(1, 40)]


def _cut(data: bytearray, chance: Random, _seeds: Sequence[bytes]) -> None:
    del data[_place(data, chance) :]


def _graft(data: bytearray, chance: Random, seeds: Sequence[bytes]) -> None:
    other, at = chance.choice(seeds), _place(data, chance)
    start = chance.randrange(len(other) + 1)
    data[at : at + chance.randint(0, 20)] = other[start : start + chance.randint(1, 60)]


_CHANGES: tuple[Change, ...] = (_flip_bit, _other_byte, _insert, _leave_out, _repeat, _cut, _graft)
