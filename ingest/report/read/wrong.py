"""What stands against a workbook that came back: a sentence, and of a changed cell its place, what it was and is."""

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.access.authority import ChangeRefused
from schemas.bilingual import Bilingual, joined


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something that is wrong. `cell`: the address of a changed cell, whose text `was` and `now` is; else empty."""

    said: Bilingual
    sheet: str = ""
    cell: str = ""
    was: str = ""
    now: str = ""


class WorkbookRefused(ChangeRefused):
    """A workbook of which nothing is taken over. `wrong`: everything that stands against it."""

    def __init__(self, wrong: Sequence[Wrong]) -> None:
        super().__init__(joined(each.said for each in wrong))
        self.wrong = tuple(wrong)
