"""Downlinks of gateways in the ledger of airtime (基地局の下り送信): exact where the network server tells them."""

from ingest.figures.report.radio import ReportGateway, report_gateways
from ingest.plan.check.look import to_decimal
from ingest.report.source.base import Asked, RowRead, Source, TableRead
from ingest.report.source.proof import evidence_of, figure_cell, missing_cell
from schemas.airtime import RegimeLimit, airtime_limits
from schemas.bilingual import Bilingual
from schemas.device import NetworkKind
from schemas.japan import to_jst
from schemas.labelled import Labelled
from schemas.report_document import Cell, Evidence

NO_REGIME = Bilingual("台帳に送信時間の区分がありません", "the registry says no airtime regime")
NO_HOUR = Bilingual("この区分に1時間の合計の上限はありません", "this regime has no limit of the sum of an hour")
NOT_TOLD = Bilingual(
    "送信したフレームをだれも知らせていません(ChirpStack v4 の指示 command/down と返事 event/ack が要ります)",
    "nobody tells the frames it sent: it takes command/down and event/ack of ChirpStack v4",
)
NO_LENGTH = Bilingual(
    "送信したことは分かりますが、長さの分かるフレームがありません(指示 command/down が届いていません)",
    "it did send, but of no frame the length is known: no command/down came in",
)
NO_COUNT = Bilingual("基地局自身の報告(stats)に回数がありません", "its own statistics tell no count")
NOT_WATCHED = Bilingual("送信時間の監視が動いていませんでした", "the watch of transmitting time did not run")


class GatewayVerdict(Labelled):
    """判定. What is not told may be more."""

    EXCEEDED = "exceeded", "超過", "exceeded"
    EXCEEDED_ONE = "exceeded_one", "超過(1回の上限)", "exceeded by one transmission"
    WITHIN = "within", "制限内", "within"
    WITHIN_TOLD = "within_told", "知らされた分は制限内", "within by what is told"


def read_gateways(asked: Asked) -> TableRead:
    """A row for each gateway at 920 MHz: what it sent, its longest frame, its most in any 60 minutes, how it stands."""
    limits = airtime_limits()
    every = report_gateways(asked.connection, asked.project.code, asked.first_day, asked.until_day, asked.now)
    proof = evidence_of(
        asked, "airtime_gateways", "figure_report_gateway", len(every), project_code=asked.project.code,
        first_day=asked.first_day, until_day=asked.until_day, now_=asked.now,
    )  # fmt: skip
    rows = tuple(
        RowRead(each.gateway, _cells(each, limits.of(each.airtime_regime), proof))
        for each in every
        if NetworkKind(each.technology) in limits.technologies or each.airtime_regime is not None
    )
    return TableRead(rows, None, (proof,))


def _cells(each: ReportGateway, limit: RegimeLimit | None, proof: Evidence) -> dict[str, Cell]:
    low = not each.complete
    none = NO_LENGTH if each.sent else NOT_TOLD
    unseen = NOT_WATCHED if each.timed else none
    share: Cell
    if limit is None:
        share = missing_cell(NO_REGIME)
    elif limit.hour_s is None:
        share = missing_cell(NO_HOUR)
    else:
        used = None if each.sliding_s is None else to_decimal(each.sliding_s) * 100 / limit.hour_s
        share = figure_cell(used, proof, unseen, reference_only=low)
    found = judge_gateway(limit, each)
    unknown = NO_REGIME if limit is None else unseen
    return {
        "gateway": Cell(value=each.gateway), "gateway_name": Cell(value=each.gateway_name),
        "network_name": Cell(value=each.network_name),
        "limit": missing_cell(NO_REGIME) if limit is None else Cell(value=_limit_ja(limit)),
        "reported": figure_cell(each.reported, proof, NO_COUNT if each.sent else NOT_TOLD),
        "sent": figure_cell(each.sent or None, proof, NOT_TOLD, reference_only=low),
        "airtime_s": figure_cell(each.airtime_s, proof, none, reference_only=low),
        "longest_ms": figure_cell(each.longest_ms, proof, none, reference_only=low),
        "sliding_s": figure_cell(each.sliding_s, proof, unseen, reference_only=low),
        "sliding_at": figure_cell(to_jst(each.sliding_at) if each.sliding_at else None, proof, unseen),
        "share": share,
        "verdict": missing_cell(unknown) if found is None else Cell(value=found.label.ja),
    }  # fmt: skip


def judge_gateway(limit: RegimeLimit | None, each: ReportGateway) -> GatewayVerdict | None:
    """How a gateway stands to its limit; None where that cannot be told."""
    if limit is None or not each.timed:
        return None
    if limit.single_ms is not None and (each.longest_ms or 0) > limit.single_ms:
        return GatewayVerdict.EXCEEDED_ONE
    if limit.hour_s is not None:
        if each.sliding_s is None:
            return None
        if each.sliding_s > limit.hour_s:
            return GatewayVerdict.EXCEEDED
        if not each.whole:
            return GatewayVerdict.WITHIN_TOLD
    return GatewayVerdict.WITHIN if each.complete else GatewayVerdict.WITHIN_TOLD


def _limit_ja(limit: RegimeLimit) -> str:
    if limit.hour_s:
        return f"{limit.code.value} 1時間{limit.hour_s}秒"
    return f"{limit.code.value} 1回{limit.single_ms / 1000:g}秒" if limit.single_ms else limit.code.value


AIRTIME_GATEWAYS = Source("airtime_gateways", "table", read_gateways, {
    "gateway": "基地局コード", "gateway_name": "基地局名", "network_name": "通信網", "limit": "上限",
    "reported": "報告された送信回数", "sent": "知らされた送信回数", "airtime_s": "送信時間(秒)",
    "longest_ms": "1回の最大(ms)", "sliding_s": "任意の60分の最大(秒)", "sliding_at": "任意の60分の最大の終わり",
    "share": "上限に対する割合(%)", "verdict": "判定",
})  # fmt: skip
