"""When a silence is an outage, and when outages are one: rules reckoned by hand, each at its border."""

from datetime import UTC, datetime, timedelta

import pytest

from ingest.plan.outage.group import FOREVER, Candidate, Duty, Group, Member, candidates, groups, settled
from ingest.plan.outage.silence import Gap, Spell, Stretch, gaps_between, patience, spells_of

ZERO = datetime(2026, 6, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOW = ZERO + 100 * HOUR


def at(hours: float) -> datetime:
    return ZERO + hours * HOUR


def stretch(starts: float = 0, ends: float = 100, **more: object) -> Stretch:
    """A device of an hour's interval behind gateway 5 of network 4 in project 3."""
    plain = Stretch(1, at(starts), at(ends), 3, 4, 5, 3600, None, None, installed=False)
    return plain._replace(**more)  # type: ignore[arg-type]


def spells(gap: Gap, *stretches: Stretch, began: dict[int, datetime] | None = None) -> list[tuple[float, float | None]]:
    """The outages of a gap, in hours."""
    found = spells_of(gap, stretches, began or {}, NOW)
    return [((s.starts - ZERO) / HOUR, None if s.ends is None else (s.ends - ZERO) / HOUR) for s in found]


def gap(last: float | None, following: float | None, level: float | None = None) -> Gap:
    return Gap(1, None if last is None else at(last), None if following is None else at(following), level)


@pytest.mark.parametrize(("level", "hours"), [(None, 36), (1.19, 36), (1.2, 0.5), (3, 0.5)])
def test_a_gauge_may_be_silent_by_its_mode(level: float | None, hours: float) -> None:
    """600 s high: 3 x 10 minutes. 86,400 s calm: 1.5 x 24 h. At the level itself it sends often."""
    assert patience(stretch(interval_s=600, calm_interval_s=86_400, active_level_m=1.2), level) == hours * HOUR
    assert patience(stretch(), level) == 3 * HOUR


def test_three_intervals_are_no_outage_and_a_little_more_is() -> None:
    assert spells(gap(10, 13), stretch()) == []
    assert spells(gap(10, 13.01), stretch()) == [(10, 13.01)]
    assert spells(gap(10, None), stretch()) == [(10, None)]
    assert spells(gap(97, None), stretch()) == []


def test_a_rest_is_no_outage_and_after_it_the_device_is_missed_anew() -> None:
    """At work from 0 to 20 and from 50 on; silent from 18 to 60."""
    assert spells(gap(18, 60), stretch(0, 20), stretch(50, 100)) == [(50, 60)]
    assert spells(gap(10, 60), stretch(0, 20), stretch(50, 100)) == [(10, 20), (50, 60)]
    assert spells(gap(10, None), stretch(0, 20)) == [(10, 20)]


def test_another_interval_ends_no_outage_and_another_project_does() -> None:
    slow = stretch(20, 100, interval_s=7200, gateway_id=6)
    assert spells(gap(18, 23), stretch(0, 20), slow) == []  # five hours: less than three intervals of either
    assert spells(gap(18, 25), stretch(0, 20), slow) == [(18, 25)]
    later = stretch(20, 100, interval_s=600)  # an interval that holds only from 20 on says nothing of 10 to 15
    assert spells(gap(10, 15), stretch(0, 20, interval_s=7200), later) == []
    (found,) = spells_of(gap(20, 30), [stretch(0, 20), slow], {}, NOW)
    assert found == Spell(1, 3, 4, 6, at(20), at(30))  # it stands where it was when it fell silent
    assert spells(gap(10, 40), stretch(0, 20), stretch(20, 100, project_id=9)) == [(10, 20), (20, 40)]


def test_a_device_that_never_spoke_is_missed_from_its_installation_but_not_before_its_project_spoke() -> None:
    known = stretch(10, 100, installed=True)
    assert spells(gap(None, 50), known, began={3: at(5)}) == [(10, 50)]
    assert spells(gap(None, 50), known, began={3: at(30)}) == [(30, 50)]
    assert spells(gap(None, 50), known) == []
    assert spells(gap(None, 50), stretch(10, 100), began={3: at(5)}) == []


def test_gaps_lie_between_signs() -> None:
    assert gaps_between(1, [None, at(1), at(3)]) == [gap(None, 1), gap(1, 3)]


def member(number: int, starts: float, ends: float | None, *, patient: float = 3, device: int | None = None) -> Member:
    end = None if ends is None else at(ends)
    return Member(number, device or number, at(starts), end, patient * HOUR, HOUR)


def duty(*devices: int, starts: float = 0, ends: float = 100) -> list[Duty]:
    return [Duty(device, at(starts), at(ends)) for device in devices]


def test_two_of_four_are_worth_a_look_and_two_of_five_are_not() -> None:
    out = [member(1, 10, 20), member(2, 11, 20)]
    assert candidates(out, duty(1, 2, 3, 4)) == [Candidate(at(11), at(20))]
    assert candidates(out, duty(1, 2, 3, 4, 5)) == []
    assert candidates(out[:1], duty(1)) == []
    assert candidates([member(1, 10, None), member(2, 11, None)], duty(1, 2)) == [Candidate(at(11), FOREVER)]
    resting = [*duty(1, 2, 3, 4), *duty(5, starts=15)]  # from 15 on there are five
    assert candidates(out, resting) == [Candidate(at(11), at(15))]


def test_half_is_reckoned_of_who_is_on_duty_at_the_moment() -> None:
    three = [member(number, 10, 20) for number in (1, 2, 3)]
    assert candidates(three, duty(*range(1, 7))) == [Candidate(at(10), at(20))]
    assert candidates(three, duty(*range(1, 8))) == []
    leaving = [*duty(1, 2, 3, 4), *duty(5, ends=15)]
    assert candidates([member(1, 10, 20), member(2, 11, 20)], leaving) == [Candidate(at(15), at(20))]
    changing = [member(1, 10, 15), member(2, 10, 15), member(3, 15, 20), member(4, 15, 20)]
    assert candidates(changing, duty(1, 2, 3, 4)) == [Candidate(at(10), at(20))]


def test_a_dead_gateway_is_one_outage_with_the_devices_that_fell_silent_with_it() -> None:
    """1 and 2 by their own pace; 3 was dead for long; 4 stayed dead."""
    out = [member(1, 10, 20), member(2, 8, 22), member(3, 6.9, 20), member(4, 10, 23.1)]
    assert list(groups(Candidate(at(10), at(20)), out, [])) == [Group(at(10), at(20), (1, 2), 2)]
    border = [member(1, 7, 20), member(2, 10, 23)]  # just within their patience
    assert list(groups(Candidate(at(10), at(20)), border, [])) == [Group(at(10), at(20), (1, 2), 2)]


def test_a_sign_of_the_gateway_parts_an_outage_and_a_short_silence_is_none() -> None:
    """At 14 the gateway itself spoke: four devices were silent on, two came back. Twice the interval is too short."""
    out = [member(1, 10, 14), member(2, 10, 14.5), member(3, 10, 20), member(4, 10, 20)]
    assert list(groups(Candidate(at(10), at(20)), out, [at(14)])) == [Group(at(10), at(14), (1, 2), 2)]
    assert list(groups(Candidate(at(10), at(12)), [member(1, 10, 12), member(2, 10, 12)], [])) == []
    found = groups(Candidate(at(10), at(12.1)), [member(1, 10, 12.1), member(2, 10, 12.1)], [])
    assert [group.devices for group in found] == [2]


def test_the_shortest_interval_of_who_was_out_counts_and_signs_of_another_time_do_not() -> None:
    """Three hours of silence: more than twice an hour, less than twice two. Who was out long before does not count."""
    slow, quick = member(1, 10, 13)._replace(interval=2 * HOUR), member(2, 10, 13)
    assert [g.devices for g in groups(Candidate(at(10), at(13)), [slow, quick], [at(9), at(14)])] == [2]
    both = [slow, quick._replace(interval=2 * HOUR)]
    early = member(3, 1, 2)._replace(interval=HOUR / 60)
    assert list(groups(Candidate(at(10), at(13)), [*both, early], [])) == []
    late = [member(4, 10, None), member(5, 10, 13), member(6, 10, 13)]  # 4 lasts: it is no part of what ended
    assert list(groups(Candidate(at(10), at(13)), late, [])) == [Group(at(10), at(13), (5, 6), 2)]


def test_one_device_is_no_group_and_what_lasts_goes_with_what_lasts() -> None:
    twice = [member(1, 10, 20), member(2, 10, 20, device=1)]
    assert list(groups(Candidate(at(10), at(20)), twice, [])) == []
    lasting = [member(1, 10, None), member(2, 10, None), member(3, 10, 99)]
    assert list(groups(Candidate(at(10), FOREVER), lasting, [])) == [Group(at(10), None, (1, 2), 2)]


def test_a_recorded_group_is_the_one_that_overlaps_best_with_the_same_beginning() -> None:
    group = Group(at(10), at(20), (1, 2), 2)
    assert settled([group], {7: (at(5), at(11)), 8: (at(10), at(15))}) == {8: group}
    assert settled([group], {7: (at(5), at(11))}) == {7: group}
    assert settled([group], {7: (at(5), at(10)), 8: (at(20), None)}) == {}
    later = Group(at(30), None, (3, 4), 2)
    assert settled([group, later], {7: (at(10), None)}) == {7: group}
