"""The ledger of airtime at 920 MHz (送信時間台帳): what each device sent, how long it was on the air, and its limit."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from ingest.figures.report.radio import ReportAirtime
from ingest.plan.check.look import to_decimal
from ingest.report.source.airtime_verdict import Verdict
from ingest.report.source.base import Asked, FieldsRead, LinesRead, RowRead, Source, TableRead
from ingest.report.source.proof import figure_cell, missing_cell
from ingest.report.source.transmitters import (
    NO_REGIME,
    NOT_TIMED,
    NOT_WATCHED,
    NOTHING_CAME,
    OLD_REGIME,
    Transmitter,
    proofs_of,
    transmitters_of,
)
from schemas.airtime import RegimeLimit, airtime_limits
from schemas.bilingual import Bilingual
from schemas.device import AirtimeRegime, NetworkKind
from schemas.japan import FiscalYear, to_jst
from schemas.report_document import Cell, Evidence

NO_HOUR = Bilingual("この区分に1時間の合計の上限はありません", "this regime has no limit of the sum of an hour")
NO_SINGLE = Bilingual("この区分に1回の上限の値がありません", "no limit of one transmission is known of this regime")
NO_MARK = Bilingual("資産の行に技適番号がありません", "its line of the ledger has no mark of technical conformity")

_T = TypeVar("_T", int, float, Decimal)


def read_ledger(asked: Asked) -> TableRead:
    """A row for each transmitter: sums of the period, its worst hour, its limit, and how it stands to it."""
    proofs = proofs_of(asked)
    rows = tuple(
        RowRead(each.key, _ledger_cells(each, proofs[0]) | _sliding_cells(each, proofs[2]))
        for each in transmitters_of(asked)
    )
    return TableRead(rows, None, proofs)


def _ledger_cells(each: Transmitter, proof: Evidence) -> dict[str, Cell]:
    radio, limit, months = each.radio, each.limit, each.months
    worst = max((month for month in months if month.worst_s is not None), key=_worst_s, default=None)
    none = NOT_TIMED if months else NOTHING_CAME
    low = not each.counted
    no_limit = NO_REGIME if radio.latest else OLD_REGIME
    hour_s = limit.hour_s if limit else None
    return {
        "device": Cell(value=radio.device), "device_name": Cell(value=radio.device_name),
        "technology": Cell(value=NetworkKind(radio.technology).label.ja),
        "network_name": Cell(value=radio.network_name),
        "technical_conformity": figure_cell(radio.technical_conformity, None, NO_MARK),
        "regime": missing_cell(no_limit) if limit is None else Cell(value=limit.code.value),
        "limit": missing_cell(no_limit) if limit is None else Cell(value=_limit_ja(limit)),
        "received": figure_cell(_sum(month.received for month in months), proof, NOTHING_CAME),
        "lost": figure_cell(_sum(_lost(months)), proof, NOTHING_CAME if not months else _NO_COUNTER),
        "sent": figure_cell(_sum(month.sent for month in months), proof, NOTHING_CAME, reference_only=low),
        "airtime_s": figure_cell(_sum(_told(months, "airtime_s")), proof, none),
        "estimated_s": figure_cell(
            _sum(_told(months, "estimated_s")), proof, none, reference_only=low or _in_part(months)
        ),
        "longest_ms": figure_cell(max(_told(months, "longest_ms"), default=None), proof, none),
        "worst_s": figure_cell(worst.worst_s if worst else None, proof, none, reference_only=low),
        "worst_hour": figure_cell(_hour_of(worst), proof, none),
        "share": _share(each.most_s, hour_s, proof, no_limit if limit is None else NO_HOUR, none, low=low),
        "basis": Cell(value=_basis(each)),
        "verdict": missing_cell(each.why_unknown) if each.verdict is None else Cell(value=each.verdict.label.ja),
    }  # fmt: skip


def _sliding_cells(each: Transmitter, proof: Evidence) -> dict[str, Cell]:
    """The most within any 60 minutes, and when these ended."""
    most = max(each.sliding, key=lambda month: month.seconds, default=None)
    return {
        "sliding_s": figure_cell(most.seconds if most else None, proof, NOT_WATCHED, reference_only=not each.counted),
        "sliding_at": figure_cell(to_jst(most.ended_at) if most else None, proof, NOT_WATCHED),
    }


_NO_COUNTER = Bilingual("通番を送らない機器です(欠落を数えられません)", "it sends no counter: losses cannot be counted")


def _share(
    most_s: float | None, hour_s: int | None, proof: Evidence, no_limit: Bilingual, none: Bilingual, *, low: bool
) -> Cell:  # fmt: skip
    """Percent of the limit of an hour that the worst 60 minutes used; never 0 for what is not known."""
    if hour_s is None:
        return missing_cell(no_limit)
    if most_s is None:
        return figure_cell(None, proof, none)
    return figure_cell(to_decimal(most_s) * 100 / hour_s, proof, reference_only=low)


def _hour_of(worst: ReportAirtime | None) -> datetime | None:
    return to_jst(worst.worst_hour) if worst and worst.worst_hour else None


def _worst_s(month: ReportAirtime) -> float:
    return month.worst_s or 0.0


def _lost(months: Iterable[ReportAirtime]) -> list[int]:
    return [month.lost for month in months if month.lost is not None]


def _told(months: Iterable[ReportAirtime], name: str) -> list[float]:
    return [value for month in months if (value := getattr(month, name)) is not None]


def _in_part(months: Iterable[ReportAirtime]) -> bool:
    return any(month.timed < month.received for month in months)


def _sum(values: Iterable[_T]) -> _T | None:
    """The sum; None of nothing, which must not look like 0."""
    found = list(values)
    return sum(found[1:], found[0]) if found else None


def _limit_ja(limit: RegimeLimit) -> str:
    """The regime with the limit that decides: of an hour, else of one transmission."""
    if limit.hour_s:
        return f"{limit.code.value} 1時間{limit.hour_s}秒"
    return f"{limit.code.value} 1回{limit.single_ms / 1000:g}秒" if limit.single_ms else limit.code.value


def _basis(each: Transmitter) -> str:
    if not each.months:
        return ""
    sent = "通番" if each.counted else "受信数"
    return f"{sent}・一部推定" if any(month.timed for month in each.months) and _in_part(each.months) else sent


Monthly = Callable[[ReportAirtime], tuple[float | int | None, bool]]
"""Of a month the value, and whether it is only a lower bound."""


def read_months(value_of: Monthly, *, summed: bool, missing: Bilingual) -> Callable[[Asked], TableRead]:
    """A reader of one value of each transmitter by month. `summed`: the last row adds up all transmitters."""

    def read(asked: Asked) -> TableRead:
        every = transmitters_of(asked)
        proof = proofs_of(asked)[0]
        begun = [month.first_day for month in FiscalYear.of(asked.first_day).months if
                 month.start < asked.period.until]  # fmt: skip
        rows = tuple(RowRead(each.key, _month_cells(each, begun, value_of, missing, proof)) for each in every)
        total = RowRead("total", _total_cells(every, begun, value_of, proof)) if summed and every else None
        return TableRead(rows, total, (proof,))

    return read


def month_code(day: date) -> str:
    """m04 to m03: the code of the column of a month."""
    return f"m{day.month:02d}"


def _month_cells(
    each: Transmitter, begun: Iterable[date], value_of: Monthly, missing: Bilingual, proof: Evidence
) -> dict[str, Cell]:  # fmt: skip
    own = {month.month: month for month in each.months}
    cells = {
        "device": Cell(value=each.radio.device), "device_name": Cell(value=each.radio.device_name),
        "technology": Cell(value=NetworkKind(each.radio.technology).label.ja),
    }  # fmt: skip
    for day in begun:
        value, low = value_of(own[day]) if day in own else (None, False)
        why = missing if day in own else NOTHING_CAME
        cells[month_code(day)] = figure_cell(value, proof, why, reference_only=low)
    return cells


def _total_cells(
    every: Iterable[Transmitter], begun: Iterable[date], value_of: Monthly, proof: Evidence
) -> dict[str, Cell]:  # fmt: skip
    months = [month for each in every for month in each.months]
    cells = {"device": Cell(value="全体")}
    for day in begun:
        found = [value_of(month) for month in months if month.month == day]
        value = _sum([to_decimal(value) for value, _ in found if value is not None])
        low = any(bound or value is None for value, bound in found)
        cells[month_code(day)] = figure_cell(value, proof, NOTHING_CAME, reference_only=low)
    return cells


def _sent(month: ReportAirtime) -> tuple[int, bool]:
    return month.sent, month.lost is None


def _seconds(month: ReportAirtime) -> tuple[float | None, bool]:
    return month.estimated_s, month.lost is None or month.timed < month.received


def _worst(month: ReportAirtime) -> tuple[float | None, bool]:
    return month.worst_s, month.lost is None


_OF_REGISTRY = ("transmitters", "no_regime")


def read_summary(asked: Asked) -> FieldsRead:
    """How many transmitters there are, of how many the limit is known, and how they stand to it."""
    every = transmitters_of(asked)
    proofs = proofs_of(asked)
    verdicts = [each.verdict for each in every]
    counts = {
        "transmitters": len(every), "no_regime": sum(1 for each in every if each.limit is None),
        "not_timed": sum(1 for each in every if not any(month.timed for month in each.months)),
        "no_counter": sum(1 for each in every if each.months and not each.counted),
        "unknown": verdicts.count(None),
        "exceeded": sum(1 for each in verdicts if each in _EXCEEDED),
        "perhaps": verdicts.count(Verdict.PERHAPS),
        "within": sum(1 for each in verdicts if each in _WITHIN),
        "within_partly": sum(1 for each in verdicts if each in _WITHIN_PARTLY),
    }  # fmt: skip
    cells = {name: figure_cell(value, proofs[1 if name in _OF_REGISTRY else 0]) for name, value in counts.items()}
    return FieldsRead(cells, proofs)


_EXCEEDED = (Verdict.EXCEEDED, Verdict.EXCEEDED_ONE)
_WITHIN = (Verdict.WITHIN, Verdict.NEAR)
_WITHIN_PARTLY = (Verdict.WITHIN_HEARD, Verdict.WITHIN_ONE)


def read_regimes(_asked: Asked) -> TableRead:
    """The limits of every regime, with their source, and whether anybody compared them with the standard."""
    rows = tuple(RowRead(limit.code.value, {
        "regime": Cell(value=AirtimeRegime(limit.code).label.ja), "band": Cell(value=limit.band),
        "sensing": Cell(value=limit.sensing), "hour_s": figure_cell(limit.hour_s, None, NO_HOUR),
        "single_ms": figure_cell(limit.single_ms, None, NO_SINGLE),
        "source": Cell(value=limit.source), "checked": Cell(value="済" if limit.checked else "未確認"),
        "note": Cell(value=limit.note),
    }) for limit in airtime_limits().regimes)  # fmt: skip
    return TableRead(rows)


def read_standard(_asked: Asked) -> LinesRead:
    """Of which edition of the standard the limits are."""
    limits = airtime_limits()
    lines = [f"上限の値: {limits.standard} {limits.edition}による({limits.page})。"]
    if not all(each.checked for each in limits.regimes):
        lines.append(
            "原本と照合していない値があります(「照合」が未確認の区分)。適合の証明に使う前に、原本で確かめてください。"
        )
    return LinesRead(tuple(lines))


_NAMED: Mapping[str, str] = {"device": "機器コード", "device_name": "機器名", "technology": "通信方式"}
_MONTHS: Mapping[str, str] = {**_NAMED, **{f"m{month:02d}": f"{month}月" for month in (*range(4, 13), 1, 2, 3)}}
AIRTIME: tuple[Source, ...] = (
    Source("airtime_summary", "fields", read_summary, {
        "transmitters": "920MHz帯の機器", "no_regime": "区分の分からない機器", "not_timed": "送信時間の分からない機器",
        "no_counter": "通番のない機器", "unknown": "判定できない機器", "exceeded": "超過", "perhaps": "超過の可能性",
        "within": "制限内", "within_partly": "受信分または平均では制限内",
    }),
    Source("airtime_ledger", "table", read_ledger, {**_NAMED,
        "network_name": "通信網", "technical_conformity": "技適番号", "regime": "区分", "limit": "上限",
        "received": "受信数", "lost": "欠落(通番)", "sent": "送信回数", "airtime_s": "受信分の送信時間(秒)",
        "estimated_s": "送信時間(推定、秒)", "longest_ms": "1回の最大(1時間平均、ms)",
        "sliding_s": "任意の60分の最大(秒)", "sliding_at": "任意の60分の最大の終わり",
        "worst_s": "最大の1時間(秒)", "worst_hour": "最大の1時間の始まり", "share": "上限に対する割合(%)",
        "basis": "算出", "verdict": "判定",
    }),
    Source("airtime_sent", "table", read_months(_sent, summed=True, missing=NOTHING_CAME), _MONTHS),
    Source("airtime_seconds", "table", read_months(_seconds, summed=True, missing=NOT_TIMED), _MONTHS),
    Source("airtime_worst", "table", read_months(_worst, summed=False, missing=NOT_TIMED), _MONTHS),
    Source("airtime_regimes", "table", read_regimes, {
        "regime": "区分", "band": "周波数", "sensing": "送信前の確認", "hour_s": "1時間の上限(秒)",
        "single_ms": "1回の上限(ms)", "source": "出典", "checked": "原本との照合", "note": "備考",
    }),
    Source("airtime_standard", "lines", read_standard),
)  # fmt: skip
