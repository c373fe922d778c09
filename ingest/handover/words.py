"""Columns that several parts have, each defined once."""

from ingest.handover.column import Column, Type
from schemas.gateway_report import GatewayEventKind
from schemas.reading import Quality
from schemas.uplink import EventKind

PROJECT = Column("project", Type.TEXT, "事業コード", "project", into="project_id", refers="project")
NETWORK = Column("network", Type.TEXT, "通信網コード", "network", into="network_id", refers="network")
GATEWAY = Column("gateway", Type.TEXT, "基地局コード", "gateway", into="gateway_id", refers="gateway")
PROFILE = Column("profile", Type.TEXT, "プロファイル", "profile", into="profile_id", refers="profile")
DEVICE = Column("device", Type.TEXT, "機器コード", "device", into="device_id", refers="device")
QUANTITY = Column(
    "quantity", Type.TEXT, "測定項目。quantity を参照", "quantity, see there", into="quantity_id", refers="quantity"
)
CODE = Column("code", Type.TEXT, "コード", "code")
NAME = Column("name", Type.TEXT, "名称", "name")
LATITUDE = Column("latitude", Type.NUMBER, "緯度", "latitude", "deg")
LONGITUDE = Column("longitude", Type.NUMBER, "経度", "longitude", "deg")

CHANNEL = Column("channel", Type.INTEGER, "チャネル(同じ項目のセンサーの区別)", "tells probes of one quantity apart")
VALUE = Column("value", Type.NUMBER, "値(単位は quantity)", "value, in the unit of its quantity")
QUALITY = Column(
    "quality",
    Type.INTEGER,
    "注意の印の和。空は特記なし",
    "sum of flags; empty: nothing to remark",
    values={str(flag.value): str(flag.name).lower() for flag in Quality},
)
MESSAGE_ID = Column("message_id", Type.INTEGER, "メッセージの番号(内容のハッシュ)", "hash of the message")
RECEIVED_AT = Column("received_at", Type.TIME, "受信日時", "time of receipt", "UTC")
KINDS = {str(int(kind)): kind.name.lower() for kind in EventKind}
GATEWAY_KINDS = {str(int(kind)): kind.name.lower() for kind in GatewayEventKind}


def time(ja: str, en: str, name: str = "time") -> Column:
    """A column of times."""
    return Column(name, Type.TIME, ja, en, "UTC")


def text(name: str, ja: str, en: str) -> Column:
    """A column of texts."""
    return Column(name, Type.TEXT, ja, en)


def count(name: str, ja: str, en: str, unit: str = "") -> Column:
    """A column of whole numbers."""
    return Column(name, Type.INTEGER, ja, en, unit)


def number(name: str, ja: str, en: str, unit: str = "") -> Column:
    """A column of numbers with a fraction."""
    return Column(name, Type.NUMBER, ja, en, unit)


def short(name: str, ja: str, en: str, unit: str) -> Column:
    """A column of numbers of single precision."""
    return Column(name, Type.SHORT_NUMBER, ja, en, unit)


def day(name: str, ja: str, en: str) -> Column:
    """A column of days."""
    return Column(name, Type.DATE, ja, en)


RANGE = (
    number("reject_low", "隔離する下限", "set aside below"),
    number("reject_high", "隔離する上限", "set aside above"),
    number("flag_low", "注記する下限", "flagged below"),
    number("flag_high", "注記する上限", "flagged above"),
    number("greatest_per_hour", "1時間の最大増加(積算値)", "greatest growth in an hour, of a counter"),
)
