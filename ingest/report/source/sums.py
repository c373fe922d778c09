"""What was expected, sent, received and out: the summary, and the tables by network, technology, use and area."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from ingest.plan.check.sources import NO_LOG, NOT_LOOKED, NOTHING_EXPECTED
from ingest.report.source.base import Asked, FieldsRead, RowRead, Source, TableRead
from ingest.report.source.body import Line, body_evidence, body_marks, period_body
from ingest.report.source.proof import figure_cell, hours
from schemas.bilingual import Bilingual
from schemas.device import NetworkKind
from schemas.report_document import Cell, Evidence

_NOTHING_CAME = Bilingual("この段階まで来たデータが1件もありません", "nothing came as far as this stage")
_NO_LATENCY = Bilingual(
    "遅延を測れるメッセージ(時計が正しく、まとめ送りでないもの)がありません",
    "there is no message of which the latency can be told (a believed clock, no backfill)",
)
_NO_END = Bilingual("この期間に終わった停止がありません", "no outage ended in this period")
_NO_OUTAGE = Bilingual(
    "この期間に停止がありません(間隔を測れません)", "there was no outage in this period to measure between"
)
_NO_DISTANCE = Bilingual("距離を書いた作業がありません", "no entry says its distance")

_NO_DUTY: Line = {"duty_s": 0}
"""The outages of a place where nothing was to work."""

SUMS_OFFERED: Mapping[str, str] = {
    "key": "コード", "name": "名称", "devices": "機器数", "expected": "期待受信数", "sent": "送信数",
    "arrived": "到着数", "valid": "有効受信数", "completeness": "データ取得率", "sent_rate": "送信率",
    "radio_rate": "無線到達率", "valid_rate": "有効率", "availability": "稼働率", "readings": "測定値数",
    "flagged": "注記つきの測定値数", "quarantined": "隔離中の件数", "latency_p50_s": "遅延(中央値、秒)",
    "latency_p95_s": "遅延(95%、秒)",
}  # fmt: skip
OUTAGES_OFFERED: Mapping[str, str] = {
    "outages": "停止回数", "mttr_h": "平均復旧時間(時間)", "mtbf_h": "平均故障間隔(時間)",
    "downtime_h": "停止時間(時間)", "open": "継続中の停止", "longest_h": "最長の停止(時間)", "planned": "計画停止",
}  # fmt: skip
WORK_OFFERED: Mapping[str, str] = {"visits": "現地作業回数", "work_hours": "作業時間", "km": "走行距離(km)"}


def sums_cells(row: Line, evidence: Evidence) -> dict[str, Cell]:
    """The cells of a row of sums. Rates rest on the counts beside them."""
    nothing = NOTHING_EXPECTED if not row["expected"] else _NOTHING_CAME
    low = bool(row["reference_only"])
    counts = ("devices", "expected", "sent", "arrived", "valid", "readings", "flagged", "quarantined")
    rates = ("completeness", "sent_rate", "radio_rate", "valid_rate", "availability")
    cells = {name: figure_cell(row[name], evidence) for name in counts}
    cells |= {name: figure_cell(_number(row[name]), evidence, nothing, reference_only=low) for name in rates}
    cells |= {
        name: figure_cell(_number(row[name]), evidence, _NO_LATENCY) for name in ("latency_p50_s", "latency_p95_s")
    }
    return cells


def outage_cells(row: Line | None, evidence: Evidence) -> dict[str, Cell]:
    """The cells of a row of outages; None: they were not looked for."""
    if row is None or not row["duty_s"]:
        missing = NOT_LOOKED if row is None else NOTHING_EXPECTED
        return {name: figure_cell(None, evidence, missing) for name in OUTAGES_OFFERED}
    return {
        "outages": figure_cell(row["outages"], evidence),
        "mttr_h": figure_cell(hours(_number(row["mttr_s"])), evidence, _NO_END),
        "mtbf_h": figure_cell(hours(_number(row["mtbf_s"])), evidence, _NO_OUTAGE),
        "downtime_h": figure_cell(hours(row["downtime_s"]), evidence),
        "open": figure_cell(row["open"], evidence),
        "longest_h": figure_cell(hours(row["longest_s"]), evidence, _NO_OUTAGE),
        "planned": figure_cell(row["planned"], evidence),
    }


def work_cells(row: Line | None, evidence: Evidence) -> dict[str, Cell]:
    """The cells of a row of the work log. An empty log says nothing: it may not have been kept."""
    if row is None or not row["visits"]:
        return {name: figure_cell(None, evidence, NO_LOG) for name in WORK_OFFERED}
    return {
        "visits": figure_cell(row["visits"], evidence),
        "work_hours": figure_cell(hours(row["minutes"] * 60), evidence),
        "km": figure_cell(_number(row["km"]), evidence, _NO_DISTANCE),
    }


def whole_cells(asked: Asked) -> tuple[dict[str, Cell], tuple[Evidence, ...]]:
    """The cells of the whole project, with their evidence: sums, outages, work, and how many devices worked."""
    body = period_body(asked)
    sums, outages, work = (body_evidence(asked, part) for part in ("figures", "outages", "work"))
    whole = body.whole("figures")
    assert whole is not None  # `figure_plan` has the row of the project even without a device
    devices = body.rows("figures", "device")
    cells = sums_cells(whole, sums) | outage_cells(body.whole("outages"), outages)
    cells |= work_cells(body.whole("work"), work)
    cells["devices_working"] = figure_cell(sum(1 for row in devices if row["valid"]), sums)
    cells["devices_below"] = figure_cell(sum(1 for row in devices if row["reference_only"]), sums)
    cells["basis"] = Cell(value=body.basis.ja)
    return cells, (sums, outages, work)


def read_summary(asked: Asked) -> FieldsRead:
    """The whole project in one box."""
    cells, evidence = whole_cells(asked)
    return FieldsRead(cells, evidence, body_marks(asked))


def read_level(level: str, name_of: Callable[[Line], str]) -> Callable[[Asked], TableRead]:
    """A reader of the sums and outages by one level; its total is the row of the project."""

    def read(asked: Asked) -> TableRead:
        body = period_body(asked)
        sums, outages = body_evidence(asked, "figures"), body_evidence(asked, "outages")
        out = {row["key"]: row for row in body.rows("outages", level)}
        none = None if body.whole("outages") is None else _NO_DUTY
        rows = tuple(
            RowRead(row["key"] or "-", {
                **sums_cells(row, sums), **outage_cells(out.get(row["key"], none), outages),
                "key": Cell(value=row["key"] or "―"), "name": Cell(value=name_of(row)),
            })
            for row in body.rows("figures", level)
        )  # fmt: skip
        whole = body.whole("figures")
        assert whole is not None
        total = sums_cells(whole, sums) | outage_cells(body.whole("outages"), outages)
        named = {"name": Cell(value="全体"), "key": Cell(value="全体")}
        return TableRead(rows, RowRead("total", total | named), (sums, outages))

    return read


def named(row: Line) -> str:
    """The name of a row; one without a name is told from the others."""
    return row["name"] or row["key"] or "(台帳に記載なし)"


def technology_name(row: Line) -> str:
    """The radio technology in words."""
    known = {kind.value: kind.label.ja for kind in NetworkKind}
    return known.get(row["key"], named(row))


def _number(text: str | float | None) -> Decimal | None:
    return None if text is None else Decimal(str(text))


SUMMARY = Source(
    "summary", "fields", read_summary,
    {**SUMS_OFFERED, **OUTAGES_OFFERED, **WORK_OFFERED, "devices_working": "期間に有効な測定が届いた機器の数",
     "devices_below": "取得率80%未満の機器の数", "basis": "値の根拠(確定値か作成時の集計か)"},
)  # fmt: skip
_LEVEL_OFFERED = {**SUMS_OFFERED, **OUTAGES_OFFERED}
BY_NETWORK = Source("by_network", "table", read_level("network", named), _LEVEL_OFFERED)
BY_GATEWAY = Source("by_gateway", "table", read_level("gateway", named), _LEVEL_OFFERED)
BY_TECHNOLOGY = Source("by_technology", "table", read_level("technology", technology_name), _LEVEL_OFFERED)
BY_USE = Source("by_use", "table", read_level("use", named), _LEVEL_OFFERED)
BY_AREA = Source("by_area", "table", read_level("area", named), _LEVEL_OFFERED)
