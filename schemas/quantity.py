"""The catalogue of quantities: code, unit, plausible range, kind and labels.

Ranges: outside *reject* a value is physically impossible or beyond any fitting sensor and is
quarantined; outside *flag* it is unusual in Japanese farms, rivers and slopes: stored and marked.
Ids are written to disk with every reading: never reuse or renumber one.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """How values of a quantity may be summarised."""

    GAUGE = "gauge"
    COUNTER = "counter"
    STATE = "state"
    EVENT = "event"
    DIRECTION = "direction"


class Quantity(NamedTuple):
    """One row of the catalogue. `unit` is a UCUM code; `states` name the values of a state, by number."""

    id: int
    code: str
    unit: str
    kind: Kind
    reject_low: float
    reject_high: float
    flag_low: float
    flag_high: float
    label_ja: str
    label_en: str
    unit_ja: str
    states: Mapping[str, int] = {}
    clamp_high: float | None = None
    """Values between this and `reject_high` are sensor error: stored as this, flagged."""
    greatest_per_hour: float | None = None
    """A counter that grows faster is wrong: its value is stored, but added to no sum. None: no limit is known."""


def _gauge(  # noqa: PLR0913  a row of a table has as many columns as it has
    id_: int,
    code: str,
    unit: str,
    reject: tuple[float, float],
    flag: tuple[float, float] | None,
    ja: str,
    en: str,
    *,
    unit_ja: str | None = None,
    kind: Kind = Kind.GAUGE,
    clamp_high: float | None = None,
) -> Quantity:
    low, high = flag or reject
    return Quantity(
        id_, code, unit, kind, *reject, low, high, ja, en, unit if unit_ja is None else unit_ja, {}, clamp_high
    )


def _counter(
    id_: int, code: str, unit: str, high: float, ja: str, en: str, unit_ja: str, *, per_hour: float | None = None
) -> Quantity:
    return Quantity(id_, code, unit, Kind.COUNTER, 0, high, 0, high, ja, en, unit_ja, {}, None, per_hour)


def _count(id_: int, code: str, high: float, ja: str, en: str, unit_ja: str) -> Quantity:
    """A count of one interval. More than 10000 is unusual here; a full 16-bit word is no count at all."""
    return _gauge(id_, code, "{count}", (0, high), (0, 10_000), ja, en, unit_ja=unit_ja, kind=Kind.EVENT)


def _state(id_: int, code: str, states: Mapping[str, int], ja: str, en: str, *, kind: Kind = Kind.STATE) -> Quantity:
    high = max(states.values())
    return Quantity(id_, code, "1", kind, 0, high, 0, high, ja, en, "", states)


_OPEN_CLOSED = {"closed": 0, "open": 1, "moving": 2, "fault": 3, "close": 0, "off": 0, "on": 1, "false": 0, "true": 1}
_DETECTED = {"off": 0, "on": 1, "false": 0, "true": 1, "normal": 0, "detected": 1, "noleak": 0, "leak": 1}
_JMA_SCALE = {
    "0": 0, "1": 10, "2": 20, "3": 30, "4": 40, "5-": 45, "5+": 50, "6-": 55, "6+": 60, "7": 70,
    "5弱": 45, "5強": 50, "6弱": 55, "6強": 60, "5 lower": 45, "5 upper": 50, "6 lower": 55, "6 upper": 60,
}  # fmt: skip
"""Numbers of the Meteorological Agency's own telegrams. A bare 5 or 6 is no step of the scale and is refused."""
_ANIMALS = {
    "none": 0, "boar": 1, "inoshishi": 1, "deer": 2, "shika": 2, "monkey": 3, "saru": 3, "bear": 4, "kuma": 4,
    "raccoon": 5, "araiguma": 5, "badger": 6, "civet": 7, "hakubishin": 7, "crow": 8, "human": 20, "vehicle": 21,
    "other": 99,
}  # fmt: skip

CATALOGUE: tuple[Quantity, ...] = (
    # soil
    _gauge(1, "soil_moisture", "%", (-5, 100), (1, 70), "土壌水分", "Soil moisture"),
    _gauge(2, "soil_water_potential", "kPa", (-1e6, 10), (-1500, 0), "土壌水ポテンシャル", "Soil water potential"),
    _gauge(3, "soil_temperature", "Cel", (-40, 80), (-15, 50), "地温", "Soil temperature", unit_ja="℃"),
    _gauge(4, "soil_ec", "dS/m", (0, 100), (0, 8), "土壌EC", "Soil electrical conductivity"),
    _gauge(5, "soil_ph", "[pH]", (0, 14), (3.5, 9.5), "土壌pH", "Soil pH", unit_ja=""),
    _gauge(6, "soil_nitrogen", "mg/kg", (0, 50000), (0, 2000), "土壌窒素", "Soil nitrogen"),
    _gauge(7, "soil_phosphorus", "mg/kg", (0, 50000), (0, 2000), "土壌リン", "Soil phosphorus"),
    _gauge(8, "soil_potassium", "mg/kg", (0, 50000), (0, 2000), "土壌カリウム", "Soil potassium"),
    _gauge(9, "soil_permittivity", "1", (0, 200), (1, 100), "土壌比誘電率", "Soil dielectric permittivity", unit_ja=""),
    _gauge(10, "soil_pore_water_ec", "dS/m", (0, 100), (0, 15), "土壌溶液EC", "Pore-water electrical conductivity"),
    # air
    _gauge(20, "air_temperature", "Cel", (-60, 70), (-35, 43), "気温", "Air temperature", unit_ja="℃"),
    _gauge(21, "air_humidity", "%", (0, 105), (5, 100), "湿度", "Relative humidity", clamp_high=100),
    _gauge(22, "air_dew_point", "Cel", (-60, 60), (-30, 32), "露点温度", "Dew point", unit_ja="℃"),
    _gauge(23, "air_vpd", "kPa", (0, 15), (0, 6), "飽差(VPD)", "Vapour pressure deficit"),
    _gauge(24, "air_pressure", "hPa", (500, 1100), (850, 1050), "気圧(現地)", "Station pressure"),
    _gauge(25, "air_co2", "[ppm]", (0, 50000), (150, 5000), "CO2濃度", "Carbon dioxide", unit_ja="ppm"),
    _gauge(26, "air_pm2_5", "ug/m3", (0, 10000), (0, 500), "PM2.5", "PM2.5", unit_ja="µg/m³"),
    _gauge(27, "air_pm10", "ug/m3", (0, 10000), (0, 500), "PM10", "PM10", unit_ja="µg/m³"),
    _gauge(28, "air_voc", "[ppb]", (0, 100000), (0, 10000), "揮発性有機化合物", "VOC", unit_ja="ppb"),
    _gauge(29, "radiation_solar", "W/m2", (-20, 2000), (-5, 1450), "日射量", "Solar radiation", unit_ja="W/m²"),
    _gauge(30, "radiation_par", "umol/(m2.s)", (-20, 4000), (0, 2600), "光合成有効放射", "PAR", unit_ja="µmol/m²/s"),
    _gauge(31, "light_illuminance", "lx", (0, 250000), (0, 150000), "照度", "Illuminance"),
    _gauge(32, "leaf_wetness", "%", (0, 100), None, "葉面濡れ", "Leaf wetness"),
    _gauge(33, "wind_speed", "m/s", (0, 120), (0, 60), "風速", "Wind speed"),
    _gauge(34, "wind_gust", "m/s", (0, 120), (0, 60), "最大瞬間風速", "Wind gust"),
    _gauge(35, "wind_direction", "deg", (0, 360), None, "風向", "Wind direction", unit_ja="°", kind=Kind.DIRECTION),
    _gauge(36, "rain_amount", "mm", (0, 500), (0, 60), "雨量(区間)", "Rain in the interval"),
    _counter(37, "rain_total", "mm", 1e6, "雨量(積算)", "Rain, running total", "mm", per_hour=400),
    _gauge(38, "rain_intensity", "mm/h", (0, 2000), (0, 300), "降雨強度", "Rain intensity"),
    _gauge(39, "air_pressure_sea_level", "hPa", (850, 1100), (900, 1060), "海面気圧", "Pressure at sea level"),
    _gauge(
        40, "radiation_solar_sum", "MJ/m2", (0, 60), (0, 35), "日射量(積算)", "Solar radiation, sum", unit_ja="MJ/m²"
    ),
    # water
    _gauge(50, "paddy_water_level", "cm", (-100, 200), (-30, 30), "水田水位", "Paddy water level"),
    _gauge(51, "paddy_water_temperature", "Cel", (-5, 60), (0, 45), "水田水温", "Paddy water temperature", unit_ja="℃"),
    _gauge(52, "river_level", "m", (-20, 60), (-5, 25), "河川水位", "River level"),
    _gauge(53, "water_flow", "m3/s", (0, 50000), (0, 30000), "流量", "Water flow", unit_ja="m³/s"),
    _gauge(54, "water_ec", "mS/cm", (0, 200), None, "水のEC", "Water electrical conductivity"),
    _gauge(55, "water_ph", "[pH]", (0, 14), None, "水のpH", "Water pH", unit_ja=""),
    _gauge(56, "water_dissolved_oxygen", "mg/L", (0, 30), None, "溶存酸素", "Dissolved oxygen"),
    _gauge(57, "water_turbidity", "[NTU]", (0, 10000), None, "濁度", "Turbidity", unit_ja="NTU"),
    _gauge(58, "water_temperature", "Cel", (-5, 60), (0, 45), "水温", "Water temperature", unit_ja="℃"),
    _gauge(59, "distance", "m", (0, 200), (0.03, 60), "距離(センサーから)", "Distance from the sensor"),
    _counter(60, "water_total", "L", 1e12, "積算流量", "Water meter total", "L", per_hour=3.6e7),
    # slope, ground, snow, earthquake
    _gauge(70, "slope_tilt_x", "deg", (-180, 180), (-90, 90), "傾斜X", "Tilt x", unit_ja="°"),
    _gauge(71, "slope_tilt_y", "deg", (-180, 180), (-90, 90), "傾斜Y", "Tilt y", unit_ja="°"),
    _gauge(72, "ground_displacement", "mm", (-10000, 10000), (-500, 500), "地盤変位", "Ground displacement"),
    _gauge(73, "snow_depth", "cm", (-20, 1500), (0, 500), "積雪深", "Snow depth"),
    _gauge(74, "seismic_pga", "Gal", (0, 6000), (0, 1500), "最大加速度", "Peak ground acceleration"),
    _gauge(75, "seismic_intensity", "{index}", (-3, 8), (0, 7), "計測震度", "Seismic intensity", unit_ja=""),
    _state(76, "seismic_scale", _JMA_SCALE, "震度階級", "Seismic intensity, JMA scale", kind=Kind.EVENT),
    # power and the device itself
    _gauge(90, "battery_voltage", "V", (0, 60), None, "電池電圧", "Battery voltage"),
    _gauge(91, "battery_level", "%", (0, 100), None, "電池残量", "Battery level"),
    _gauge(92, "panel_voltage", "V", (0, 150), None, "太陽電池電圧", "Panel voltage"),
    _gauge(93, "panel_current", "A", (-50, 50), None, "太陽電池電流", "Panel current"),
    _gauge(94, "device_temperature", "Cel", (-50, 110), None, "機器内温度", "Device temperature", unit_ja="℃"),
    _counter(95, "device_uptime", "s", 1e10, "稼働時間", "Uptime", "秒", per_hour=7200),
    _counter(96, "device_reboot_count", "{count}", 1e9, "再起動回数", "Reboots", "回"),
    _gauge(97, "link_margin", "dB", (-64, 64), None, "下り回線マージン", "Downlink margin"),
    _gauge(98, "link_rssi", "dBm", (-200, 30), (-150, 0), "受信電力(RSSI)", "Received signal strength"),
    _gauge(99, "link_snr", "dB", (-64, 64), None, "信号対雑音比(SNR)", "Signal-to-noise ratio"),
    # counts, detections and states
    _count(110, "people_count", 1e5, "人数", "People", "人"),
    _count(111, "animal_count", 1e5, "動物数", "Animals", "頭"),
    _count(112, "vehicle_count", 1e5, "車両数", "Vehicles", "台"),
    _count(113, "motion_count", 1e6, "動き検知数", "Motion count", "回"),
    _state(114, "detection_label", _ANIMALS, "検知対象", "Detected class", kind=Kind.EVENT),
    _gauge(115, "detection_confidence", "1", (0, 1), None, "検知の確からしさ", "Detection confidence", unit_ja=""),
    _state(
        116, "trap_state",
        {"armed": 0, "triggered": 1, "occupied": 2, "fault": 3, "set": 0, "sprung": 1, "trapped": 2},
        "わな状態", "Trap state",
    ),
    _state(117, "gate_state", _OPEN_CLOSED, "ゲート状態", "Gate state"),
    _state(118, "valve_state", _OPEN_CLOSED, "バルブ状態", "Valve state"),
    _gauge(119, "gate_opening", "%", (0, 100), None, "ゲート開度", "Gate opening"),
    _gauge(120, "valve_opening", "%", (0, 100), None, "バルブ開度", "Valve opening"),
    _state(121, "leak", _DETECTED, "漏水", "Leak"),
    _state(122, "contact", _OPEN_CLOSED, "接点", "Contact"),
    _state(123, "motion", _DETECTED, "動き検知", "Motion"),
    _state(124, "tilt_detected", {**_DETECTED, "tilt": 1}, "転倒検知", "Tilt detected"),
    # position of a moving or newly set device
    _gauge(130, "position_latitude", "deg", (-90, 90), (20, 46), "緯度", "Latitude", unit_ja="°"),
    _gauge(131, "position_longitude", "deg", (-180, 180), (122, 154), "経度", "Longitude", unit_ja="°"),
    _gauge(132, "position_altitude", "m", (-500, 9000), None, "標高", "Altitude"),
    # raw electrical channels whose meaning is the application's
    _gauge(140, "input_frequency", "Hz", (0, 1e9), None, "入力周波数", "Input frequency"),
    _gauge(141, "input_voltage", "V", (-1000, 1000), None, "入力電圧", "Input voltage"),
)  # fmt: skip


def by_code(quantities: Iterable[Quantity] = CATALOGUE) -> dict[str, Quantity]:
    """The catalogue as a look-up table. Raises ValueError if a code or an id occurs twice."""
    table = {quantity.code: quantity for quantity in quantities}
    ids = {quantity.id for quantity in table.values()}
    if not len(table) == len(ids) == len(tuple(quantities)):
        raise ValueError("a code or an id occurs twice in the catalogue of quantities")
    return table


BY_CODE: dict[str, Quantity] = by_code()


def _written() -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for quantity in CATALOGUE:
        found.setdefault(quantity.unit, set()).add(quantity.unit_ja)
    of_rules = {"deg/h": "°/h", "g/m3": "g/m³"}
    return {unit: names.pop() if len(names) == 1 else "" for unit, names in found.items()} | of_rules


_WRITTEN = _written()


def written_unit(unit: str) -> str:
    """A unit as it is written beside a number in Japanese: ℃ for Cel, nothing for 1. What is not known stays."""
    return _WRITTEN.get(unit, unit)


_UNITS_THAT_DIFFER = frozenset(
    {"m", "cm", "mm", "mm/h", "V", "A", "kPa", "hPa", "m/s", "L", "m3/s", "dS/m", "mS/cm", "MJ/m2", "W/m2"}
)
_WORDS_THAT_DIFFER = frozenset({"trap_state", "gate_state", "valve_state", "contact", "detection_label"})
_SCALES_THAT_DIFFER = frozenset(
    {"battery_level", "leaf_wetness", "air_voc", "seismic_pga", "device_uptime", "gate_opening", "water_turbidity"}
)
"""Codes that products send on different scales, such as steps of a pictogram and percent, g and Gal, ms and s."""

NEED_A_PROFILE: frozenset[str] = (
    _WORDS_THAT_DIFFER
    | _SCALES_THAT_DIFFER
    | {quantity.code for quantity in CATALOGUE if quantity.unit in _UNITS_THAT_DIFFER}
)
"""Codes that products use as names for something else: a distance in centimetres, a battery in millivolts, a contact
that is true where it is closed. Such a name alone is not enough to accept a value."""
