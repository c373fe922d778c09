"""The equipment: how many stand how at the end of the period, every device, the worst ten, batteries that end soon."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial

from ingest.figures.report.equipment import (
    BATTERY_DAYS,
    ReportBattery,
    ReportCause,
    ReportDevice,
    ReportStanding,
    Standing,
    report_batteries,
    report_causes,
    report_devices,
)
from ingest.plan.check.causes import causes_of
from ingest.plan.check.factors import WORST, worst_stage
from ingest.plan.check.sources import NOT_LOOKED
from ingest.plan.check.split import Counts
from ingest.report.source.base import Asked, Cells, RowRead, Source, TableRead
from ingest.report.source.body import Line, body_evidence, keep, period_body
from ingest.report.source.planned import no_planned_cell, planned_cells
from ingest.report.source.proof import evidence_of, figure_cell, missing_cell
from ingest.report.source.sums import (
    OUTAGES_OFFERED,
    SUMS_OFFERED,
    named,
    outage_cells,
    read_level,
    sums_cells,
    technology_name,
)
from schemas.bilingual import Bilingual
from schemas.device import NetworkKind
from schemas.report_document import Cell, Evidence
from schemas.work import OutageCause

SOON_MONTHS = 3
"""A battery that lasts no longer is named."""

_NO_DEVICE = Bilingual("この期間に機器がありません", "there was no device in this period")
_NO_DATA = Bilingual("データが届いていません", "no data came")
_NOT_MEASURED = Bilingual("この期間に受信を期待していません", "nothing was expected of it in this period")

_INSTALLED = (Standing.WORKING, Standing.SILENT, Standing.RESTING, Standing.NEVER, Standing.DISABLED)
_STANDING: Mapping[str, str] = {
    "installed": "設置数(期末)", "working": "稼働数(期末)", "silent": "停止中(期末)", "resting": "運用期間外(期末)",
    "never": "データなし(期末)", "disabled": "台帳で停止(期末)", "moved": "移管済",
}  # fmt: skip


def devices_of(asked: Asked) -> list[ReportDevice]:
    """Every device of the period, read once."""
    days = (asked.first_day, asked.until_day)
    return keep(asked, "devices", partial(report_devices, asked.connection, asked.project.code, *days, asked.now))


def _evidence(asked: Asked, name: str, figure: str, rows: int) -> Evidence:
    return evidence_of(
        asked, name, figure, rows, project_code=asked.project.code, first_day=asked.first_day,
        until_day=asked.until_day, now_=asked.now,
    )  # fmt: skip


def standing_of(devices: Iterable[ReportDevice], project: str) -> list[ReportStanding]:
    """`figure_report_standing`, counted from the devices that were read already: to ask once more takes as long."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for each in devices:
        for place in (("project", project), ("network", each.network), ("technology", each.technology), (
            "use", each.use or "")):  # fmt: skip
            counts.setdefault(place, Counter())[each.state] += 1
    return [
        ReportStanding(
            level, key, None, sum(found[name] for name in _INSTALLED), **{name: found[name] for name in Standing}
        )
        for (level, key), found in sorted(counts.items())
    ]


def read_systems(level: str, name_of: Callable[[Line], str]) -> Callable[[Asked], TableRead]:
    """A reader of the systems by one level: how many stand how, how well they did, and what stopped them most."""
    sums_of = read_level(level, name_of)

    def read(asked: Asked) -> TableRead:
        found = sums_of(asked)
        days = (asked.first_day, asked.until_day)
        standing = keep(asked, "standing", partial(standing_of, devices_of(asked), asked.project.code))
        read_causes = partial(report_causes, asked.connection, asked.project.code, *days, asked.now)
        causes = keep(asked, "causes", read_causes)
        proofs = (
            _evidence(asked, "standing", "figure_report_standing", len(standing)),
            _evidence(asked, "causes", "figure_report_cause", len(causes)),
        )
        known = period_body(asked).look.outages_known(asked.until_day)
        add = partial(_add, standing=standing, causes=causes, proofs=proofs, known=known)
        planned, none = planned_cells(asked, level), no_planned_cell(asked)

        def plan_of(key: str) -> dict[str, Cell]:
            return {"planned": planned.get("" if key == "-" else key, none)}

        rows = tuple(RowRead(row.key, {**add(row.cells, level, row.key), **plan_of(row.key)}) for row in found.rows)
        assert found.total is not None  # sums have the row of the project
        total = RowRead("total", {**add(found.total.cells, "project", asked.project.code), **plan_of("total")})
        return TableRead(rows, total, (*found.evidence, *proofs), found.marks)

    return read


def _add(
    cells: Cells, level: str, key: str, *, standing: Iterable[ReportStanding], causes: Iterable[ReportCause],
    proofs: tuple[Evidence, Evidence], known: bool,
) -> Cells:  # fmt: skip
    key = "" if key == "-" else key
    here = next((each for each in standing if (each.level, each.key) == (level, key)), None)
    why = next((each for each in causes if (each.level, each.key) == (level, key)), None)
    made = dict(cells)
    for name in _STANDING:
        unknown = name in ("working", "silent") and not known
        value = None if here is None or unknown else int(getattr(here, name))
        made[name] = figure_cell(value, proofs[0], NOT_LOOKED if unknown else _NO_DEVICE)
    made["main_cause"] = figure_cell(None if why is None else _cause(why), proofs[1], None if known else NOT_LOOKED)
    return made


def _cause(cause: ReportCause) -> str:
    return f"{OutageCause(cause.cause).label.ja}({round(cause.seconds / 3600):,}時間)"


def read_devices(asked: Asked) -> TableRead:
    """Every device of the period, with what became of it."""
    body = period_body(asked)
    proof = _evidence(asked, "devices", "figure_report_device", len(devices_of(asked)))
    sums, outages = body_evidence(asked, "figures"), body_evidence(asked, "outages")
    own = {row["key"]: row for row in body.rows("figures", "device")}
    out = {row["key"]: row for row in body.rows("outages", "device")}
    none = None if body.whole("outages") is None else {"duty_s": 0}
    rows = []
    for device in devices_of(asked):
        if _came_later(device, asked):
            continue
        row = own.get(device.device)
        figures = {name: missing_cell(_NOT_MEASURED) for name in SUMS_OFFERED} if row is None else sums_cells(row, sums)
        cells = {**figures, **outage_cells(out.get(device.device, none), outages), **_device_cells(device, proof)}
        rows.append(RowRead(device.device, cells))
    return TableRead(tuple(rows), None, (proof, sums, outages))


def _came_later(device: ReportDevice, asked: Asked) -> bool:
    """Whether it was installed after the period and nothing came from it before: no device of this report."""
    last = asked.period.last_day
    heard = device.first_data_on is not None and device.first_data_on <= last
    return not heard and device.installed_on is not None and device.installed_on > last


def _device_cells(device: ReportDevice, proof: Evidence) -> dict[str, Cell]:
    interval = device.interval_s if device.calm_interval_s is None else device.calm_interval_s
    return {
        "device": Cell.of(device.device), "device_name": Cell.of(device.device_name),
        "network_name": Cell.of(device.network_name), "gateway_name": Cell.of(device.gateway_name),
        "technology": Cell.of(NetworkKind(device.technology).label.ja), "use": Cell.of(device.use),
        "area": Cell.of(device.area), "model": Cell.of(device.model), "serial": Cell.of(device.serial),
        "place": Cell.of(_place(device)), "interval_min": figure_cell(interval / 60, proof),
        "season": Cell.of(_season(device)), "installed_on": Cell.of(device.installed_on),
        "first_data_on": figure_cell(device.first_data_on, proof, _NO_DATA),
        "last_data_on": figure_cell(device.last_data_on, proof, _NO_DATA),
        "state": figure_cell(device.state_label.ja, proof), "note": Cell.of(_device_note(device)),
    }  # fmt: skip


def _place(device: ReportDevice) -> str | None:
    if device.latitude is None or device.longitude is None:
        return None
    return f"{device.latitude:.5f}, {device.longitude:.5f}"


def _season(device: ReportDevice) -> str:
    return f"{device.season_from}〜{device.season_to}" if device.season_from else "通年"


def _device_note(device: ReportDevice) -> str:
    notes = []
    if device.calm_interval_s is not None:
        notes.append(f"水位の高いとき{device.interval_s / 60:g}分")
    if device.places > 1:
        notes.append(f"期間中に設置場所・設定が{device.places - 1}回変わった")
    if device.came_on is not None:
        notes.append(f"{device.came_on}からこの事業")
    if device.left_on is not None:
        notes.append(f"{device.left_on}にほかの事業へ")
    return "、".join(notes)


def read_worst(asked: Asked) -> TableRead:
    """The ten devices that lost the most receptions, as the page of factors lists them, with the causes."""
    body = period_body(asked)
    proof = body_evidence(asked, "figures")
    lost = [row for row in body.rows("figures", "device") if row["expected"] > row["valid"]]
    worst = sorted(lost, key=lambda row: (row["valid"] - row["expected"], row["key"]))[:WORST]
    codes = [row["key"] for row in worst]
    causes = causes_of(asked.connection, asked.project.code, codes, asked.first_day, asked.until_day, asked.now)
    where = {device.device: device.network_name for device in devices_of(asked)}
    rows = []
    for row in worst:
        counts = Counts(row["expected"], row["sent"], row["arrived"], row["valid"])
        found = causes.get(row["key"], ())
        rows.append(RowRead(row["key"], {
            **sums_cells(row, proof), "device": Cell.of(row["key"]), "device_name": Cell.of(named(row)),
            "network_name": Cell.of(where.get(row["key"])),
            "lost": figure_cell(row["expected"] - row["valid"], proof),
            "lost_at": figure_cell(worst_stage(counts).ja, proof),
            "causes": Cell.of("、".join(cause.label.ja for cause in found)),
        }))  # fmt: skip
    return TableRead(tuple(rows), None, (proof,))


def read_batteries(asked: Asked) -> TableRead:
    """The batteries that are reckoned to end within three months after the period, or by now."""
    until = min(asked.until_day, asked.period.until.date() + timedelta(days=1))
    every = report_batteries(asked.connection, asked.project.code, until)
    proof = evidence_of(
        asked, "batteries", "figure_report_battery", len(every), project_code=asked.project.code, until_day=until,
        days=BATTERY_DAYS,
    )  # fmt: skip
    soon = [each for each in every if each.months_left is not None and each.months_left < SOON_MONTHS]
    return TableRead(tuple(_battery(each, proof) for each in soon), None, (proof,))


def _battery(battery: ReportBattery, proof: Evidence) -> RowRead:
    level = battery.quantity == "battery_level"
    return RowRead(f"{battery.device}.{battery.quantity}", {
        "device": Cell.of(battery.device), "device_name": Cell.of(battery.device_name),
        "network_name": Cell.of(battery.network_name),
        "quantity": Cell.of("電池残量(%)" if level else "電池電圧(V)"), "value": figure_cell(battery.value, proof),
        "limit": figure_cell(battery.limit_value, proof), "change_30d": figure_cell(battery.change_30d, proof),
        "months_left": figure_cell(battery.months_left, proof), "last_on": figure_cell(battery.last_on, proof),
        "days": figure_cell(battery.measured_days, proof),
    })  # fmt: skip


_SYSTEM_OFFERED = {**SUMS_OFFERED, **OUTAGES_OFFERED, **_STANDING, "planned": "計画数", "main_cause": "主な停止原因"}
_NAMED = {"device": "機器コード", "device_name": "機器名", "network_name": "通信網"}

EQUIPMENT: tuple[Source, ...] = (
    Source("systems", "table", read_systems("technology", technology_name), _SYSTEM_OFFERED),
    Source("systems_by_network", "table", read_systems("network", named), _SYSTEM_OFFERED),
    Source("systems_by_use", "table", read_systems("use", named), _SYSTEM_OFFERED),
    Source("devices", "table", read_devices, {
        **_NAMED, **SUMS_OFFERED, **OUTAGES_OFFERED, "gateway_name": "基地局", "technology": "通信方式", "use": "分野",
        "area": "地区", "model": "型式", "serial": "製造番号", "place": "緯度, 経度", "interval_min": "送信間隔(分)",
        "season": "運用期間", "installed_on": "設置日", "first_data_on": "初回データ日",
        "last_data_on": "最終データ日", "state": "期末の状態", "note": "備考",
    }),
    Source("worst", "table", read_worst, {
        **_NAMED, **SUMS_OFFERED, "lost": "失われた受信数", "lost_at": "主に失われた段階", "causes": "停止の原因",
    }),
    Source("batteries", "table", read_batteries, {
        **_NAMED, "quantity": "測った項目", "value": "最後の値", "limit": "下限", "change_30d": "30日あたりの変化",
        "months_left": "残り月数(推定)", "last_on": "最後の測定日", "days": "測定のあった日数",
    }),
)  # fmt: skip
