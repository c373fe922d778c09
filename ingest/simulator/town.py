"""The invented town: its valley, its networks, and the place of each device.

Satotani (里谷町) does not exist. Its devices follow the brooks and roads of a valley, because
gaps in coverage come from there.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import NamedTuple

from schemas.device import NetworkKind

TOWN = "里谷町(架空の町)"
FARM = "sato-nogyo"
SAFETY = "sato-bosai"
NEIGHBOUR = "隣谷町(架空の町)"
NEIGHBOUR_PROJECT = "tonari-suiro"
"""The town down the river has a project of its own, with every second of the gauges."""

_HEAD = (36.585, 138.020)
_ALONG = (-0.062, 0.078)
_M_PER_DEG_LAT = 111_200.0
_M_PER_DEG_LON = 111_200.0 * math.cos(math.radians(36.55))

_HAMLETS = (("滝ノ沢", 0.06), ("上谷", 0.22), ("向原", 0.40), ("中谷", 0.57), ("大曲", 0.75), ("下谷", 0.92))


class Kind(StrEnum):
    """The kind of a station, by what it measures."""

    PADDY = "paddy"
    SOIL = "soil"
    GREENHOUSE = "house"
    TRAP = "trap"
    RIVER = "river"
    RAIN = "rain"
    SLOPE = "slope"
    GATE = "gate"


class KindPlan(NamedTuple):
    """The plan of a kind: how many of a hundred devices, and their common properties.

    `across_m`: how far from the river they stand, at least and at most.
    `profiles`: the profiles of their payloads; None for catalogue codes.
    """

    share: int
    network: str
    label_ja: str
    model: str
    use: str
    across_m: tuple[float, float]
    profiles: tuple[str | None, ...] = (None,)


KINDS: dict[Kind, KindPlan] = {
    Kind.PADDY: KindPlan(30, "nogyo-lpwa", "水田水位計", "PW-301", "水田", (30, 420), ("ws-pw301", None)),
    Kind.SOIL: KindPlan(20, "nogyo-lpwa", "土壌センサー", "SP-3", "畑・果樹", (250, 800), ("ws-sp3", None)),
    Kind.GREENHOUSE: KindPlan(18, "nogyo-halow", "ハウス環境計", "GH-10", "施設園芸", (120, 600)),
    Kind.TRAP: KindPlan(12, "nogyo-halow", "わなカメラ", "TC-4", "鳥獣害", (500, 1100)),
    Kind.RIVER: KindPlan(6, "bosai-lpwa", "河川水位計", "RL-2", "河川", (4, 18), ("ws-rl2", None)),
    Kind.RAIN: KindPlan(4, "bosai-lpwa", "雨量計", "TB-05", "雨量", (200, 1200)),
    Kind.SLOPE: KindPlan(7, "bosai-5g", "斜面傾斜計", "SL-XY", "土砂", (600, 1300)),
    Kind.GATE: KindPlan(3, "bosai-5g", "水門監視", "GM-1", "水門", (2, 30)),
}


class NetworkPlan(NamedTuple):
    """A network, and the number of devices for each of its gateways."""

    code: str
    project: str
    kind: NetworkKind
    name: str
    least_gateways: int
    devices_per_gateway: int


NETWORKS: dict[str, NetworkPlan] = {
    plan.code: plan
    for plan in (
        NetworkPlan("nogyo-lpwa", FARM, NetworkKind.LPWA, "農業用LoRaWAN", 3, 40),
        NetworkPlan("nogyo-halow", FARM, NetworkKind.HALOW, "農業用Wi-Fi HaLow", 2, 25),
        NetworkPlan("bosai-lpwa", SAFETY, NetworkKind.LPWA, "防災用LoRaWAN", 2, 60),
        NetworkPlan("bosai-5g", SAFETY, NetworkKind.LOCAL5G, "防災用ローカル5G", 2, 60),
        NetworkPlan("tonari-lpwa", NEIGHBOUR_PROJECT, NetworkKind.LPWA, "水路用LoRaWAN", 1, 60),
    )
}


VETERANS = {
    Kind.PADDY: range(1, 7),
    Kind.SOIL: range(1, 6),
    Kind.GREENHOUSE: range(1, 4),
    Kind.TRAP: range(1, 4),
    Kind.RIVER: range(2, 7, 2),  # those of the neighbour
    Kind.RAIN: range(2, 4),
}
"""Which of each kind have been there for years."""
VETERANS_FROM_DEVICES = 150
"""A smaller field is all new."""
VETERAN_INTERVAL_S = 7_200
"""Veterans send once in two hours, and those that watch the rain once an hour."""
WATCHING_INTERVAL_S = 3_600
GAUGE_INTERVAL_S, GAUGE_CALM_INTERVAL_S = 600, 3_600
"""The two intervals of a river gauge (危機管理型水位計): while the water is high, and while it is low."""
_RAIN_BESIDE = {2: "nogyo-lpwa", 3: "tonari-lpwa"}
"""The gauges of rain that belong to a project about something else, which looks at the weather beside it."""


@dataclass(frozen=True)
class Mast:
    """A gateway, access point or cell at its place. `external_id`: its id in payloads."""

    code: str
    network: str
    name: str
    external_id: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Site:
    """One device at its place. `along` is 0 at the head of the valley and 1 at its mouth."""

    code: str
    kind: Kind
    number: int
    network: str
    project: str
    name: str
    latitude: float
    longitude: float
    along: float
    interval_s: int
    """Seconds between two live messages: a time lapse, so that a viewer sees changes."""
    profile: str | None
    dev_eui: str | None
    gateways: tuple[tuple[Mast, float], ...]
    """Gateways in reach with their distance in metres, nearest first."""
    veteran: bool = False
    """Whether it has been there for years, so that it has a past."""

    @property
    def registered_interval_s(self) -> int:
        """The interval of the registry (送信間隔) and of the history: 10 to 15 minutes, an hour or two for veterans.

        That of a river gauge while the water is high.
        """
        if self.kind is Kind.RIVER:
            return GAUGE_INTERVAL_S
        if not self.veteran:
            return 600 + 30 * (self.interval_s - 10)
        return WATCHING_INTERVAL_S if self.kind is Kind.RAIN else VETERAN_INTERVAL_S

    @property
    def calm_interval_s(self) -> int | None:
        """Of a river gauge: the interval of the registry and of the history while the water is low."""
        return GAUGE_CALM_INTERVAL_S if self.kind is Kind.RIVER else None

    @property
    def plan(self) -> KindPlan:
        """The plan of its kind."""
        return KINDS[self.kind]


@dataclass(frozen=True)
class Town:
    """All masts and sites of one field."""

    masts: tuple[Mast, ...]
    sites: tuple[Site, ...]


def build_town(devices: int, seed: int) -> Town:
    """The town with this many devices, the same for the same seed. At least one device of each kind."""
    counts = apportion(devices)
    masts = tuple(mast for plan in NETWORKS.values() for mast in _masts(plan, counts, seed))
    return Town(
        masts,
        tuple(
            _site(kind, number, masts, seed, veteran=devices >= VETERANS_FROM_DEVICES)
            for kind, count in counts.items()
            for number in range(1, count + 1)
        ),
    )


def apportion(devices: int) -> dict[Kind, int]:
    """Devices of each kind: by share, the rest to the largest remainders, none left out."""
    if devices < len(KINDS):
        raise ValueError(f"a field has at least {len(KINDS)} devices, one of each kind")
    spare = devices - len(KINDS)
    exact = {kind: spare * plan.share / 100 for kind, plan in KINDS.items()}
    counts = {kind: 1 + int(value) for kind, value in exact.items()}
    by_remainder = sorted(KINDS, key=lambda kind: exact[kind] % 1, reverse=True)
    for kind in by_remainder[: devices - sum(counts.values())]:
        counts[kind] += 1
    return counts


def place(along: float, across_m: float) -> tuple[float, float]:
    """Latitude and longitude of a point beside the river, which winds down the valley."""
    bend = 0.006 * math.sin(7.3 * along) + 0.0022 * math.sin(19 * along + 1)
    latitude = _HEAD[0] + _ALONG[0] * along + bend * 0.78
    longitude = _HEAD[1] + _ALONG[1] * along + bend
    return (
        round(latitude + 0.75 * across_m / _M_PER_DEG_LAT, 6),
        round(longitude + 0.66 * across_m / _M_PER_DEG_LON, 6),
    )


def distance_m(one: Mast, latitude: float, longitude: float) -> float:
    """Metres between a mast and a point, flat earth: the valley is ten kilometres long."""
    north = (one.latitude - latitude) * _M_PER_DEG_LAT
    east = (one.longitude - longitude) * _M_PER_DEG_LON
    return math.hypot(north, east)


def _masts(plan: NetworkPlan, counts: dict[Kind, int], seed: int) -> list[Mast]:
    served = sum(
        _network_of(kind, number) == plan.code for kind, count in counts.items() for number in range(1, count + 1)
    )
    number = max(plan.least_gateways, math.ceil(served / plan.devices_per_gateway))
    rng = Random(f"{seed}/{plan.code}")
    return [_mast(plan, index, number, rng) for index in range(1, number + 1)]


def _mast(plan: NetworkPlan, index: int, number: int, rng: Random) -> Mast:
    along = min(0.98, max(0.02, (index - 0.5) / number + rng.gauss(0, 0.03)))
    across = rng.choice((-1, 1)) * rng.uniform(350, 900)
    latitude, longitude = place(along, across)
    name = f"{_hamlet(along)} {plan.kind.label.ja} 基地局{index}"
    return Mast(f"{plan.code}-gw{index}", plan.code, name, _external_id(plan, index), latitude, longitude)


def _external_id(plan: NetworkPlan, index: int) -> str:
    """Ids from the locally administered range, so that no real gateway has them."""
    block = list(NETWORKS).index(plan.code)
    if plan.kind is NetworkKind.HALOW:
        return f"0e:4e:4f:52:{index >> 8:02x}:{index & 255:02x}"
    if plan.kind is NetworkKind.LOCAL5G:
        return f"000f4{index:04x}"
    return f"0e4e4f52ff{block:02x}{index:04x}"


def _network_of(kind: Kind, number: int) -> str:
    if kind is Kind.RAIN:
        return _RAIN_BESIDE.get(number, KINDS[kind].network)
    return "tonari-lpwa" if kind is Kind.RIVER and number % 2 == 0 else KINDS[kind].network


def _site(kind: Kind, number: int, masts: tuple[Mast, ...], seed: int, *, veteran: bool) -> Site:
    """`veteran`: whether the field has devices that have been there for years."""
    plan = KINDS[kind]
    network = NETWORKS[_network_of(kind, number)]
    rng = Random(f"{seed}/{kind}/{number}")
    along = min(1.0, max(0.0, rng.gauss(rng.choice(_HAMLETS)[1], 0.055)))
    latitude, longitude = place(along, rng.choice((-1, 1)) * rng.uniform(*plan.across_m))
    near = sorted(
        ((mast, distance_m(mast, latitude, longitude)) for mast in masts if mast.network == network.code),
        key=lambda item: item[1],
    )
    lpwa = network.kind is NetworkKind.LPWA
    return Site(
        code=f"{kind}-{number:03d}",
        kind=kind,
        number=number,
        network=network.code,
        project=network.project,
        name=f"{_hamlet(along)} {plan.label_ja} {number:03d}",
        latitude=latitude,
        longitude=longitude,
        along=along,
        interval_s=rng.randint(10, 20),
        profile=plan.profiles[(number - 1) % len(plan.profiles)],
        dev_eui=f"0e4e4f524f{list(Kind).index(kind):x}{number:05x}" if lpwa else None,
        gateways=tuple(near[:3] if lpwa else near[:1]),
        veteran=veteran and number in VETERANS.get(kind, ()),
    )


def _hamlet(along: float) -> str:
    return min(_HAMLETS, key=lambda hamlet: abs(hamlet[1] - along))[0]
