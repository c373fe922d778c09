"""What happened: outages (停止), and levels that came to another stage (警戒事象)."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from ingest.figures.report.equipment import ReportOutage, report_outages
from ingest.figures.stages import StageChange, has_stages, stage_changes
from ingest.plan.check.sources import NOT_LOOKED
from ingest.report.source.base import Asked, FieldsRead, RowRead, Source, TableRead
from ingest.report.source.body import keep, look_of
from ingest.report.source.proof import evidence_of, figure_cell, hours, said
from schemas.bilingual import Bilingual
from schemas.japan import JST, to_jst
from schemas.report_document import Cell, Evidence
from schemas.work import OutageCause

LONG_S = 24 * 3600
_NO_STAGES = Bilingual("基準水位が登録されていません", "no level has stages")
_LEVELS = {"device": "機器", "gateway": "基地局", "network": "通信網"}


def read_outages(least_s: int) -> Callable[[Asked], TableRead]:
    """A reader of the outages that last at least so long; those that are part of another one are left out."""

    def read(asked: Asked) -> TableRead:
        days = (asked.first_day, asked.until_day)
        every = keep(asked, "outages", partial(report_outages, asked.connection, asked.project.code, *days, asked.now))
        proof = evidence_of(
            asked, "outage_list", "figure_report_outage", len(every), project_code=asked.project.code,
            first_day=days[0], until_day=days[1], now_=asked.now,
        )  # fmt: skip
        rows = [outage_row(each, proof) for each in every if each.seconds >= least_s]
        known = look_of(asked).outages_known(asked.until_day)
        return TableRead(tuple(rows), None, (proof,), () if known else (said(NOT_LOOKED),))

    return read


def outage_row(row: ReportOutage, proof: Evidence) -> RowRead:
    """A row of an outage, as every list of them has it."""
    return RowRead(f"{row.outage_id}", {
        "starts": figure_cell(to_jst(row.starts), proof),
        "ends": figure_cell(row.ends and to_jst(row.ends), proof), "hours": figure_cell(hours(row.seconds), proof),
        "level": Cell.of(_LEVELS[row.level]), "code": Cell.of(row.code), "name": Cell.of(row.name),
        "network_name": Cell.of(row.network_name), "area": Cell.of(row.area), "use": Cell.of(row.use),
        "devices": figure_cell(row.devices, proof), "cause": Cell.of(row.cause and OutageCause(row.cause).label.ja),
        "decided": Cell.of("人" if row.decided else "推定"), "reason": Cell.of(row.reason),
        "lasts": Cell.of("" if row.ends else "継続中"),
    })  # fmt: skip


def read_events(asked: Asked) -> TableRead:
    """Every measurement with which a level came to another stage, in the order of time."""
    changes, proof = _changes(asked), _event_evidence(asked)
    return TableRead(tuple(_event_row(each, proof) for each in changes), None, (proof,))


def _changes(asked: Asked) -> list[StageChange]:
    return keep(asked, "events", partial(stage_changes, asked.connection, asked.project.code, *_span(asked)))


def _span(asked: Asked) -> tuple[datetime, datetime]:
    first = asked.first_day
    return datetime(first.year, first.month, first.day, tzinfo=JST), asked.period.until


def _event_evidence(asked: Asked) -> Evidence:
    start, end = _span(asked)
    projects = f"{{{asked.project.code}}}"
    return evidence_of(
        asked, "events", "figure_stage_change", len(_changes(asked)), projects=projects, devices="null", from_=start,
        to_=end,
    )  # fmt: skip


def _event_row(change: StageChange, proof: Evidence) -> RowRead:
    at = to_jst(change.time)
    key = f"{change.device}.{change.quantity}.{change.channel}.{at:%Y%m%dT%H%M%S}"
    return RowRead(key, {
        "time": figure_cell(at, proof), "device": Cell.of(change.device), "title": Cell.of(change.title),
        "quantity": Cell.of(change.label_ja), "value": figure_cell(change.value, proof),
        "before": Cell.of(change.before_name or "基準未満"), "after": Cell.of(change.name or "基準未満"),
        "word": Cell.of(change.word), "rise": Cell.of("上昇" if change.rank > change.before_rank else "低下"),
    })  # fmt: skip


def read_event_counts(asked: Asked) -> FieldsRead:
    """How often a level rose to a stage, and at how many places; 0 where stages are set and none was reached."""
    changes, proof = _changes(asked), _event_evidence(asked)
    rises = [each for each in changes if each.rank > each.before_rank]
    places = {(each.device, each.quantity, each.channel) for each in rises}
    if not has_stages(asked.connection, asked.project.code):
        return FieldsRead({name: figure_cell(None, proof, _NO_STAGES) for name in _COUNTS}, (proof,))
    return FieldsRead({
        "events": figure_cell(len(rises), proof), "event_places": figure_cell(len(places), proof),
        "highest": Cell.of(max(rises, key=lambda each: each.rank).name if rises else "なし", evidence=proof.id),
    }, (proof,))  # fmt: skip


_COUNTS = {"events": "基準水位に達した回数", "event_places": "達した地点の数", "highest": "最も高い段階"}
OUTAGE_OFFERED = {
    "starts": "開始", "ends": "終了", "hours": "長さ(時間)", "level": "対象の種類", "code": "コード", "name": "対象",
    "network_name": "通信網", "area": "地区", "use": "分野", "devices": "止まった機器の数", "cause": "原因",
    "decided": "原因を決めたもの(人・推定)", "reason": "原因の説明", "lasts": "継続中",
}  # fmt: skip
INCIDENTS: tuple[Source, ...] = (
    Source("outage_list", "table", read_outages(0), OUTAGE_OFFERED),
    Source("long_outages", "table", read_outages(LONG_S), OUTAGE_OFFERED),
    Source("events", "table", read_events, {
        "time": "時刻", "device": "機器コード", "title": "地点", "quantity": "項目", "value": "値",
        "before": "前の段階", "after": "段階", "word": "内容", "rise": "上昇・低下",
    }),
    Source("event_counts", "fields", read_event_counts, _COUNTS),
)  # fmt: skip
