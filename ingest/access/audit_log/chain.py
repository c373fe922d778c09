"""The chain of hashes: recomputed here from the rows alone, and never by the function of the database that wrote it."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from ingest.access.audit_log.entry import Anchor, AuditEntry
from schemas.bilingual import Bilingual
from schemas.japan import to_us

FIRST_HASH = bytes(32)
"""What stands before entry 1."""

SURELY_KEPT = timedelta(days=364)
"""audit_forget deletes nothing of the last year; a day less, because two clocks may differ."""


class Wrong(StrEnum):
    """What can be wrong with a log."""

    CHANGED = "changed"
    """The text of an entry is not what its hash is of."""
    HASH_CHANGED = "hash_changed"
    """The text of an entry is as it was, by the entry after it; its hash is not."""
    MISSING = "missing"
    """Numbers are left out."""
    NOT_JOINED = "not_joined"
    """An entry names another hash than the entry before it has."""
    ANCHOR = "anchor"
    """What is noted about the beginning of the chain does not fit."""
    NOT_AS_NOTED = "not_as_noted"
    """An entry has another hash than somebody noted elsewhere, or is gone."""


class Fault(NamedTuple):
    """One thing that is wrong, and with which entry: the first, where it is about several."""

    wrong: Wrong
    entry_id: int
    said: Bilingual


class Link(NamedTuple):
    """Number and hash of an entry."""

    entry_id: int
    hash: bytes

    def __str__(self) -> str:
        """As people note it, and as `Link.read` reads it."""
        return f"{self.entry_id}:{self.hash.hex()}"

    @classmethod
    def read(cls, text: str) -> "Link":
        """The link that somebody noted, ENTRY:HASH. Raises ValueError for another text."""
        number, _, digits = text.strip().partition(":")
        hash_ = bytes.fromhex(digits)
        if not (number.isascii() and number.isdigit()) or len(hash_) != len(FIRST_HASH):
            raise ValueError(text)
        return cls(int(number), hash_)


@dataclass(slots=True)
class Verification:
    """What a walk along the chain came to: complete when all of `faults_of` was consumed."""

    last: Link | None = None
    entries: int = 0


def entry_text(entry: AuditEntry) -> str:
    """The text that the hash of an entry is of: a JSON array, as PostgreSQL writes a jsonb."""
    values = [
        entry.entry_id, to_us(entry.at), entry.actor, entry.department, entry.organisation, entry.project,
        entry.action, entry.subject, entry.before, entry.after, entry.previous.hex(),
    ]  # fmt: skip
    return json.dumps(values, ensure_ascii=False, separators=(", ", ": "))


def entry_hash(entry: AuditEntry) -> bytes:
    """The hash that an entry with this content and this hash before it must have."""
    return hashlib.sha256(entry_text(entry).encode()).digest()


def faults_of(
    anchor: Anchor | None, entries: Iterable[AuditEntry], now: datetime, noted: Iterable[Link], found: Verification
) -> Iterator[Fault]:
    """Everything that is wrong with a log, in the order of its entries, one entry in memory at a time.

    `entries`: all of them, by number. `noted`: links that somebody wrote down elsewhere. `found` is filled on the way.
    """
    wanted = {link.entry_id: link.hash for link in noted}
    yield from _of_anchor(anchor, now)
    begins = Link(0, FIRST_HASH) if anchor is None else Link(anchor.entry_id, anchor.hash)
    before = begins
    if begins.entry_id in wanted:
        yield from _compared(begins, wanted.pop(begins.entry_id))
    suspect: tuple[int, bytes] | None = None  # a wrong entry, and the hash that its text has
    for entry in entries:
        if suspect is not None:
            yield _changed(*suspect, entry)
        yield from _joined(before, begins, entry, known=anchor is not None, changed=suspect)
        right = entry_hash(entry)
        suspect = None if right == entry.hash else (entry.entry_id, right)
        before = Link(entry.entry_id, entry.hash)
        found.entries += 1
        if entry.entry_id in wanted:
            yield from _compared(before, wanted.pop(entry.entry_id))
    if suspect is not None:
        yield _changed(*suspect, None)
    for entry_id in sorted(wanted):
        yield _not_there(entry_id, begins, before)
    found.last = before


def _of_anchor(anchor: Anchor | None, now: datetime) -> Iterator[Fault]:
    if anchor is None:
        said = Bilingual(
            "連鎖の始まりの記録(audit_anchor)がありません", "the beginning of the chain (audit_anchor) is gone"
        )
        yield Fault(Wrong.ANCHOR, 0, said)
    elif anchor.entry_id == 0 and anchor.hash != FIRST_HASH:
        said = Bilingual(
            "連鎖の始まりの記録(audit_anchor)が書き換えられています",
            "the beginning of the chain (audit_anchor) was changed",
        )
        yield Fault(Wrong.ANCHOR, 0, said)
    elif anchor.entry_id > 0 and (anchor.at is None or anchor.at > now - SURELY_KEPT):
        said = Bilingual(
            f"番号 {anchor.entry_id} までが削除されていますが、一年以内の記録は保存期間では消えません",
            f"entries up to {anchor.entry_id} are deleted, but retention never deletes those of the last year",
        )
        yield Fault(Wrong.ANCHOR, anchor.entry_id, said)


def _joined(
    before: Link, begins: Link, entry: AuditEntry, *, known: bool, changed: tuple[int, bytes] | None
) -> Iterator[Fault]:
    """Whether an entry follows the one before it. `known`: the beginning of the chain is on record."""
    number = entry.entry_id
    if number <= before.entry_id:  # numbers are unique and rise: only the beginning can lie behind the first entry
        said = Bilingual(
            f"番号 {number}: 連鎖の始まり(番号 {begins.entry_id} まで削除済み)より前の番号です",
            f"entry {number}: it stands before the beginning of the chain (up to {begins.entry_id} they are deleted)",
        )
        yield Fault(Wrong.ANCHOR, number, said)
    elif number > before.entry_id + 1:
        if known or before is not begins:
            yield _missing(before.entry_id + 1, number - 1)
    elif entry.previous != before.hash and not (changed is not None and changed[1] == entry.previous):
        yield _not_joined(before, begins, number)


def _missing(first: int, last: int) -> Fault:
    which = Bilingual(f"番号 {first}", f"entry {first}")
    if last > first:
        which = Bilingual(f"番号 {first} から {last} まで", f"entries {first} to {last}")
    return Fault(Wrong.MISSING, first, Bilingual(f"{which.ja}: ありません", f"{which.en}: missing"))


def _not_joined(before: Link, begins: Link, number: int) -> Fault:
    if before is begins:
        said = Bilingual(
            f"番号 {number}: 連鎖の始まりの記録(audit_anchor)と合いません",
            f"entry {number}: it does not follow the beginning of the chain (audit_anchor)",
        )
        return Fault(Wrong.ANCHOR, number, said)
    said = Bilingual(
        f"番号 {number}: 前の番号 {before.entry_id} に続いていません"
        "(どちらかが書き換えられたか、挿入されたか、入れ替えられています)",
        f"entry {number}: it does not follow entry {before.entry_id};"
        " one of the two was rewritten, inserted, or exchanged",
    )
    return Fault(Wrong.NOT_JOINED, number, said)


def _changed(number: int, right: bytes, after: AuditEntry | None) -> Fault:
    if after is not None and after.entry_id == number + 1 and after.previous == right:
        said = Bilingual(
            f"番号 {number}: ハッシュが書き換えられています(内容は元のままです)",
            f"entry {number}: its hash was changed (its text is as it was)",
        )
        return Fault(Wrong.HASH_CHANGED, number, said)
    said = Bilingual(
        f"番号 {number}: 内容がハッシュと合いません(書き換えられています)",
        f"entry {number}: its text is not what its hash is of: it was changed",
    )
    return Fault(Wrong.CHANGED, number, said)


def _compared(link: Link, noted: bytes) -> Iterator[Fault]:
    if link.hash != noted:
        said = Bilingual(
            f"番号 {link.entry_id}: 控えのハッシュと違います", f"entry {link.entry_id}: its hash is not the one noted"
        )
        yield Fault(Wrong.NOT_AS_NOTED, link.entry_id, said)


def _not_there(number: int, begins: Link, last: Link) -> Fault:
    if number > last.entry_id:
        said = Bilingual(
            f"番号 {number}: 控えにありますが、記録は番号 {last.entry_id} で終わっています(後ろが削除されています)",
            f"entry {number}: it was noted, but the log ends with entry {last.entry_id}: its end was cut off",
        )
    elif number < begins.entry_id:
        said = Bilingual(
            f"番号 {number}: 番号 {begins.entry_id} まで削除済みのため、控えと比べられません",
            f"entry {number}: it cannot be compared, entries up to {begins.entry_id} are deleted",
        )
    else:
        said = Bilingual(
            f"番号 {number}: 控えにありますが、ありません", f"entry {number}: it was noted, and is missing"
        )
    return Fault(Wrong.NOT_AS_NOTED, number, said)
