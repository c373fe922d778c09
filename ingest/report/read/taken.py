"""What came of a workbook that came back, as the command and the page show it."""

from dataclasses import dataclass
from datetime import date

from schemas.bilingual import Bilingual
from schemas.report_document import ReportKind


@dataclass(frozen=True, slots=True)
class TakenText:
    """Words of one place that hold now. `before`: the words they replace, with who wrote those; empty for none.

    `label`: what people call the place; the key where the report is not kept.
    """

    key: str
    label: str
    before: str
    before_by: str
    now: str


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What came of a file. `taken`: keys of the words that are new now. `unchanged`: places that say what they said.

    `compared`: whether every cell was compared with the kept report. `notes`: what whoever sent it has to know.
    `author`: who wrote it. `texts`: the words that are new now.
    """

    kind: ReportKind
    first_day: date
    author: str
    taken: tuple[str, ...]
    texts: tuple[TakenText, ...]
    unchanged: int
    compared: bool
    notes: tuple[Bilingual, ...]

    @property
    def said(self) -> Bilingual:
        """How many words were taken over, and of which report."""
        label, count = self.kind.label, len(self.taken)
        return Bilingual(
            f"{label.ja}({self.first_day} から)に {count} か所の文を取り込みました。"
            f"変わらない記入欄は {self.unchanged} か所です",
            f"{label.en} from {self.first_day}: words of {count} places taken over,"
            f" {self.unchanged} say what they said",
        )
