"""The transmitters of a project at 920 MHz, with their months and the limit of their regime."""

from dataclasses import dataclass
from functools import partial

from ingest.figures.report.radio import (
    ReportAirtime,
    ReportRadio,
    ReportSliding,
    report_airtime,
    report_radios,
    report_sliding,
)
from ingest.report.source.airtime_verdict import Verdict, judge
from ingest.report.source.base import Asked
from ingest.report.source.body import keep
from ingest.report.source.proof import evidence_of
from schemas.airtime import RegimeLimit, airtime_limits
from schemas.bilingual import Bilingual
from schemas.device import NetworkKind
from schemas.report_document import Evidence

NO_REGIME = Bilingual("台帳に送信時間の区分がありません", "the registry says no airtime regime")
OLD_REGIME = Bilingual(
    "移設・変更の前の方式です(台帳にあるのは今の区分だけです)",
    "its technology before a change: the registry has only the regime of now",
)
NOT_TIMED = Bilingual(
    "送信時間の分かるメッセージがありません(拡散率・帯域幅・データ長も、機器の申告もありません)",
    "no message tells its time on the air: neither spreading factor, bandwidth and size nor a time of the device",
)
NOT_WATCHED = Bilingual(
    "送信時間の監視が動いていなかったか、送信時間が分かりません",
    "the watch of transmitting time did not run, or the time on the air is not known",
)
NOTHING_CAME = Bilingual(
    "受信がありません(送信がなかったのか、この方式・事業にまだなかったのか、届かなかったのか区別できません)",
    "nothing was received: it did not send, was not there, or was not heard",
)


@dataclass(frozen=True, slots=True)
class Transmitter:
    """A device with one of its technologies, and its months in order; `limit` None: no regime is said.

    `sliding`: the most within any 60 minutes of each month; only of the technology it has now.
    """

    radio: ReportRadio
    months: tuple[ReportAirtime, ...]
    limit: RegimeLimit | None
    sliding: tuple[ReportSliding, ...] = ()

    @property
    def key(self) -> str:
        """Of its row: a device that changed its technology has two."""
        return f"{self.radio.device}.{self.radio.technology}"

    @property
    def counted(self) -> bool:
        """Whether every month with data has a counter."""
        return all(month.lost is not None for month in self.months)

    @property
    def verdict(self) -> Verdict | None:
        """How it stands to its limit; None where that cannot be told."""
        return judge(self.limit, self.months, self.sliding)

    @property
    def most_s(self) -> float | None:
        """The most within an hour that is known: of clock hours, and of any 60 minutes where the watch looked."""
        clock = [month.worst_s for month in self.months if month.worst_s is not None]
        return max([*clock, *(each.seconds for each in self.sliding)], default=None)

    @property
    def why_unknown(self) -> Bilingual:
        """Why there is no verdict."""
        if self.limit is None:
            return NO_REGIME if self.radio.latest else OLD_REGIME
        return NOT_TIMED if self.months else NOTHING_CAME


@dataclass(frozen=True, slots=True)
class _Read:
    """The transmitters, and how many rows the two figures answered."""

    transmitters: list[Transmitter]
    airtime_rows: int
    radio_rows: int
    sliding_rows: int


def transmitters_of(asked: Asked) -> list[Transmitter]:
    """Every device that sends at 920 MHz: by its technology, or because the registry says a regime of it."""
    return _read_once(asked).transmitters


def _read_once(asked: Asked) -> _Read:
    return keep(asked, "transmitters", partial(_read, asked))


def _read(asked: Asked) -> _Read:
    days = (asked.first_day, asked.until_day)
    limits = airtime_limits()
    months: dict[tuple[str, str], list[ReportAirtime]] = {}
    rows = report_airtime(asked.connection, asked.project.code, *days, asked.now)
    for row in rows:
        months.setdefault((row.device, row.technology), []).append(row)
    radios = report_radios(asked.connection, asked.project.code, *days, asked.now)
    sliding: dict[str, list[ReportSliding]] = {}
    watched = report_sliding(asked.connection, asked.project.code, *days, asked.now)
    for each_month in watched:
        sliding.setdefault(each_month.device, []).append(each_month)
    found = [
        Transmitter(
            each,
            tuple(months.get((each.device, each.technology), ())),
            limits.of(each.airtime_regime),
            tuple(sliding.get(each.device, ())) if each.latest else (),
        )
        for each in radios
        if NetworkKind(each.technology) in limits.technologies or each.airtime_regime is not None
    ]
    return _Read(found, len(rows), len(radios), len(watched))


def _proof(asked: Asked, name: str, figure: str, rows: int) -> Evidence:
    return evidence_of(
        asked, name, figure, rows, project_code=asked.project.code, first_day=asked.first_day,
        until_day=asked.until_day, now_=asked.now,
    )  # fmt: skip


def proofs_of(asked: Asked) -> tuple[Evidence, Evidence, Evidence]:
    """The evidence of what was sent, of what the registry says, and of the 60 minutes that slide."""
    found = _read_once(asked)
    return (
        _proof(asked, "airtime", "figure_report_airtime", found.airtime_rows),
        _proof(asked, "radio", "figure_report_radio", found.radio_rows),
        _proof(asked, "sliding", "figure_airtime_sliding", found.sliding_rows),
    )
