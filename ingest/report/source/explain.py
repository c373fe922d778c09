"""The sentences of a report (算出方法, データ完全性), and the list of its evidence (根拠一覧)."""

from collections.abc import Iterator

from ingest.figures.plan.catalogue import FIGURES
from ingest.plan.check.freeze import Snapshot, revisions
from ingest.plan.check.spans import PeriodKind, span_of
from ingest.report.method import METHOD
from ingest.report.rounding import RULE_JA
from ingest.report.source.base import Asked, LinesRead, RowRead, Source, TableRead
from schemas.japan import to_jst
from schemas.report_document import Cell, Evidence

_PRINTED = (
    "completeness", "sent_rate", "radio_rate", "valid_rate", "availability", "expected", "valid", "devices_working",
    "latency_p95", "outages", "mttr", "mtbf", "downtime", "visits", "work_hours", "users", "page_views", "cost",
    "self_sufficiency", "tco60", "net_cumulative", "break_even_months", "yen_per_1000_valid",
)  # fmt: skip
_PERIOD = {
    "month": "対象期間は日本時間の暦月です。",
    "year": "対象期間は日本時間の会計年度(4月1日0時から翌年3月31日24時まで)です。",
}
_COMMON = (
    (
        "取得率などは測定時刻で、受信の収支は受信時刻で期間を分けます。"
        "期間の途中で作成した場合は作成時点までを対象とします。"
    ),
    (
        "有効受信数は、以下の「受信数」と同じ数え方です。計画停止の時間は期待に含めません"
        "(入力より前の部分は、運用担当者が承認したものだけ除きます)。"
    ),
    "期間の途中で通信網・基地局・事業などが変わった機器は、それぞれに、そこにあった期間の分だけ数えます。",
    "合計や全体の行の率は、分子の合計 ÷ 分母の合計です。率の平均ではありません。",
    "値を求められないときは「―」とし、0と区別します。理由は備考または注記に書きます。",
    (
        "停止は、送信間隔の3倍(平常時の間隔が長い機器の平常時は1.5倍)を超えて測定の届かない時間です。"
        "基地局・通信網の停止の一部である停止は、その停止に含めて1件と数えます。"
    ),
    ("期末の「稼働数」は、設置済みで、運用期間内にあり、データが届いたことがあり、期末に停止していない機器の数です。"),
    "停止の原因は、人が決めたもの、なければサービスの推定です。一覧に区別を示します。",
    "基準水位は運用者の観測による参考値で、気象庁・河川管理者の発表ではありません。",
    RULE_JA,
)


def read_method(asked: Asked) -> LinesRead:
    """How everything is counted: the period, the rules, the formulas of the figures, those of the KPIs."""
    formulas = tuple(f"{FIGURES[code].label.ja} = {FIGURES[code].formula.ja}" for code in _PRINTED)
    grades = _grades(asked)
    return LinesRead((_PERIOD[asked.period.span], *_COMMON, *METHOD[1:], *formulas, *grades))


def _grades(asked: Asked) -> Iterator[str]:
    if asked.plan is None:
        return
    document = asked.plan.document
    steps = "、".join(f"{each.grade}: {each.at_least:g}%以上" for each in document.grades)
    yield f"評価は達成率により付けます({steps}、それ未満: {document.lowest_grade})。算式は指標ごとに示します。"


def read_integrity(asked: Asked) -> LinesRead:
    """What the report rests on: the version of the plan, the frozen revisions with their digests, how to verify."""
    lines = [*_plan(asked), *_frozen(asked)]
    lines.append(
        "各数値には根拠IDがあり、根拠一覧の関数と引数で、データベースから同じ値を求め直せます(読取りの権限で足ります)。"
    )
    lines.append(
        "受信の収支は、受信 = 保存 + 重複 + 隔離(メッセージ)、提示 = 保存 + 重複 + 不一致 + 隔離(測定値)です。"
        "差が0でなければ、説明できない件数があります。"
    )
    return LinesRead(tuple(lines))


def _plan(asked: Asked) -> Iterator[str]:
    if asked.plan is None:
        yield "計画は登録されていません。"
        return
    entered = to_jst(asked.plan.entered_at)
    why = f"、変更の理由: {asked.plan.reason}" if asked.plan.reason else ""
    yield f"計画: 第{asked.plan.number}版({entered:%Y-%m-%d %H:%M} 登録、{asked.plan.entered_by}{why})"


def _frozen(asked: Asked) -> Iterator[str]:
    kind = PeriodKind.YEAR if asked.period.span == "year" else PeriodKind.MONTH
    every = revisions(asked.connection, asked.project_id, span_of(kind, asked.first_day))
    if not every:
        yield "この期間の実績は、まだ計画で確定していません。数値は作成時に集計したものです。"
    for each in every:
        yield _revision(each, newest=each is every[-1])


def _revision(snapshot: Snapshot, *, newest: bool) -> str:
    used = "、本書の値" if newest else ""
    why = f"、理由: {snapshot.reason}" if snapshot.reason else ""
    intact = "内容と一致" if snapshot.intact else "内容と一致しません"
    return (
        f"確定 第{snapshot.revision}版({to_jst(snapshot.frozen_at):%Y-%m-%d %H:%M}、{snapshot.frozen_by}{used}{why}) "
        f"SHA-256 {snapshot.digest.hex()}({intact})"
    )


def read_evidence(asked: Asked) -> TableRead:
    """Every piece of evidence of the sections before this one."""
    found = asked.kept.get("evidence", {})
    assert isinstance(found, dict)  # `compose_report` keeps it
    return TableRead(tuple(_evidence_row(each) for each in found.values()))


def _evidence_row(each: Evidence) -> RowRead:
    arguments = ", ".join(f"{name} => {value}" for name, value in each.arguments.items())
    return RowRead(each.id, {
        "id": Cell(value=each.id), "figure": Cell(value=each.figure), "arguments": Cell(value=arguments),
        "rows": Cell(value=each.rows), "computed_at": Cell(value=each.computed_at),
    })  # fmt: skip


EXPLAIN: tuple[Source, ...] = (
    Source("method", "lines", read_method),
    Source("integrity", "lines", read_integrity),
    Source("evidence", "table", read_evidence, {
        "id": "根拠ID", "figure": "関数・表・数値の名前", "arguments": "引数", "rows": "件数",
        "computed_at": "計算時刻",
    }),
)  # fmt: skip
