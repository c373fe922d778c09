"""Open data (観測データ公開): the values of the published devices, with their terms and with what was left out."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, time, timedelta
from fractions import Fraction
from functools import cache, partial

from ingest.errors import CallRefused
from ingest.figures.report.opened import OpenAsked, OpenQuality, OpenSeries, OpenValue, open_series, open_values
from ingest.report.rounding import round_half_up
from ingest.report.source.base import Asked, FieldsRead, LinesRead, RowRead, Source, TableRead
from ingest.report.source.body import keep
from ingest.report.source.proof import evidence_of, figure_cell
from schemas.bilingual import Bilingual
from schemas.japan import JST, to_jst
from schemas.open_data import open_data
from schemas.report_document import Cell, Evidence, Said

MOST_ROWS = 20_000
"""A report of more rows is refused: its document would not fit the memory that a report may take."""

_EXACT_DECIMALS = 5
_HOUR, _DAY = timedelta(hours=1), timedelta(hours=24)
_GRAINS = {_HOUR: "1時間ごと(観測時刻は始まりの時刻)", _DAY: "1日ごと(日本時間0時から24時)"}
_NONE_PUBLISHED = Said(
    ja="台帳で「公開」とした機器に、公開できる測定がありません。",
    en="No device that the registry marks as published has measurements that may be published.",
)
_WHY: Mapping[str, str] = {
    "not_open": "公開する項目の一覧(schemas/open_data.yaml)にありません",
    "not_verified": (
        "気象業務法により、台帳の資産に検定番号・検定の有効期限・気象庁届出日がそろっている日だけ公開します。"
        "この期間にはありません"
    ),
    "partly_verified": (
        "気象業務法により、台帳の資産に検定番号・検定の有効期限・気象庁届出日がそろっている日だけ公開しました"
    ),
}


def _step(asked: Asked) -> timedelta:
    """An hour within a month, a day within a year."""
    return _HOUR if asked.period.span == "month" else _DAY


def _asked_of(asked: Asked) -> OpenAsked:
    rules = open_data()
    start, end = (datetime.combine(day, time.min, JST) for day in (asked.first_day, asked.until_day))
    return OpenAsked(asked.project.code, start, end, tuple(rules.open), tuple(rules.weather), rules.summed)


def _series(asked: Asked) -> list[OpenSeries]:
    """Every series of the published devices, those that are left out too."""
    return keep(asked, "open_series", partial(open_series, asked.connection, _asked_of(asked)))


def _shown(asked: Asked) -> list[OpenSeries]:
    return [each for each in _series(asked) if each.reason in (None, "partly_verified")]


def _values(asked: Asked) -> list[OpenValue]:
    """Raises CallRefused for more rows than a report takes."""
    wanted, step = _asked_of(asked), _step(asked)
    most = len(_shown(asked)) * ((min(asked.period.until, wanted.end) - wanted.start) // step)
    if most > MOST_ROWS:
        raise CallRefused(too_many_rows(most, asked.period.span))
    read = partial(open_values, asked.connection, wanted, step, asked.now)
    return keep(asked, "open_values", read)


def too_many_rows(rows: int, span: str) -> Bilingual:
    """Why open data of so many rows is not made, and what to do."""
    ja = (
        "月ごとに作るか、公開する機器を減らしてください"
        if span == "year"
        else "公開する機器を減らすか、年度(1日ごと)で作ってください"
    )
    en = (
        "make it month by month, or publish fewer devices"
        if span == "year"
        else "publish fewer devices, or make the year (daily values)"
    )
    return Bilingual(
        f"公開データが {rows:,} 行になります。一度に作れるのは {MOST_ROWS:,} 行までです。{ja}",
        f"the open data would have {rows:,} rows, and at most {MOST_ROWS:,} are made at once: {en}",
    )


def _evidence(asked: Asked, rows: int) -> Evidence:
    wanted = _asked_of(asked)
    step = "1 hour" if _step(asked) == _HOUR else "24 hours"
    return evidence_of(
        asked, "open", "figure_report_open", rows, project_code=wanted.project, from_=wanted.start, to_=wanted.end,
        now_=asked.now, step=step, open_=_array(wanted.open), weather=_array(wanted.weather),
        summed=_array(wanted.summed),
    )  # fmt: skip


def _array(codes: tuple[str, ...]) -> str:
    return f"{{{','.join(codes)}}}"


def read_open_data(asked: Asked) -> TableRead:
    """A row for each value. Cells that many rows share are made once: there may be tens of thousands of rows."""
    values = _values(asked)
    proof = _evidence(asked, len(values))
    known = {(each.device, each.quantity, each.channel): _series_cells(asked, each) for each in _shown(asked)}
    clock = _clock_cells(daily=_step(asked) == _DAY)
    rows = []
    for value in values:
        shared, decimals = known[value.device, value.quantity, value.channel]
        at = to_jst(value.at)
        cells = {**shared, **clock(at), **_value_cells(value, proof, decimals["value"])}
        rows.append(RowRead(f"{value.device}.{value.quantity}.{value.channel}.{at:%Y%m%dT%H}", cells, decimals))
    return TableRead(tuple(rows), None, (proof,), _marks(asked, rows))


def _series_cells(asked: Asked, series: OpenSeries) -> tuple[dict[str, Cell], dict[str, int]]:
    """The cells that are the same in all rows of a series, and the decimals of its numbers."""
    rules = open_data()
    exact = series.use in rules.exact_positions
    places = _EXACT_DECIMALS if exact else rules.coarse_decimals
    decimals = dict.fromkeys(("latitude", "longitude"), places)
    own = (rules.open | rules.weather)[series.quantity]
    texts = {
        "organisation_code": asked.project.organisation_code, "organisation_name": asked.project.organisation_name,
        "station": series.device, "station_name": series.device_name, "quantity": _quantity(series),
        "quantity_code": series.quantity, "statistic": _statistic(series), "unit": series.unit_ja,
        "verification": "検定済" if series.weather_law else "対象外", "licence": rules.licence.name,
        "licence_url": rules.licence.url,
    }  # fmt: skip
    cells = {name: Cell(value=text or None) for name, text in texts.items()}
    cells |= {"latitude": _degrees(series.latitude, places), "longitude": _degrees(series.longitude, places)}
    return cells, decimals | dict.fromkeys(("value", "minimum", "maximum"), own)


def _degrees(value: float | None, decimals: int) -> Cell:
    return Cell(value=None if value is None else round_half_up(value, decimals))


def _quantity(series: OpenSeries) -> str:
    """The name of what is measured; a second probe of a device is told from the first."""
    return f"{series.label_ja}({series.channel})" if series.channel else series.label_ja


def _statistic(series: OpenSeries) -> str:
    if series.quantity in open_data().summed:
        return "合計"
    return {"counter": "増分", "direction": "ベクトル平均"}.get(series.kind, "平均")


def _clock_cells(*, daily: bool) -> Callable[[datetime], dict[str, Cell]]:
    @cache
    def cells(at: datetime) -> dict[str, Cell]:
        clock = Cell() if daily else Cell(value=f"{at:%H:%M}")
        return {"at": Cell(value=at), "day": Cell(value=at.date()), "clock": clock}

    return cells


_EMPTY = Cell()
_QUALITIES = {each: Cell(value=each.label.ja) for each in OpenQuality}


def _value_cells(value: OpenValue, proof: Evidence, decimals: int) -> dict[str, Cell]:
    """The numbers are rounded here: nothing is held against them, so they are not cut as numbers of a KPI are."""
    numbers = {"value": value.value, "minimum": value.minimum, "maximum": value.maximum}
    cells = {
        name: _EMPTY if each is None else figure_cell(round_half_up(each, decimals), proof)
        for name, each in numbers.items()
    }
    return cells | {"quality": _QUALITIES[OpenQuality(value.quality)]}


def _marks(asked: Asked, rows: list[RowRead]) -> tuple[Said, ...]:
    left_out = [each for each in _series(asked) if each.reason]
    marks = [] if rows else [_NONE_PUBLISHED]
    if left_out:
        marks.append(Said(
            ja=f"公開する機器の測定のうち {len(left_out)} 系列は、その全部または一部を公開していません。",
            en=f"{len(left_out)} series of the published devices are left out, wholly or in part.",
        ))  # fmt: skip
    return tuple(marks)


_NO_ROWS = Bilingual("公開できる観測値がありません", "there is no value that may be published")


def read_terms(asked: Asked) -> FieldsRead:
    """The terms of use, and how much there is. Shares of qualities are of all rows."""
    rules, values = open_data(), _values(asked)
    proof = _evidence(asked, len(values))
    good = sum(each.quality == OpenQuality.GOOD for each in values)
    who = asked.project.organisation_name or asked.project.name
    return FieldsRead({
        "licence": Cell(value=rules.licence.name), "licence_url": Cell(value=rules.licence.url or None),
        "credit": Cell(value=f"出典: {who}「{asked.project.name} 観測データ」({asked.period.label})"),
        "grain": Cell(value=_GRAINS[_step(asked)]),
        "stations": figure_cell(len({each.device for each in values}), proof),
        "rows": figure_cell(len(values), proof), "good": figure_cell(good, proof),
        "good_rate": figure_cell(Fraction(good * 100, len(values)) if values else None, proof, _NO_ROWS),
    }, (proof,))  # fmt: skip


def read_left_out(asked: Asked) -> LinesRead:
    """What the published devices measure and is not published, with the reason."""
    return LinesRead(tuple(_left_out(asked)))


def _left_out(asked: Asked) -> Iterator[str]:
    found = False
    for each in _series(asked):
        if each.reason:
            found = True
            yield f"{each.device} {each.device_name} {_quantity(each)}: {_WHY[each.reason]}{_until(each)}。"
    if not found:
        yield "ありません。"


def _until(series: OpenSeries) -> str:
    """The last day for which the ledger says all, where there is one."""
    ends = [span.upper for span in series.verified if span.upper is not None]
    return f"({max(ends) - timedelta(days=1)} まで)" if series.reason == "partly_verified" and ends else ""


OPENED: tuple[Source, ...] = (
    Source("open_data", "table", read_open_data, {
        "organisation_code": "全国地方公共団体コード", "organisation_name": "地方公共団体名", "station": "観測所ID",
        "station_name": "観測所名", "latitude": "緯度", "longitude": "経度", "at": "観測日時", "day": "観測日",
        "clock": "観測時刻", "quantity": "観測項目", "quantity_code": "観測項目コード", "statistic": "集計方法",
        "value": "観測値", "minimum": "最小値", "maximum": "最大値", "unit": "単位", "quality": "品質",
        "verification": "検定区分", "licence": "ライセンス", "licence_url": "ライセンスのURL",
    }),
    Source("open_terms", "fields", read_terms, {
        "licence": "ライセンス", "licence_url": "ライセンスのURL", "credit": "出典の書き方", "grain": "集計の単位",
        "stations": "観測所数", "rows": "行数", "good": "品質が正常の行数", "good_rate": "品質が正常の割合(%)",
    }),
    Source("open_left_out", "lines", read_left_out),
)  # fmt: skip
