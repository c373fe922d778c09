"""Why an empty list of the watch, or an absent state, does not mean that nothing is the matter."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from schemas.bilingual import Bilingual


class Reason(StrEnum):
    """The closed list of reasons, the gravest first."""

    INTAKE = "intake"
    STOPPED = "stopped"
    LATE = "late"
    FAILS = "fails"
    UNREAD = "unread"
    NONE = "none"

    @property
    def text(self) -> Bilingual:
        """What people read."""
        return _TEXTS[self]


_TEXTS = {
    Reason.INTAKE: Bilingual(
        "取込みが止まっています。いまの状態は分かりません", "Nothing is taken in: how things are now is not known"
    ),
    Reason.STOPPED: Bilingual(
        "監視が止まっています。基準に届いても、ここには出ません",
        "The watch has stopped: what reaches a stage does not appear here",
    ),
    Reason.LATE: Bilingual(
        "監視が遅れています。いまの状態はここにあるものと違うことがあります",
        "The watch is behind: the present state may differ from what is here",
    ),
    Reason.FAILS: Bilingual(
        "監視の一部が働いていません。ここにないことがあります", "Parts of the watch do not work: there may be more"
    ),
    Reason.UNREAD: Bilingual(
        "監視計画の一部を読めません。読めない規則によるものは、ここに出ません",
        "Part of the watch document cannot be read: what the rules there are about does not appear here",
    ),
    Reason.NONE: Bilingual(
        "監視するものがありません。だれも見張っていません", "Nothing is to be watched: nobody looks"
    ),
}


class Problem(NamedTuple):
    """One problem. `places`: of the watch document, where it cannot be read."""

    reason: Reason
    places: tuple[str, ...] = ()

    @property
    def text(self) -> Bilingual:
        """What people read."""
        return self.reason.text

    @property
    def said(self) -> Bilingual:
        """The same, with the places."""
        where = ", ".join(self.places)
        return Bilingual(f"{self.text.ja}: {where}", f"{self.text.en}: {where}") if where else self.text


def problems_of(state: str, *, intake: bool, fails: bool, places: Sequence[str]) -> list[Problem]:
    """The problems of now, the gravest first. `state`: of `figure_watch_health`. `intake`: nothing is taken in.

    `fails`: parts of the watch do not work. `places`: what cannot be read in the document.
    """
    found = [Problem(Reason.INTAKE)] if intake else []
    if state in (Reason.STOPPED, Reason.LATE):
        found.append(Problem(Reason(state)))
    if state != Reason.STOPPED and fails:
        found.append(Problem(Reason.FAILS))
    if places:
        found.append(Problem(Reason.UNREAD, tuple(places)))
    if state == Reason.NONE:
        found.append(Problem(Reason.NONE))
    return found
