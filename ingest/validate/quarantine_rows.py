"""Refused parts of a message that is stored otherwise -> rows of the quarantine: the first ones, and how many more.

A row costs memory here and in the database; a message can be made of nothing else. So its first parts get a row each,
and the others share one row for each reason, which says how many they are. The bytes of the message stand in the first
row, so a replay checks them all.

A row for several has no name; its value is {"more": how many}, which the figures know (`figure_quarantine_parts`), and
a hand-over carries without knowing.
"""

from collections.abc import Sequence

from ingest.decode.common.names import short
from ingest.rows import Origin, QuarantineRow, to_json
from schemas.rejection import RejectionReason
from schemas.uplink import Refused

MORE = "more"

KEPT = 64
"""Refused parts of one message that have a row of their own."""

_LONGEST_DETAIL = 500
_LONGEST_VALUE_BYTES = 4_000
_SHOWN = 1_000


def parts(refused: Sequence[Refused], of: Origin) -> list[QuarantineRow]:
    """Rows for the refused parts, in their order. Together they stand for all parts, however many those are."""
    rows = [_row(of, number, one, 1) for number, one in enumerate(refused[:KEPT], start=1)]
    if len(refused) > KEPT:
        rows += _others(refused[KEPT:], of)
    return rows


def _others(refused: Sequence[Refused], of: Origin) -> list[QuarantineRow]:
    """One row for each reason. A part that is alone with its reason has a row like the first ones."""
    firsts: dict[RejectionReason, Refused] = {}
    counts: dict[RejectionReason, int] = {}
    for one in refused:
        reason = one[0]
        firsts.setdefault(reason, one)
        counts[reason] = counts.get(reason, 0) + 1
    return [_row(of, number, firsts[reason], counts[reason]) for number, reason in enumerate(firsts, start=KEPT + 1)]


def _row(of: Origin, number: int, refused: Refused, count: int) -> QuarantineRow:
    alone = count == 1
    name = short(refused.part)
    detail = refused.detail if alone else f"and {count} more; the first of them is {name}: {refused.detail}"
    value = fragment(refused.value) if alone else to_json({MORE: count})
    return QuarantineRow.of_part(of, number, refused.reason, cut(detail), name if alone else None, value, count)


def cut(text: str, longest: int = _LONGEST_DETAIL) -> str:
    """The text, or the beginning of a longer one."""
    return text if len(text) <= longest else f"{text[:longest]}…"


def fragment(value: object) -> bytes:
    """A refused value as JSON; of a long one the beginning of that JSON as a text: the message is kept whole."""
    if isinstance(value, str) and len(value) > _LONGEST_VALUE_BYTES:
        return to_json(cut(value, _SHOWN))
    text = to_json(value)
    if len(text) <= _LONGEST_VALUE_BYTES:
        return text
    return to_json(cut(text[: 4 * _SHOWN].decode("utf-8", "replace"), _SHOWN))
