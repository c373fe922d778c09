"""The ledger of equipment as tables: what is there, what is managed, what is gone, and how many of each kind."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial

from ingest.figures.equipment import EquipmentLine, equipment
from ingest.report.inspection import SOON, Finding, count_findings, inspect
from ingest.report.source.base import Asked, FieldsRead, RowRead, Source, TableRead
from ingest.report.source.body import keep
from ingest.report.source.proof import evidence_of, figure_cell
from schemas.asset import MANAGED_FROM_YEN, AssetState
from schemas.bilingual import Bilingual
from schemas.device import NetworkKind
from schemas.japan import to_jst
from schemas.report_document import Cell, Evidence, Said

_NO_LINE = Bilingual("資産の行が台帳にありません", "the ledger has no line of it")
_NOT_SAID = Bilingual("台帳に記載がありません", "the registry does not say it")
_NO_DATA = Bilingual("データがまだ届いていません", "nothing came from it yet")
_NO_SENDER = Bilingual("データを送らない物です", "it sends nothing")
_NO_REPORT = Bilingual("基地局自身の報告が届いていません", "the gateway itself has not reported")
_NO_LIMIT = Bilingual(
    "処分制限期限も、取得日と耐用年数もそろっていません",
    "neither the limit nor both day of acquisition and service life are said",
)
_NO_PLANNED = Bilingual("計画に機器数がありません(計画の equipment)", "the plan says no count (equipment)")

LINES_OFFERED: Mapping[str, str] = {
    "line": "資産番号、なければ機器・基地局のコード", "asset": "資産番号", "name": "品名", "device": "機器コード",
    "gateway": "基地局コード", "use": "分野", "area": "地区",
    "network": "通信網", "technology": "通信方式", "model": "型式", "serial": "製造番号",
    "quantity": "数量", "unit_price_yen": "単価(税抜、円)", "price_yen": "金額(税抜、円)", "managed": "単価50万円以上",
    "subsidised_yen": "補助対象経費(円)", "subsidy_yen": "補助金額(円)", "acquired_on": "取得日",
    "service_life_years": "耐用年数", "disposal_until": "処分制限期限", "position": "緯度,経度", "place": "所在地",
    "technical_conformity": "技適番号", "jc_star": "JC-STAR", "support_until": "サポート期限",
    "label_attached_on": "ラベル貼付日", "photo": "写真ID", "verification_number": "検定番号",
    "verification_until": "検定の有効期限", "jma_notified_on": "気象庁届出日", "state": "状態",
    "disposed_on": "処分日", "installed_on": "設置日", "first_day": "初回データ日", "last_day": "最終データ日",
    "note": "備考",
}  # fmt: skip
_OF_THE_ASSET = (
    "asset", "unit_price_yen", "price_yen", "subsidised_yen", "subsidy_yen", "acquired_on", "service_life_years",
    "technical_conformity", "label_attached_on", "photo",
)  # fmt: skip
_PLAIN = (
    "jc_star", "support_until", "verification_number", "verification_until", "jma_notified_on", "note", "disposed_on",
    "device", "gateway", "use", "area", "place",
)  # fmt: skip
_SUMMED = ("quantity", "price_yen", "subsidised_yen", "subsidy_yen")


def lines_of(asked: Asked) -> tuple[list[EquipmentLine], Evidence]:
    """The lines as at the end of the period, today while it runs, with their evidence."""
    day = min(asked.period.last_day, to_jst(asked.now).date())
    found = keep(asked, "ledger", partial(equipment, asked.connection, asked.project.code, day, asked.now))
    evidence = evidence_of(
        asked, "ledger", "figure_equipment", len(found), project_code=asked.project.code, day_=day, now_=asked.now
    )
    return found, evidence


def line_cells(line: EquipmentLine, evidence: Evidence) -> dict[str, Cell]:
    """The cells of a line. What an inspection asks for and the ledger lacks is ―; what need not be said is empty."""
    lacking = _NO_LINE if line.asset is None else _NOT_SAID
    cells = {name: figure_cell(getattr(line, name), evidence, lacking) for name in _OF_THE_ASSET}
    cells |= {name: Cell(value=getattr(line, name), evidence=evidence.id) for name in _PLAIN}
    sends = line.what != "other"
    if not sends:
        cells["technical_conformity"] = Cell(value=line.technical_conformity, evidence=evidence.id)
    no_data = {"device": _NO_DATA, "gateway": _NO_REPORT}.get(line.what, _NO_SENDER)
    position = None if line.latitude is None else f"{line.latitude:.5f}, {line.longitude or 0:.5f}"
    return cells | {
        "line": Cell(value=line.asset or line.device or line.gateway),
        "name": Cell(value=line.name), "quantity": figure_cell(line.quantity, evidence),
        "network": Cell(value=line.network_name), "technology": Cell(value=_technology(line)),
        "model": figure_cell(line.model, evidence, _NOT_SAID),
        "serial": figure_cell(line.serial, evidence, _NOT_SAID) if sends else Cell(value=line.serial),
        "managed": Cell(value="○" if line.managed else None, evidence=evidence.id),
        "disposal_until": figure_cell(line.disposal_until, evidence, _NO_LIMIT),
        "position": figure_cell(position, evidence, None if line.place else _NOT_SAID),
        "state": Cell(value=_state(line), evidence=evidence.id),
        "installed_on": figure_cell(line.installed_on, evidence, _NOT_SAID if line.what == "device" else None),
        "first_day": figure_cell(line.first_day, evidence, no_data),
        "last_day": figure_cell(line.last_day, evidence, no_data),
    }  # fmt: skip


def read_lines(choose: Callable[[EquipmentLine], bool]) -> Callable[[Asked], TableRead]:
    """A reader of the chosen lines; the total adds up yen and pieces exactly, and says how many have no price."""

    def read(asked: Asked) -> TableRead:
        lines, evidence = lines_of(asked)
        chosen = [line for line in lines if choose(line)]
        rows = tuple(RowRead(line.key, line_cells(line, evidence)) for line in chosen)
        total = {name: figure_cell(_sum(chosen, name), evidence) for name in _SUMMED}
        total |= {"line": Cell(value="計"), "asset": Cell(value="計"), "name": Cell(value=f"{len(chosen)}件")}
        return TableRead(rows, RowRead("total", total), (evidence,))

    return read


def read_expiring(asked: Asked) -> TableRead:
    """The lines whose verification (検定) has expired, or does so within 90 days after the period; the first on top."""
    lines, evidence = lines_of(asked)
    until = asked.period.last_day + SOON
    soon = [(line.verification_until, line) for line in lines
            if not line.gone and line.verification_until and line.verification_until <= until]  # fmt: skip
    rows = tuple(
        RowRead(line.key, {
            **line_cells(line, evidence),
            "days_left": figure_cell((ends - asked.period.last_day).days, evidence),
            "expired": Cell(value="期限切れ" if ends < asked.period.last_day else "期限が近い"),
        })
        for ends, line in sorted(soon, key=lambda each: (each[0], each[1].key))
    )  # fmt: skip
    return TableRead(rows, None, (evidence,))


def read_sums(asked: Asked) -> FieldsRead:
    """The ledger in one box."""
    lines, evidence = lines_of(asked)
    there = [line for line in lines if not line.gone]
    assets = [line for line in there if line.asset is not None]
    managed = [line for line in assets if line.managed]
    unpriced = sum(line.price_yen is None for line in assets)
    inspected = inspect(lines, min(asked.period.last_day, to_jst(asked.now).date()), asked.project.granted_on)
    values: dict[str, int] = {
        "lines": len(there), "assets": len(assets), "without_asset": len(there) - len(assets), "managed": len(managed),
        "gone": len(lines) - len(there), "unpriced": unpriced,
        "with_findings": sum(bool(each.findings) for each in inspected),
        "verification_over": count_findings(inspected).get(Finding.VERIFICATION_OVER, 0),
        **{name: _sum(assets, name) for name in _SUMMED},
        "managed_yen": _sum(managed, "price_yen"),
    }  # fmt: skip
    marks = (_unpriced(unpriced),) if unpriced else ()
    return FieldsRead({name: figure_cell(value, evidence) for name, value in values.items()}, (evidence,), marks)


def read_counts(asked: Asked) -> TableRead:
    """Planned, installed and heard, by kind: what the ledger calls it, else the use of the device."""
    lines, evidence = lines_of(asked)
    there = [line for line in lines if not line.gone]
    planned = _planned(asked)
    kinds = dict.fromkeys([*planned, *sorted({line.kind for line in there})])
    rows = tuple(
        RowRead(kind, {
            "kind": Cell(value=kind),
            **_counts([line for line in there if line.kind == kind], planned.get(kind), evidence),
        })
        for kind in kinds
    )  # fmt: skip
    whole = _counts(there, sum(planned.values()) if planned and set(planned) >= set(kinds) else None, evidence)
    return TableRead(rows, RowRead("total", {"kind": Cell(value="計"), **whole}), (evidence,))


def _planned(asked: Asked) -> dict[str, int]:
    if asked.plan is None:
        return {}
    return {each.kind: each.count for each in asked.plan.document.equipment}


def _counts(lines: Sequence[EquipmentLine], planned: int | None, evidence: Evidence) -> dict[str, Cell]:
    senders = [line for line in lines if line.what == "device"]
    return {
        "planned": figure_cell(planned, None, _NO_PLANNED),
        "installed": figure_cell(sum(line.quantity for line in lines), evidence),
        "heard": figure_cell(sum(line.first_day is not None for line in senders) if senders else None, evidence,
                             _NO_SENDER),
        "first_day": figure_cell(min(_days(senders), default=None), evidence, _NO_DATA if senders else _NO_SENDER),
        "labelled": figure_cell(sum(line.quantity for line in lines if line.label_attached_on), evidence),
        "pictured": figure_cell(sum(line.quantity for line in lines if line.photo), evidence),
    }  # fmt: skip


def _days(lines: Iterable[EquipmentLine]) -> list[date]:
    return [line.first_day for line in lines if line.first_day is not None]


def _sum(lines: Iterable[EquipmentLine], name: str) -> int:
    return sum(getattr(line, name) or 0 for line in lines)


def _state(line: EquipmentLine) -> str | None:
    return None if line.state is None else AssetState(line.state).label.ja


def _technology(line: EquipmentLine) -> str | None:
    return None if line.technology is None else NetworkKind(line.technology).label.ja


def _unpriced(count: int) -> Said:
    return Said(
        ja=f"単価のない資産が {count} 件あります。金額の計はそれらを含みません。",
        en=f"{count} assets have no price; the sums of yen are without them.",
    )


LINES = Source("ledger", "table", read_lines(lambda line: not line.gone), LINES_OFFERED)
MANAGED = Source(
    "managed_assets",
    "table",
    read_lines(lambda line: line.asset is not None and line.managed and not line.gone),
    LINES_OFFERED,
)
GONE = Source("gone_assets", "table", read_lines(lambda line: line.gone), LINES_OFFERED)
EXPIRING = Source(
    "verification_due", "table", read_expiring,
    {**LINES_OFFERED, "days_left": "期末から期限までの日数", "expired": "期限切れか"},
)  # fmt: skip
ASSET_SUMS = Source(
    "ledger_sums", "fields", read_sums,
    {
        "lines": "台帳の行数", "assets": "資産の行数", "without_asset": "資産の行がない機器・基地局",
        "managed": f"単価{MANAGED_FROM_YEN:,}円以上", "gone": "処分・亡失", "unpriced": "単価のない資産",
        "with_findings": "確認が要る行", "verification_over": "検定の期限切れ", "quantity": "数量の計",
        "price_yen": "金額(税抜)の計", "subsidised_yen": "補助対象経費の計", "subsidy_yen": "補助金額の計",
        "managed_yen": "単価50万円以上の金額の計",
    },
)  # fmt: skip
EQUIPMENT_COUNTS = Source(
    "equipment_counts", "table", read_counts,
    {
        "kind": "種別(台帳の品名。資産の行がなければ分野)", "planned": "計画数", "installed": "設置数",
        "heard": "データが届いた機器", "first_day": "最初のデータ日", "labelled": "ラベル貼付", "pictured": "写真あり",
    },
)  # fmt: skip
LEDGER: tuple[Source, ...] = (LINES, MANAGED, GONE, EXPIRING, ASSET_SUMS, EQUIPMENT_COUNTS)
