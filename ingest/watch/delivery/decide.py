"""Decides who is told of an event, and why somebody is not. Pure: the situation is handed in."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from ingest.watch.delivery.duty import quiet_until
from ingest.watch.delivery.model import Effect, Happening, Purpose, Receiver, Situation, Wanted, Way, Withheld, Work
from ingest.watch.delivery.receivers import receivers
from ingest.watch.model import Kind
from schemas.watch_notice import MQTT_CHANNEL, EscalationStep, NoticeRule, WatchNotice

STATE_TOPIC = "noroshi/v1/{project}/watch/{thing}/{what}"
"""Retained: what is open of a thing. `what`: the hazard of a stage, else the kind."""


def decide(happening: Happening, situation: Situation) -> list[Wanted]:
    """Every message of an event, and those that are withheld; each receiver once."""
    names = dict.fromkeys(name for rule in situation.notice.notify if _is_told(rule, happening) for name in rule.to)
    purpose = Purpose.DRILL if happening.is_drill else Purpose.EVENT
    told = _each_once([*receivers(names, situation), *_to_be_corrected(happening)])
    wanted = [_wanted(happening, each, situation, purpose) for each in told]
    if happening.effect is Effect.RISE and not happening.explained:
        lost = (Receiver(place, Way.MAIL, "", "", Withheld.UNREADABLE) for place in situation.lost_rules)
        wanted += [Wanted(happening, each, purpose, each.why_not) for each in lost]
    return [*wanted, *_for_broker(happening, situation, purpose)]


def _to_be_corrected(happening: Happening) -> Sequence[Receiver]:
    """Who was told what proved wrong: whoever is on duty by now, and though they do not hear of what is over."""
    return happening.knew if happening.effect is Effect.FALL else ()


def _each_once(found: Sequence[Receiver]) -> list[Receiver]:
    first: dict[tuple[Way, str, str], Receiver] = {}
    for each in found:
        first.setdefault((each.way, each.target, each.recipient), each)
    return [*first.values()]


def decide_step(happening: Happening, situation: Situation, step: EscalationStep, number: int) -> list[Wanted]:
    """The messages of one step of the escalation. Quiet hours hold none back: they are waited for before."""
    purpose = Purpose.DRILL if happening.is_drill else Purpose.ESCALATION
    return [
        Wanted(happening, each, purpose, each.why_not, step=number) for each in receivers(step.to, situation)
    ]  # fmt: skip


def _is_told(rule: NoticeRule, happening: Happening) -> bool:
    return not happening.explained and _is_about(rule, happening) and _reaches_rank(rule, happening)


def _is_about(rule: NoticeRule, happening: Happening) -> bool:
    return (
        (not rule.kinds or happening.kind.value in rule.kinds)
        and (not rule.hazards or happening.hazard in rule.hazards)
        and (not rule.areas or happening.area in rule.areas)
        and (not rule.devices or happening.thing in rule.devices)
    )


def _reaches_rank(rule: NoticeRule, happening: Happening) -> bool:
    """What was found out late calls nobody, unless the rule asks for it. That it is over is told to who knows of it."""
    if happening.reached < rule.min_rank:
        return False
    match happening.effect:
        case Effect.RISE:
            return True
        case Effect.FALL:
            return rule.clear and happening.told
        case Effect.LATE:
            return rule.late


def _wanted(happening: Happening, receiver: Receiver, situation: Situation, purpose: Purpose) -> Wanted:
    if is_worked_on(happening, situation.work):
        return Wanted(happening, receiver, purpose, Withheld.MAINTENANCE)
    if receiver.why_not:
        return Wanted(happening, receiver, purpose, receiver.why_not)
    until = quiet_end(happening, situation)
    if until is not None and receiver.way.is_for_people:
        return Wanted(happening, receiver, purpose, Withheld.QUIET_HOURS, until)
    return Wanted(happening, receiver, purpose)


def is_worked_on(happening: Happening, work: Sequence[Work]) -> bool:
    """Whether somebody works on the thing, on its gateway, its network or the whole project."""
    return any(
        each == Work(None, None, None)
        or (each.device_id is not None and each.device_id == happening.device_id)
        or (each.gateway_id is not None and each.gateway_id == happening.gateway_id)
        or (each.network_id is not None and each.network_id == happening.network_id)
        for each in work
    )


def quiet_end(happening: Happening, situation: Situation) -> datetime | None:
    """When people may be told, if quiet hours hold the event back; None if they do not.

    A gauge that is blind while it rains is never held back: waiting for the morning is what it must not do. Who was
    woken by a rank also hears at once that it is over.
    """
    hours = situation.notice.quiet_hours
    if hours is None or happening.kind is Kind.BLIND or happening.reached >= hours.below_rank:
        return None
    return quiet_until(hours, situation.now)


def topic_of(happening: Happening) -> str:
    """The topic of the state of what an event is about."""
    what = happening.hazard if happening.kind is Kind.STAGE and happening.hazard else happening.kind.value
    return STATE_TOPIC.format(project=happening.project, thing=happening.thing, what=what)


def _for_broker(happening: Happening, situation: Situation, purpose: Purpose) -> Iterator[Wanted]:
    """Programs at the broker hear of every event that opens, changes or ends an incident."""
    if happening.incident_id is None or happening.effect is Effect.LATE:
        return
    receiver = Receiver(MQTT_CHANNEL, Way.MQTT, topic_of(happening))
    held_back = happening.effect is Effect.RISE and is_worked_on(happening, situation.work)
    yield Wanted(happening, receiver, purpose, Withheld.MAINTENANCE if held_back else Withheld.NO)


class NextStep(NamedTuple):
    """The step of the escalation that is due next."""

    step: EscalationStep
    number: int
    after: timedelta


def steps_of(notice: WatchNotice, rank: int) -> list[EscalationStep]:
    """The steps for a rank, in the order of their times."""
    return sorted((step for step in notice.escalation if step.min_rank <= rank), key=lambda step: step.after_min)


def next_step(notice: WatchNotice, rank: int, taken: int) -> NextStep | None:
    """The step after so many were taken; its time counts from the event. None if there is no further one."""
    steps = steps_of(notice, rank)
    if taken >= len(steps):
        return None
    return NextStep(steps[taken], taken + 1, timedelta(minutes=steps[taken].after_min))


LOOK_AGAIN = timedelta(minutes=1)
"""So often it is looked whether the work on a thing is done."""


def first_step_at(happening: Happening, situation: Situation, wanted: Sequence[Wanted]) -> datetime | None:
    """When an incident that got worse is looked at for its escalation; None: not at all.

    The steps count from the event, or from the end of the quiet hours that hold it back. There are none if nobody is
    told of it, or somebody took this rank already.
    """
    if any(each.withheld is Withheld.MAINTENANCE for each in wanted):
        return situation.now + LOOK_AGAIN
    told = any(each.receiver.way is not Way.MQTT for each in wanted)
    first = next_step(situation.notice, happening.rank, 0)
    if not told or first is None or happening.acknowledged_rank >= happening.rank:
        return None
    return (quiet_end(happening, situation) or situation.now) + first.after
