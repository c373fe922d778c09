"""The content of the first page of a usage report (概要), block by block, without a format."""

from typing import NamedTuple

from ingest.report.column import COUNT, NOTHING, PERCENT, TENTHS, TEXT, Cell
from schemas.japan import JST
from schemas.report import DeviceLine, UsageReport, below_limit

TITLE = "月次利用実績報告"
WORST = 10
"""Most devices below 80 % that the first page names. The others are marked in the list of devices."""


class Item(NamedTuple):
    """One label and its value. `form`: an Excel number format."""

    label: str
    value: Cell
    form: str = TEXT
    strong: bool = False


class Section(NamedTuple):
    """A titled block of items, `across` of them beside each other."""

    title: str
    across: int
    items: tuple[Item, ...]


def sections(report: UsageReport) -> tuple[Section, ...]:
    """All blocks of the first page, in order. The last one is absent when no device is below 80 %."""
    blocks = (_head(report), _usage(report), _messages(report), _readings(report), _worst(report), _cautions(report))
    return tuple(block for block in blocks if block.items)


def _head(report: UsageReport) -> Section:
    project, period = report.project, report.period
    whose = " ".join(filter(None, (project.organisation_name, _in_brackets("団体コード", project.organisation_code))))
    days = f"{period.first_day}〜{period.last_day}"
    running = "" if period.over else f"【月の途中: {period.until:%Y-%m-%d %H:%M} 時点】"
    return Section("対象", 1, (
        Item("事業名", f"{project.name} ({project.code})"),
        Item("事業主体", whose or NOTHING),
        Item("交付決定番号", project.grant_number or NOTHING),
        Item("対象期間", f"{period.label}  {days} {running}".rstrip(), strong=True),
        Item("作成日時", f"{report.generated_at:%Y-%m-%d %H:%M}(日本時間)"),
    ))  # fmt: skip


def _in_brackets(label: str, value: str | None) -> str | None:
    return None if value is None else f"({label} {value})"


def _usage(report: UsageReport) -> Section:
    total = report.total
    complete: Cell = NOTHING if total.completeness is None else total.completeness
    return Section("利用実績", 3, (
        Item("データ取得率", complete, PERCENT, strong=True),
        Item("期待受信数", total.expected, COUNT),
        Item("受信数", total.received, COUNT),
        Item("登録機器数", total.devices, COUNT),
        Item("うち運用対象", total.devices_expected, COUNT),
        Item("うち受信あり", total.devices_heard, COUNT),
        Item("取得率80%未満の機器", total.devices_below, COUNT),
        Item("測定値数", total.readings, COUNT),
        Item("うち注記つき", total.flagged, COUNT),
        Item("隔離(未処理)", total.quarantined, COUNT),
        Item("通信量(KB)", round(total.payload_bytes / 1000, 1), TENTHS),
        Item("備考", "、".join(total.notes)),
    ))  # fmt: skip


def _messages(report: UsageReport) -> Section:
    account = report.identity
    return Section("受信の収支: メッセージ(受信 = 保存 + 重複 + 隔離)", 3, (
        Item("受信", account.received, COUNT),
        Item("保存", account.stored, COUNT),
        Item("重複", account.duplicate, COUNT),
        Item("隔離", account.quarantined, COUNT),
    ))  # fmt: skip


def _readings(report: UsageReport) -> Section:
    account = report.identity
    return Section("受信の収支: 測定値(提示 = 保存 + 重複 + 不一致 + 隔離)", 3, (
        Item("提示", account.readings_offered, COUNT),
        Item("保存", account.readings_stored, COUNT),
        Item("重複", account.readings_duplicate, COUNT),
        Item("不一致", account.readings_conflict, COUNT),
        Item("隔離", account.readings_quarantined, COUNT),
        Item("差(0であること)", account.readings_unexplained, COUNT, strong=account.readings_unexplained != 0),
    ))  # fmt: skip


def _worst(report: UsageReport) -> Section:
    below = below_limit(report)
    title = f"取得率の低い機器({len(below)}台のうち{min(WORST, len(below))}台)"
    return Section(title, 1, tuple(Item(line.device, _about(line)) for line in below[:WORST]))


def _cautions(report: UsageReport) -> Section:
    return Section("台帳の注意", 1, tuple(Item("注意", caution) for caution in report.cautions))


def _about(line: DeviceLine) -> str:
    last = "なし" if line.last_at is None else f"{line.last_at.astimezone(JST):%Y-%m-%d %H:%M}"
    return f"{line.completeness:.1f}%  {line.device_name}({line.network_name})  最後の測定 {last}"
