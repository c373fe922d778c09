"""Reads frames by a byte layout. Each layout is compiled to functions once, because frames come far more often."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from ingest.decode.common.limits import check_parts
from ingest.decode.frame import bytefield
from ingest.decode.frame.bytefield import Ended, Read
from ingest.decode.frame.piece import Piece
from ingest.errors import Undecodable
from schemas.layout import INTEGERS, Block, ByteField, Endian, Frame, Item, Tags, When
from schemas.profile import Profile
from schemas.rejection import RejectionReason

_Holds: TypeAlias = Callable[[bytes], bool]

_REMEMBERED = 512


class _Frame(NamedTuple):
    ports: frozenset[int]
    starts_with: bytes
    lengths: frozenset[int]
    holds: _Holds
    read: Read
    to_the_end: bool


def pieces(profile: Profile, frame: bytes, port: int | None) -> list[Piece]:
    """The pieces of a frame, in its order.

    A frame that breaks off gives what came before, and a refused piece that says where it broke.
    Raises Undecodable if the profile knows no such frame, or nothing at all can be read.
    """
    for layout in _compiled(profile):
        if (
            (not layout.ports or port in layout.ports)
            and frame.startswith(layout.starts_with)
            and (not layout.lengths or len(frame) in layout.lengths)
            and layout.holds(frame)
        ):
            return _read(layout, frame)
    where = "" if port is None else f" on port {port}"
    raise Undecodable(
        RejectionReason.NOT_DECODED, f"the profile {profile.code} has no layout for {len(frame)} bytes{where}"
    )


def _read(layout: _Frame, frame: bytes) -> list[Piece]:
    found: list[Piece] = []
    try:
        layout.read(frame, 0, 0, len(frame), found)
    except Ended as end:
        if not found:
            raise Undecodable(RejectionReason.WRONG_SHAPE, str(end)) from None
        found.append(
            Piece(end.name, None, at=end.at, size=len(frame) - end.at, raw=frame[end.at :].hex(), refused=end.reason,
                  detail=str(end))
        )  # fmt: skip
        return found
    behind = max((piece.at + piece.size for piece in found), default=0)
    if layout.to_the_end and behind < len(frame):
        found.append(
            Piece("rest", None, at=behind, size=len(frame) - behind, raw=frame[behind:].hex(),
                  refused=RejectionReason.UNKNOWN_QUANTITY,
                  detail="no field of the layout reads these bytes; a profile that needs none of them ignores `rest`")
        )  # fmt: skip
    return found


_compiled_by_id: dict[int, tuple[Profile, tuple[_Frame, ...]]] = {}


def _compiled(profile: Profile) -> tuple[_Frame, ...]:
    """The layouts of a profile, compiled at their first use."""
    cached = _compiled_by_id.get(id(profile))
    if cached is not None and cached[0] is profile:
        return cached[1]
    if len(_compiled_by_id) >= _REMEMBERED:  # profiles of former registries
        _compiled_by_id.clear()
    frames = tuple(_frame(frame) for frame in profile.frames)
    _compiled_by_id[id(profile)] = (profile, frames)
    return frames


def _frame(frame: Frame) -> _Frame:
    steps = _items(frame.fields, frame.endian)
    if frame.tags is not None:
        steps = _in_order((steps, _tagged(frame.tags, frame.endian)))
    return _Frame(
        frame.ports,
        bytes.fromhex(frame.starts_with),
        frame.lengths,
        _condition(frame.when, frame.endian),
        steps,
        to_the_end=bool(frame.fields) and frame.tags is None,
    )


def _items(items: Sequence[Item], endian: Endian) -> Read:
    return _in_order(tuple(_item(item, endian) for item in items))


def _item(item: ByteField | Block, endian: Endian) -> Read:
    return bytefield.reader(item, endian) if isinstance(item, ByteField) else _block(item, endian)


def _in_order(steps: Sequence[Read]) -> Read:
    def read(frame: bytes, at: int, origin: int, end: int, found: list[Piece]) -> int:
        for step in steps:
            at = step(frame, at, origin, end, found)
        return at

    return read


def _block(block: Block, endian: Endian) -> Read:
    inner, holds = _items(block.fields, endian), _condition(block.when, endian)
    if block.repeat is not None:
        inner = _repeated(block, inner)
    elif block.size is not None:
        inner = _padded(inner, block.size)

    def read(frame: bytes, at: int, origin: int, end: int, found: list[Piece]) -> int:
        return inner(frame, at, origin, end, found) if holds(frame) else at

    return read


def _padded(inner: Read, size: int) -> Read:
    def read(frame: bytes, at: int, _: int, end: int, found: list[Piece]) -> int:
        inner(frame, at, at, end, found)
        return at + size

    return read


def _repeated(block: Block, inner: Read) -> Read:
    every_s, size = block.every_s, block.size

    def read(frame: bytes, at: int, _: int, end: int, found: list[Piece]) -> int:
        groups: list[list[Piece]] = []
        count = len(found)
        while at < end if block.repeat == "rest" else len(groups) < block.repeat:  # type: ignore[operator]
            group: list[Piece] = []
            behind = inner(frame, at, at, end, group)
            groups.append(group)
            count += len(group)
            check_parts(max(count, len(groups)), what="values")
            if behind <= at:
                break
            at = behind if size is None else at + size
        for number, group in enumerate(groups, start=1):
            if every_s is None:
                found.extend(piece._replace(name=f"{piece.name}_{number}") for piece in group)
            else:
                steps = number - 1 if block.newest == "first" else len(groups) - number
                found.extend(piece._replace(age_s=steps * every_s) for piece in group)
        return at

    return read


def _tagged(tags: Tags, endian: Endian) -> Read:
    table = {tag: _items(items, endian) for tag, items in tags.expanded()}

    def read(frame: bytes, at: int, _: int, end: int, found: list[Piece]) -> int:
        end -= tags.trailer
        while at < end:
            check_parts(len(found), what="values")
            tag, start = frame[at : at + tags.size], at + tags.size + tags.length_bytes
            if start > end:
                raise Ended("tag", at, "the frame ends inside a tag")
            behind = _behind(frame, tags, start, endian)
            read_items = table.get(tag)
            if read_items is not None:
                after = read_items(frame, start, start, end if behind is None else min(behind, end), found)
                at = after if behind is None else behind
            elif behind is None:
                raise Ended(
                    f"tag {tag.hex()}", at, f"the profile does not know the tag {tag.hex()} at byte {at}: "
                    "the rest of the frame cannot be read", RejectionReason.UNKNOWN_QUANTITY,
                )  # fmt: skip
            else:
                found.append(_unknown(frame, tag, at, min(behind, end)))
                at = behind
        return at

    return read


def _behind(frame: bytes, tags: Tags, start: int, endian: Endian) -> int | None:
    """The byte behind a record, by the length it carries; None if the format has no length."""
    if not tags.length_bytes:
        return None
    return start + int.from_bytes(frame[start - tags.length_bytes : start], endian)


def _unknown(frame: bytes, tag: bytes, at: int, end: int) -> Piece:
    return Piece(
        f"tag {tag.hex()}", None, at=at, size=end - at, raw=frame[at:end].hex(),
        refused=RejectionReason.UNKNOWN_QUANTITY, detail="the profile does not know this tag",
    )  # fmt: skip


def _condition(when: When | None, endian: Endian) -> _Holds:
    """The function that tells whether a condition holds. It does not if its bytes are beyond the frame."""
    if when is None:
        return lambda _: True
    start, order = when.at, when.endian or endian
    end, signed = start + INTEGERS[when.type], when.type.startswith("i")
    mask = when.mask if when.bit is None else 1 << when.bit
    wanted: Mapping[int, None] | None = dict.fromkeys(when.one_of) if when.bit is None else None

    def holds(frame: bytes) -> bool:
        if len(frame) < end:
            return False
        number = int.from_bytes(frame[start:end], order, signed=signed)
        if mask is not None:
            number &= mask
        return number != 0 if wanted is None else number in wanted

    return holds
