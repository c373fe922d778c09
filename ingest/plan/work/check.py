"""What is wrong with an entry that can be read: bounds, order, and names that the project does not have. Pure."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from math import isfinite

from ingest.plan.work.fields import EARLIEST, LATEST, Fault, Half, New
from ingest.plan.work.model import NewObservation, NewStop, NewWork, Things
from schemas.bilingual import Bilingual
from schemas.work import NO_AMOUNT, is_amount

MOST_MINUTES = 24 * 60
MOST_PEOPLE = 500
MOST_KM = 2_000
"""Of one piece of work: more is a slip of the odometer."""
MOST_CHARACTERS = 2_000
MOST_NAME = 200
LONGEST_STOP = timedelta(days=400)
AHEAD = timedelta(minutes=10)
"""A phone may be ahead of the service by so much."""


def faults_of(new: New, things: Things, now: datetime) -> list[Fault]:
    """All that is wrong with an entry of this project; nothing if it can be stored."""
    match new:
        case NewWork():
            return [*_work(new, now), *_kilometres(new), *_names(things, device=new.device), *_measure(new, things)]
        case NewStop():
            names = _names(things, network=new.network, gateway=new.gateway, device=new.device)
            return [*_stop(new), *names]
        case NewObservation():
            return [*_observation(new, now.date())]


def faults_beside(half: Half, things: Things, now: datetime) -> list[Fault]:
    """What is wrong with those fields of an entry that could be read, so that all of its mistakes are told at once."""
    return [fault for fault in faults_of(half.new, things, now) if fault.field not in half.unread]


def _work(new: NewWork, now: datetime) -> Iterator[Fault]:
    if new.starts > now + AHEAD:
        yield Fault("starts", Bilingual("開始がまだ来ていない時刻です", "it begins in the future"))
    if new.starts < EARLIEST:
        yield Fault("starts", Bilingual("開始が古すぎます", "it begins too long ago"))
    yield from _within("minutes", new.minutes, 1, MOST_MINUTES, Bilingual("分", "minutes"))
    yield from _within("people", new.people, 1, MOST_PEOPLE, Bilingual("人数", "people"))
    yield from _texts(MOST_NAME, place=new.place)
    yield from _texts(MOST_CHARACTERS, note=new.note, photo=new.photo)


def _kilometres(new: NewWork) -> Iterator[Fault]:
    before, after = new.km_before, new.km_after
    if before is None and after is None:
        return
    if before is None or after is None:
        field = "km_before" if before is None else "km_after"
        yield Fault(field, Bilingual("距離計は前と後の両方を書いてください", "give the odometer before and after"))
        return
    if not (isfinite(before) and isfinite(after)) or before < 0 or after < before:
        yield Fault("km_after", Bilingual("距離計の後が前より小さくなっています", "the odometer runs backwards"))
    elif after - before > MOST_KM:
        yield Fault(
            "km_after",
            Bilingual(f"{MOST_KM:,}km を超えています。桁を確かめてください", f"it is more than {MOST_KM:,} km"),
        )


def _measure(new: NewWork, things: Things) -> Iterator[Fault]:
    if new.measure is not None and new.measure not in things.measures:
        yield Fault("measure", Bilingual(f"改善措置 {new.measure} はありません", f"there is no measure {new.measure}"))


def _stop(new: NewStop) -> Iterator[Fault]:
    if new.ends <= new.starts:
        yield Fault("ends", Bilingual("終了は開始より後にしてください", "it must end after it begins"))
    elif new.ends - new.starts > LONGEST_STOP:
        days = LONGEST_STOP.days
        yield Fault("ends", Bilingual(f"{days}日を超える停止は書けません", f"a stop lasts {days} days at most"))
    if new.starts < EARLIEST:
        yield Fault("starts", Bilingual("開始が古すぎます", "it begins too long ago"))
    if new.ends > LATEST:
        yield Fault("ends", Bilingual("終了が先すぎます", "it ends too far ahead"))
    if sum(each is not None for each in (new.network, new.gateway, new.device)) > 1:
        several = Bilingual(
            "通信網・基地局・機器は、どれか一つだけにしてください", "name one of network, gateway and device"
        )
        yield Fault("device", several)
    yield from _texts(MOST_CHARACTERS, reason=new.reason)


def _observation(new: NewObservation, today: date) -> Iterator[Fault]:
    if new.last_day < new.first_day:
        yield Fault("last_day", Bilingual("期間の終わりが始めより前です", "the period ends before it begins"))
    if new.first_day > today:
        yield Fault("first_day", Bilingual("期間の始めがまだ来ていません", "the period begins in the future"))
    if new.first_day < EARLIEST.date():
        yield Fault("first_day", Bilingual("期間の始めが古すぎます", "the period begins too long ago"))
    if new.last_day > LATEST.date():
        yield Fault("last_day", Bilingual("期間の終わりが先すぎます", "the period ends too far ahead"))
    if not is_amount(new.value):
        yield Fault("value", NO_AMOUNT)
    yield from _texts(40, unit=new.unit)
    yield from _texts(MOST_NAME, area=new.area)
    yield from _texts(MOST_CHARACTERS, source=new.source, note=new.note)


def _names(things: Things, **codes: str | None) -> Iterator[Fault]:
    known = {"network": things.networks, "gateway": things.gateways, "device": things.devices}
    labels = {"network": "通信網", "gateway": "基地局", "device": "機器"}
    for field, code in codes.items():
        if code is not None and code not in known[field]:
            absent = Bilingual(f"この事業に{labels[field]} {code} はありません", f"the project has no {field} {code!r}")
            yield Fault(field, absent)


def _within(field: str, value: int, least: int, most: int, label: Bilingual) -> Iterator[Fault]:
    if not least <= value <= most:
        said = Bilingual(
            f"{label.ja}は{least}〜{most:,}で書いてください", f"{label.en} must be from {least} to {most:,}"
        )
        yield Fault(field, said)


def _texts(most: int, **texts: str) -> Iterator[Fault]:
    for field, text in texts.items():
        if len(text) > most:
            yield Fault(
                field, Bilingual(f"長すぎます。{most:,}字までです", f"it is too long: {most:,} characters at most")
            )
        elif "\0" in text:
            yield Fault(field, Bilingual("文字でないものが入っています", "there is something in it that is no text"))
