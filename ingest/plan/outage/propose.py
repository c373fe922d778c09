"""Proposes a cause for an outage, with the reason in both languages. A human decides."""

from collections.abc import Callable, Iterable, Sequence

from ingest.figures.fetch import Database
from ingest.plan.outage.database import hints
from ingest.plan.outage.database.hints import Hints, Proposal
from schemas.bilingual import Bilingual
from schemas.work import OutageCause

WEAK_SHARE = 0.92
"""A battery that fell below this share of its highest voltage of 35 days is spent."""
WEAK_VOLTS = 3.2
ONE_CELL_VOLTS = 4.3
"""Below this a voltage is of a single cell, which is nearly empty at WEAK_VOLTS."""
WEAK_PERCENT = 20
FROST, RAIN_MM, WIND, SNOW_CM = -5, 30, 15, 10
"""℃, mm in an hour, m/s, cm of new snow within seven hours, by weather devices of the same project."""
WEAK_SNR = -15
WEAK_SHARE_LOST = 0.3


def propose(connection: Database, outages: Iterable[int]) -> None:
    """Write a proposal into each of these outages and their parts, from what is known at this moment."""
    chosen = set(outages) | set(hints.stops_changed(connection))
    chosen |= set(hints.parts_of(connection, list(chosen)))
    numbers = sorted(chosen)
    for begin in range(0, len(numbers), hints.AT_ONCE):
        found = hints.hints(connection, numbers[begin : begin + hints.AT_ONCE])
        hints.write_proposals(connection, [Proposal(each.outage_id, *cause_of(each)) for each in found])


def cause_of(known: Hints) -> tuple[OutageCause, Bilingual]:
    """The first rule that applies: what was planned, what was together, battery, weather, radio."""
    for rule in _RULES:
        if reason := rule(known):
            return reason
    return OutageCause.UNKNOWN, Bilingual("手がかりがありません", "nothing points to a cause")


Reason = tuple[OutageCause, Bilingual] | None


def _planned(known: Hints) -> Reason:
    if known.stop is None:
        return None
    return OutageCause.PLANNED, Bilingual(
        f"計画停止「{known.stop}」の期間内", f"inside the planned stop {known.stop!r}"
    )


def _together(known: Hints) -> Reason:
    if known.level == "device" and known.top_level is None:
        return None
    level = known.level if known.level != "device" else known.top_level
    name = known.name if known.level != "device" else known.top_name
    devices = known.devices if known.level != "device" else known.top_devices
    if level == "network":
        return OutageCause.BACKHAUL, Bilingual(
            f"{name}の{devices}台が同時に途絶え、網のどこからも届いていません",
            f"{devices} devices of {name} at once, and nothing came from the whole network",
        )
    offline = Bilingual("。基地局自身も切断を知らせました", ", and the gateway told of its disconnection")
    more = offline if known.said_offline else Bilingual("", "")
    return OutageCause.GATEWAY, Bilingual(
        f"{name}の配下の{devices}台が同時に途絶え、何も届いていません{more.ja}",
        f"{devices} devices of {name} at once, and nothing came through it{more.en}",
    )


def _battery(known: Hints) -> Reason:
    if known.voltage is not None and known.was_voltage is not None:
        volts, was = known.voltage, known.was_voltage
        if volts <= WEAK_SHARE * was or (was <= ONE_CELL_VOLTS and volts <= WEAK_VOLTS):
            return OutageCause.BATTERY, Bilingual(
                f"直前に電池が{volts:.1f} Vまで下がっていました(35日間の最高 {was:.1f} V)",
                f"battery fell to {volts:.1f} V before (highest of 35 days: {was:.1f} V)",
            )
    if known.charge is not None and known.charge <= WEAK_PERCENT:
        return OutageCause.BATTERY, Bilingual(
            f"直前の電池残量が{known.charge:.0f} %でした", f"battery at {known.charge:.0f} % before"
        )
    return None


def _weather(known: Hints) -> Reason:
    seen: list[Bilingual] = []
    if known.snow is not None and known.snow >= SNOW_CM:
        seen.append(Bilingual(f"積雪が{known.snow:.0f} cm増加", f"snow rose by {known.snow:.0f} cm"))
    if known.rain is not None and known.rain >= RAIN_MM:
        seen.append(Bilingual(f"1時間に{known.rain:.0f} mmの雨", f"{known.rain:.0f} mm of rain in an hour"))
    if known.wind is not None and known.wind >= WIND:
        seen.append(Bilingual(f"風速{known.wind:.0f} m/s", f"wind of {known.wind:.0f} m/s"))
    if known.coldest is not None and known.coldest <= FROST:
        seen.append(Bilingual(f"気温{known.coldest:.1f} ℃", f"{known.coldest:.1f} ℃"))
    if not seen:
        return None
    ja, en = "、".join(each.ja for each in seen), ", ".join(each.en for each in seen)
    return OutageCause.WEATHER, Bilingual(f"前後に自前の気象計が観測: {ja}", f"own weather devices observed: {en}")


def _radio(known: Hints) -> Reason:
    if known.received and known.lost is not None and known.lost / (known.lost + known.received) >= WEAK_SHARE_LOST:
        share = 100 * known.lost // (known.lost + known.received)
        return OutageCause.UNKNOWN, Bilingual(
            f"前の24時間に電文の{share} %が届かず、電波が弱い場所のようです",
            f"{share} % of its messages were lost within 24 hours before: a weak radio link",
        )
    if known.snr is not None and known.snr <= WEAK_SNR:
        return OutageCause.UNKNOWN, Bilingual(
            f"前の24時間の最も弱い電波が SNR {known.snr:.0f} dB でした",
            f"its weakest message within 24 hours before had an SNR of {known.snr:.0f} dB",
        )
    return None


_RULES: Sequence[Callable[[Hints], Reason]] = (_planned, _together, _battery, _weather, _radio)
