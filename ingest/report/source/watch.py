"""What the watch (監視) did: how fast people were told and took it, what was wrong, every incident, the chronology."""

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from ingest.figures.watch_record import (
    OBSERVED,
    UNWATCHED,
    ChronologyRow,
    Crossings,
    IncidentLine,
    WatchSums,
    incident_list,
    watch_crossings,
    watch_sums,
    watch_uptime,
    whole_chronology,
)
from ingest.plan.check.look import DIGITS, Measured, to_decimal
from ingest.plan.check.watch import NOT_WATCHED, measure_sums, measure_uptime
from ingest.report.source.base import Asked, FieldsRead, RowRead, Source, TableRead
from ingest.report.source.body import keep
from ingest.report.source.proof import evidence_of, figure_cell
from schemas.bilingual import Bilingual
from schemas.japan import JST, to_jst
from schemas.quantity import written_unit
from schemas.report_document import Cell, Evidence

SPAN = "watch_span"
"""By this name `Asked.kept` may hold a `(start, end, drills)` of its own: a night, where the period has whole days."""

REMARKS = "watch_remarks"
"""By this name `Asked.kept` may hold what keeps the chronology from being whole at the moment, as sentences."""

_HAZARDS = {
    "river": "河川", "inundation": "浸水", "rain": "雨", "landslide": "土砂", "slope": "斜面", "snow": "雪",
    "heat": "暑さ", "frost": "霜", "paddy": "水田", "greenhouse": "施設園芸", "trap": "わな", "other": "その他",
}  # fmt: skip
_KINDS = {
    "stage": "段階", "silence": "途絶", "blind": "監視不能", "airtime": "送信時間", "quality": "品質",
    "missed": "見逃し", "note": "市の対応", OBSERVED: "観測", UNWATCHED: "監視の停止",
}  # fmt: skip
_MARKS = {"true": "正しい", "false": "空振り"}
_NOT_JUDGED = Bilingual("人が正誤を記していません", "nobody judged it")


def _span(asked: Asked) -> tuple[datetime, datetime, bool]:
    found = asked.kept.get(SPAN)
    if isinstance(found, tuple):
        return found[0], found[1], found[2]
    first = asked.first_day
    return datetime(first.year, first.month, first.day, tzinfo=JST), asked.period.until, False


def _evidence(asked: Asked, name: str, figure: str, rows: int, **more: object) -> Evidence:
    start, end, _ = _span(asked)
    projects = f"{{{asked.project.code}}}"
    return evidence_of(asked, name, figure, rows, projects=projects, from_=start, to_=end, **more)


def read_watch(asked: Asked) -> FieldsRead:
    """How the watch did in the period; what has no value says why."""
    start, end, _ = _span(asked)
    code = asked.project.code
    sums = keep(asked, "watch_sums", partial(watch_sums, asked.connection, code, start, end))
    proof = _evidence(asked, "watch", "figure_watch_sums", 1)
    up = _evidence(asked, "watch_uptime", "figure_watch_uptime", 1)
    cells = {name: _measured(measure_sums(sums, name), proof) for name in _MEASURED}
    cells |= {name: _counted(sums, name, proof) for name in _COUNTED}
    cells["watch_uptime"] = _measured(measure_uptime(watch_uptime(asked.connection, code, start, end)), up)
    return FieldsRead(cells, (proof, up))


_MEASURED = {
    "notification_delay_p50": "通知遅延(中央値)", "notification_delay_p95": "通知遅延(95%)",
    "time_to_acknowledge_p50": "確認時間(中央値)", "time_to_acknowledge_p95": "確認時間(95%)",
    "false_alarm_rate": "空振り率", "missed": "見逃し", "crossings": "段階への到達", "escalations": "段階的な連絡",
    "notifications": "届いた通知",
}  # fmt: skip
_COUNTED = {
    "incidents": "事象", "acknowledged": "確認された事象", "withheld": "知らせない決まりの通知",
    "failed": "届かなかった通知", "crossings_late": "後から分かった到達", "withdrawn": "取り消した監視イベント",
}  # fmt: skip


def _measured(found: Measured, proof: Evidence) -> Cell:
    value = None if found.value is None else to_decimal(found.value)
    return figure_cell(value, proof, found.missing)


def _counted(sums: WatchSums | None, name: str, proof: Evidence) -> Cell:
    watched = sums is not None and sums.watched
    return figure_cell(int(getattr(sums, name)) if watched else None, proof, NOT_WATCHED)


def read_incidents(asked: Asked) -> TableRead:
    """Every incident that began in the period, without drills (警戒事象一覧)."""
    start, end, _ = _span(asked)
    rows = incident_list(asked.connection, asked.project.code, start, end)
    proof = _evidence(asked, "watch_incidents", "figure_watch_incident_list", len(rows))
    return TableRead(tuple(_incident(each, proof) for each in rows), None, (proof,))


def _incident(row: IncidentLine, proof: Evidence) -> RowRead:
    return RowRead(f"{row.incident_id}", {
        "opened": figure_cell(to_jst(row.opened_at), proof),
        "closed": figure_cell(row.closed_at and to_jst(row.closed_at), proof),
        "kind": Cell.of(_KINDS.get(row.kind, row.kind)), "hazard": Cell.of(_HAZARDS.get(row.hazard or "", row.hazard)),
        "title": Cell.of(row.title), "stage": Cell.of(row.top_name or ""),
        "value": _amount(row.top_value, row.unit, proof),
        "told": figure_cell(row.told_at and to_jst(row.told_at), proof), "taken_by": Cell.of(row.taken_by),
        "taken": figure_cell(row.taken_at and to_jst(row.taken_at), proof),
        "minutes": figure_cell(_minutes(row.acknowledge_s), proof), "escalated": figure_cell(row.escalated, proof),
        "mark": Cell.of(_MARKS.get(row.mark or "", "")), "live": Cell.of("" if row.live else "後から判明"),
        "note": Cell.of(row.mark_note),
    })  # fmt: skip


def _minutes(seconds: float | None) -> Decimal | None:
    return None if seconds is None else DIGITS.divide(to_decimal(seconds), Decimal(60))


def _amount(value: float | None, unit: str, proof: Evidence) -> Cell:
    return Cell.of(None if value is None else f"{value:.6g} {written_unit(unit)}".strip(), evidence=proof.id)


def read_crossings(asked: Asked) -> TableRead:
    """Rises to a stage by month and stage, as the watch noticed them."""
    start, end, _ = _span(asked)
    rows = watch_crossings(asked.connection, asked.project.code, start, end)
    proof = _evidence(asked, "watch_crossings", "figure_watch_crossings", len(rows))
    return TableRead(tuple(_crossing(each, proof) for each in rows), None, (proof,))


def _crossing(row: Crossings, proof: Evidence) -> RowRead:
    official = int(row.official)
    return RowRead(f"{row.month:%Y-%m}.{row.hazard}.{row.rank}.{official}.{row.name}", {
        "month": Cell.of(f"{row.month.year}年{row.month.month}月"),
        "hazard": Cell.of(_HAZARDS.get(row.hazard or "", row.hazard)), "name": Cell.of(row.name),
        "official": Cell.of("国・県" if row.official else "市"), "live": figure_cell(row.live, proof),
        "late": figure_cell(row.late, proof), "stations": figure_cell(row.stations, proof),
    })  # fmt: skip


def read_chronology(asked: Asked) -> TableRead:
    """The chronology (災害対応時系列記録): what the watch recorded, and what readings tell beside it."""
    start, end, drills = _span(asked)
    rows = whole_chronology(asked.connection, asked.project.code, start, end, drills=drills)
    count = Counter(row.kind if row.kind in (OBSERVED, UNWATCHED) else "" for row in rows)
    proof = _evidence(asked, "chronology", "figure_watch_chronology", count[""], drills=drills)
    seen = _evidence(asked, "observed", "figure_watch_observed", count[OBSERVED])
    gaps = _evidence(asked, "unwatched", "figure_watch_gap", count[UNWATCHED])
    proofs = {OBSERVED: seen, UNWATCHED: gaps}
    lines = [_moment(number, row, proofs.get(row.kind, proof)) for number, row in enumerate(rows)]
    remarks = asked.kept.get(REMARKS)
    if isinstance(remarks, tuple):
        lines += [_remark(number, asked.now, text) for number, text in enumerate(remarks)]
    return TableRead(tuple(lines), None, (proof, seen, gaps))


def _remark(number: int, now: datetime, text: str) -> RowRead:
    empty = dict.fromkeys(
        ("title", "what", "value", "since", "told", "told_at", "delay", "taken_by", "taken_at", "response", "remark"),
        Cell.of(""),
    )
    return RowRead(f"remark.{number}", empty | {
        "time": Cell.of(to_jst(now)), "stage": Cell.of(text), "kind": Cell.of("注意"),
    })  # fmt: skip


def _moment(number: int, row: ChronologyRow, proof: Evidence) -> RowRead:
    key = f"event.{row.event_id}" if row.event_id is not None else f"{to_jst(row.time):%Y%m%dT%H%M%S}.{number}"
    return RowRead(key, {
        "time": figure_cell(to_jst(row.time), proof), "title": Cell.of(row.title or ""),
        "what": Cell.of(row.label_ja or ""),
        "value": _amount(None if row.measure == "state" else row.value, row.unit, proof),
        "stage": Cell.of(row.word), "since": Cell.of(span_ja(row.since_before)),
        "told": Cell.of(row.told or row.untold or ""),
        "told_at": figure_cell(row.told_at and to_jst(row.told_at), proof),
        "delay": figure_cell(row.delay_s, proof), "taken_by": Cell.of(row.taken_by or ""),
        "taken_at": figure_cell(row.taken_at and to_jst(row.taken_at), proof), "response": Cell.of(row.response or ""),
        "remark": Cell.of(remark_ja(row)), "kind": Cell.of(_KINDS.get(row.kind, row.kind)),
    })  # fmt: skip


def span_ja(span: timedelta | None) -> str:
    """A length of time as people say it: 1時間25分; empty without one."""
    if span is None:
        return ""
    minutes = int(span.total_seconds() // 60)
    days, hours = minutes // 1440, minutes % 1440 // 60
    said = f"{days}日" * (days > 0) + f"{hours}時間" * (hours > 0)
    return said + f"{minutes % 60}分" * (minutes % 60 > 0 or not said)


def remark_ja(row: ChronologyRow) -> str:
    """What a reader has to know of a row of the chronology, in Japanese."""
    if row.withdrawn_at is not None:
        return f"取消({to_jst(row.withdrawn_at):%m/%d %H:%M}): {row.withdrawn_ja or ''}"
    said = {"late": f"後から判明({to_jst(row.recorded_at):%m/%d %H:%M})", "drill": "訓練", OBSERVED: "測定値から"}
    return "、".join(each for each in (said.get(row.origin, ""), _MARKS.get(row.mark or "", "")) if each)


WATCH: tuple[Source, ...] = (
    Source("watch", "fields", read_watch, {**_MEASURED, **_COUNTED, "watch_uptime": "監視の稼働率"}),
    Source("watch_incidents", "table", read_incidents, {
        "opened": "始まり", "closed": "終わり", "kind": "種類", "hazard": "分野", "title": "対象",
        "stage": "最も高い段階", "value": "その値", "told": "最初の通知", "taken_by": "確認者", "taken": "確認時刻",
        "minutes": "確認時間(分)", "escalated": "段階的な連絡", "mark": "判断", "live": "後から判明", "note": "記入",
    }),
    Source("watch_crossings", "table", read_crossings, {
        "month": "月", "hazard": "分野", "name": "段階", "official": "定めた者", "live": "その時に分かった到達",
        "late": "後から分かった到達", "stations": "観測所の数",
    }),
    Source("chronology", "table", read_chronology, {
        "time": "時刻", "title": "観測所", "what": "項目", "value": "値", "stage": "段階", "since": "前段階からの時間",
        "told": "通知先(なければ理由)", "told_at": "通知時刻", "delay": "通知遅延(秒)", "taken_by": "確認者",
        "taken_at": "確認時刻", "response": "市の対応", "remark": "備考", "kind": "種類",
    }),
)  # fmt: skip
