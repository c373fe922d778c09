"""How the files of a report are written, where there is a choice."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from schemas.bilingual import Bilingual


class Paper(StrEnum):
    """The paper of the wide tables of a workbook. The names are arguments of a command; they never change."""

    A4 = "A4"
    A3 = "A3"

    @property
    def label(self) -> Bilingual:
        """What it means, for people."""
        return _PAPERS[self]


class Times(StrEnum):
    """How days and times are written in CSV. The names are arguments of a command; they never change.

    `iso`: 2026-11-30 and 2026-11-30T14:05:00+09:00. `excel`: 2026/11/30 and 2026/11/30 14:05:00, Japanese time, which
    Excel takes for days and times.
    """

    ISO = "iso"
    EXCEL = "excel"

    @property
    def label(self) -> Bilingual:
        """What it means, for people."""
        return _TIMES[self]


_PAPERS = {
    Paper.A4: Bilingual("A4(広い表は分ける)", "A4 (wide tables are split)"),
    Paper.A3: Bilingual("広い表は A3", "A3 for wide tables"),
}
_TIMES = {
    Times.ISO: Bilingual("2026-11-30T14:05:00+09:00(ISO 8601)", "2026-11-30T14:05:00+09:00 (ISO 8601)"),
    Times.EXCEL: Bilingual("2026/11/30 14:05:00(Excel が日時と読む)", "2026/11/30 14:05:00 (a time for Excel)"),
}


@dataclass(frozen=True, slots=True)
class FormOptions:
    """The paper of the wide tables of the workbook, and the times of the CSV."""

    paper: Paper = Paper.A4
    times: Times = Times.ISO

    @property
    def kept(self) -> dict[str, str]:
        """As the database has them."""
        return {"paper": self.paper.value, "times": self.times.value}


PLAIN = FormOptions()


def options_of(kept: Mapping[str, Any]) -> FormOptions:
    """What the database has, as options; what is absent is as usual."""
    return FormOptions(Paper(kept.get("paper", Paper.A4)), Times(kept.get("times", Times.ISO)))
