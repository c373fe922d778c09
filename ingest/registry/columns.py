"""The columns of each kind of table: field, Japanese heading, other accepted headings, how to read a cell."""

import difflib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from pydantic import BaseModel

from ingest.registry import asset_cells, catalogue_cells, cells
from ingest.registry.problem import Kind
from schemas.asset import Asset
from schemas.bilingual import Bilingual
from schemas.binding import Binding
from schemas.device import Device, Gateway, Network
from schemas.own_quantity import OwnQuantity, OwnRange
from schemas.project import Project
from schemas.stage import Stage

MODELS: Mapping[Kind, type[BaseModel]] = {
    Kind.PROJECT: Project,
    Kind.QUANTITY: OwnQuantity,
    Kind.RANGE: OwnRange,
    Kind.NETWORK: Network,
    Kind.GATEWAY: Gateway,
    Kind.DEVICE: Device,
    Kind.BINDING: Binding,
    Kind.STAGE: Stage,
    Kind.ASSET: Asset,
}


class Column(NamedTuple):
    """One column. Two columns may fill the same field (seconds or minutes); the first one names it."""

    field: str
    heading: str
    parse: Callable[[str], object]
    also: tuple[str, ...] = ()


_LATITUDE = Column("latitude", "緯度", cells.latitude, ("lat",))
_LONGITUDE = Column("longitude", "経度", cells.longitude, ("lon", "lng"))
_RANGES = (
    Column("reject_low", "隔離下限", catalogue_cells.number),
    Column("reject_high", "隔離上限", catalogue_cells.number),
    Column("flag_low", "注意下限", catalogue_cells.number),
    Column("flag_high", "注意上限", catalogue_cells.number),
    Column("greatest_per_hour", "1時間の最大増加", catalogue_cells.number),
)

COLUMNS: Mapping[Kind, tuple[Column, ...]] = {
    Kind.ASSET: (
        Column("code", "資産番号", cells.code, ("管理番号",)),
        Column("project", "事業", cells.code, ("事業コード",)),
        Column("name", "品名", cells.text, ("財産名",)),
        Column("device", "機器", cells.code, ("機器コード",)),
        Column("gateway", "基地局", cells.code, ("基地局コード",)),
        Column("model", "型式", cells.text, ("型番", "規格")),
        Column("serial", "製造番号", cells.text, ("シリアル番号",)),
        Column("quantity", "数量", asset_cells.pieces),
        Column("unit_price_yen", "単価(税抜)", asset_cells.yen, ("単価",)),
        Column("subsidised_yen", "補助対象経費", asset_cells.yen),
        Column("subsidy_yen", "補助金額", asset_cells.yen),
        Column("acquired_on", "取得日", cells.day, ("取得年月日",)),
        Column("service_life_years", "耐用年数", asset_cells.years, ("処分制限期間",)),
        Column("disposal_until", "処分制限期限", cells.day, ("処分制限年月日",)),
        Column("place", "所在地", cells.text, ("設置場所", "保管場所")),
        Column("technical_conformity", "技適番号", asset_cells.mark, ("技適",)),
        Column("jc_star", "JC-STAR", cells.text),
        Column("support_until", "サポート期限", cells.day),
        Column("label_attached_on", "ラベル貼付日", cells.day, ("ラベル貼付",)),
        Column("photo", "写真ID", cells.text, ("写真",)),
        Column("verification_number", "検定番号", cells.text),
        Column("verification_until", "検定の有効期限", cells.day, ("検定期限",)),
        Column("jma_notified_on", "気象庁届出日", cells.day),
        Column("state", "状態", asset_cells.state),
        Column("disposed_on", "処分日", cells.day, ("処分年月日",)),
        Column("note", "備考", cells.text),
    ),
    Kind.STAGE: (
        Column("name", "基準水位名", cells.text, ("基準水位",)),
        Column("project", "事業", cells.code, ("事業コード",)),
        Column("device", "機器", cells.code, ("機器コード",)),
        Column("rank", "段階", catalogue_cells.rank),
        Column("level_m", "水位(m)", catalogue_cells.metres),
        Column("official", "公式", cells.boolean),
        Column("ref_level", "警戒レベルの目安", catalogue_cells.ref_level),
        Column("source", "出典", cells.text),
        Column("datum", "基準面", cells.text),
        Column("valid_from", "適用開始", catalogue_cells.begin),
        Column("valid_to", "適用終了", catalogue_cells.end),
        Column("quantity", "測定項目", catalogue_cells.quantity, ("測定項目コード",)),
        Column("channel", "チャンネル", catalogue_cells.channel),
        Column("name_en", "英語名", cells.text),
    ),
    Kind.BINDING: (
        Column("valid_from", "取付開始", catalogue_cells.begin, ("適用開始",)),
        Column("valid_to", "取付終了", catalogue_cells.end, ("適用終了",)),
        Column("project", "事業", cells.code, ("事業コード",)),
        Column("device", "機器", cells.code, ("機器コード",)),
        Column("quantity", "測定項目", catalogue_cells.quantity, ("測定項目コード",)),
        Column("channel", "チャンネル", catalogue_cells.channel),
        Column("profile", "プロファイル", cells.code),
        Column("unit", "単位", cells.text),
        Column("depth_cm", "深さ(cm)", catalogue_cells.number),
        Column("mount_height_m", "取付高(m)", catalogue_cells.number),
        Column("level", "水位項目", catalogue_cells.quantity),
        Column("sensor", "センサー種別", catalogue_cells.sensor),
        Column("blind_zone_m", "不感帯(m)", catalogue_cells.number),
        Column("range_m", "測定範囲(m)", catalogue_cells.number),
        Column("bed_m", "河床高(m)", catalogue_cells.number),
        Column("scale", "倍率", catalogue_cells.number),
        Column("offset", "補正値", catalogue_cells.number),
    ),
    Kind.QUANTITY: (
        Column("code", "測定項目コード", catalogue_cells.quantity),
        Column("project", "事業", cells.code, ("事業コード",)),
        Column("label_ja", "測定項目名", cells.text),
        Column("label_en", "英語名", cells.text),
        Column("unit", "単位", cells.text),
        Column("unit_ja", "単位の表記", cells.text),
        Column("kind", "集計の種類", catalogue_cells.kind),
        *_RANGES,
        Column("states", "状態", catalogue_cells.states),
    ),
    Kind.RANGE: (
        Column("quantity", "範囲を狭める測定項目", catalogue_cells.quantity, ("測定項目",)),
        Column("project", "事業", cells.code, ("事業コード",)),
        *_RANGES,
    ),
    Kind.DEVICE: (
        Column("code", "機器コード", cells.code, ("機器ID",)),
        Column("project", "事業", cells.code, ("事業コード",)),
        Column("network", "通信網", cells.code, ("通信網コード",)),
        Column("name", "機器名", cells.text, ("名称", "機器名称")),
        Column("gateway", "基地局", cells.code, ("基地局コード",)),
        Column("model", "型式", cells.text, ("型番",)),
        Column("serial", "製造番号", cells.text, ("シリアル番号",)),
        Column("use", "分野", cells.text, ("用途",)),
        Column("area", "地区", cells.text, ("地区名",)),
        Column("profile", "プロファイル", cells.code),
        Column("dev_eui", "DevEUI", cells.dev_eui),
        Column("things_stack_id", "Things Stack ID", cells.things_stack_id),
        Column("sparkplug_id", "Sparkplug ID", cells.sparkplug_id),
        Column("client_id", "クライアントID", cells.text),
        _LATITUDE,
        _LONGITUDE,
        Column("interval_s", "送信間隔(秒)", cells.seconds),
        Column("interval_s", "送信間隔(分)", cells.minutes, ("interval_min",)),
        Column("calm_interval_s", "平常時の送信間隔(秒)", cells.seconds),
        Column("calm_interval_s", "平常時の送信間隔(分)", cells.minutes, ("calm_interval_min",)),
        Column("active_level_m", "観測開始水位(m)", catalogue_cells.metres, ("観測開始水位",)),
        Column("season_from", "運用開始", cells.month_day, ("運用期間開始",)),
        Column("season_to", "運用終了", cells.month_day, ("運用期間終了",)),
        Column("installed_on", "設置日", cells.day),
        Column("enabled", "有効", cells.boolean),
        Column("airtime_regime", "送信時間の区分", asset_cells.regime),
        Column("site_class", "設置環境", asset_cells.site_class),
        Column("published", "公開", cells.boolean),
    ),
    Kind.GATEWAY: (
        Column("code", "基地局コード", cells.code),
        Column("network", "通信網", cells.code, ("通信網コード",)),
        Column("name", "基地局名", cells.text, ("名称", "基地局名称")),
        Column("gateway_id", "基地局ID", cells.text, ("Gateway EUI",)),
        _LATITUDE,
        _LONGITUDE,
        Column("airtime_regime", "送信時間の区分", asset_cells.regime),
    ),
    Kind.NETWORK: (
        Column("code", "通信網コード", cells.code),
        Column("project", "事業", cells.code, ("事業コード",)),
        Column("kind", "通信方式", cells.network_kind),
        Column("name", "通信網名", cells.text, ("名称", "通信網名称")),
    ),
    Kind.PROJECT: (
        Column("code", "事業コード", cells.code),
        Column("name", "事業名", cells.text, ("名称", "事業名称")),
        Column("organisation_code", "団体コード", cells.organisation_code, ("全国地方公共団体コード",)),
        Column("organisation_name", "事業主体", cells.text, ("団体名",)),
        Column("grant_number", "交付決定番号", cells.text),
        Column("granted_on", "交付決定日", cells.day),
        Column("completed_on", "完了日", cells.day),
        Column("retention", "保存期間(月)", cells.retention, ("保存期間",)),
    ),
}
"""In the order in which a table is recognised: a device table also names gateways, networks and projects by code."""


def heading_key(heading: str) -> str:
    """A heading without what does not count in it: width, case, spaces, hyphens and underscores."""
    return "".join(unicodedata.normalize("NFKC", heading).casefold().split()).replace("_", "").replace("-", "")


_BY_HEADING: Mapping[Kind, Mapping[str, Column]] = {
    kind: {
        heading_key(heading): column
        # Reversed: if two columns fill one field, the plain name of the field means the first.
        for column in reversed(columns)
        for heading in (column.field, column.heading, *column.also)
    }
    for kind, columns in COLUMNS.items()
}


def find(kind: Kind, heading: str) -> Column | None:
    """The column a heading means in a table of this kind."""
    return _BY_HEADING[kind].get(heading_key(heading))


def label(kind: Kind, field: str) -> Bilingual:
    """The Japanese heading and the English name of a field; its name alone if it has no heading."""
    return Bilingual(next((column.heading for column in COLUMNS.get(kind, ()) if column.field == field), field), field)


def required(kind: Kind) -> tuple[str, ...]:
    """The fields without which a thing of this kind cannot be entered."""
    return tuple(name for name, field in MODELS[kind].model_fields.items() if field.is_required())


def nullable(kind: Kind, field: str) -> bool:
    """Whether an empty cell clears the field. In other fields it leaves the value as it is."""
    information = MODELS[kind].model_fields[field]
    return not information.is_required() and information.default is None


def kind_of(headings: Sequence[str]) -> Kind | None:
    """The kind of thing a table with these headings lists, or None if that is not clear."""
    keys = {heading_key(heading) for heading in headings if heading.strip()}
    for kind, columns in COLUMNS.items():
        own_code = columns[0]
        if keys & {heading_key(heading) for heading in (own_code.heading, *own_code.also)}:
            return kind
    complete = [
        kind
        for kind in COLUMNS
        if keys <= set(_BY_HEADING[kind]) and set(required(kind)) <= {_BY_HEADING[kind][key].field for key in keys}
    ]
    return complete[0] if len(complete) == 1 else _most_known(keys)


def _most_known(keys: set[str]) -> Kind | None:
    known = sorted(((len(keys & set(_BY_HEADING[kind])), kind) for kind in COLUMNS), reverse=True)
    return known[0][1] if known[0][0] >= 2 and known[0][0] > known[1][0] else None


def nearest(kind: Kind, heading: str) -> Bilingual:
    """Advice on an unknown heading: the nearest known ones, else all of them."""
    choices = {heading_key(each): each for column in COLUMNS[kind] for each in (column.heading, column.field)}
    found = difflib.get_close_matches(heading_key(heading), choices, n=2, cutoff=0.5)
    if found:
        near = [choices[key] for key in found]
        return Bilingual(f"「{'」か「'.join(near)}」ではありませんか", f"did you mean {' or '.join(near)}?")
    return Bilingual(
        f"使える見出し: {'、'.join(column.heading for column in COLUMNS[kind])}",
        f"there are {', '.join(dict.fromkeys(column.field for column in COLUMNS[kind]))}",
    )
