"""The split of a change: parts add up exactly, whatever the numbers are, and cases that were reckoned by hand."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ingest.plan.check.split import EMPTY, Counts, Parts, split_change, split_losses, split_stages


@st.composite
def counts(draw: st.DrawFn, most: int = 10_000) -> Counts:
    """Receptions in which each number is at most the one before it; nothing at all may be expected."""
    expected = draw(st.integers(0, most))
    sent = draw(st.integers(0, expected))
    arrived = draw(st.integers(0, sent))
    return Counts(expected, sent, arrived, draw(st.integers(0, arrived)))


UNITS = st.dictionaries(st.integers(0, 9), st.tuples(counts(), counts()), max_size=8)


def whole(each: list[Counts]) -> Fraction | None:
    return sum(each, EMPTY).rate


@given(UNITS)
def test_the_parts_of_all_units_add_up_exactly_to_the_change(units: dict[int, tuple[Counts, Counts]]) -> None:
    before, after = whole([one for one, _ in units.values()]), whole([one for _, one in units.values()])
    parts = split_change(units)
    if before is None or after is None:
        assert parts is None
        return
    assert parts is not None
    assert sum(parts.values(), Parts()).whole == after - before


@given(counts(), counts())
def test_the_stages_of_one_unit_add_up_exactly(before: Counts, after: Counts) -> None:
    parts = split_stages(before, after)
    if before.rate is None or after.rate is None:
        assert parts == Parts()
    else:
        assert parts.whole == after.rate - before.rate
        assert parts.mix == 0


@given(st.dictionaries(st.integers(0, 9), counts(), max_size=8), st.integers(0, 1000))
def test_what_misses_a_target_adds_up_exactly(units: dict[int, Counts], per_mille: int) -> None:
    target, rate = Fraction(per_mille, 1000), whole(list(units.values()))
    parts = split_losses(units, target)
    if rate is None or rate >= target:
        assert parts is None
        return
    assert parts is not None
    assert sum(parts.values(), Parts()).whole == rate - target
    assert all(part <= 0 for each in parts.values() for part in (each.sent, each.radio, each.valid))


@given(st.dictionaries(st.integers(0, 9), counts(), min_size=1, max_size=8))
def test_where_nothing_changed_every_part_is_nothing(units: dict[int, Counts]) -> None:
    parts = split_change({key: (each, each) for key, each in units.items()})
    assert parts is None or set(parts.values()) == {Parts()}


def test_one_device_by_hand() -> None:
    """0.9 x 0.8 x 1 = 0.72 before, 1 x 0.5 x 1 = 0.5 after: 送信 +0.065, 無線 -0.285."""
    parts = split_stages(Counts(100, 90, 72, 72), Counts(100, 100, 50, 50))
    assert parts == Parts(Fraction("0.065"), Fraction("-0.285"), Fraction(0))
    assert parts.whole == Fraction("-0.22")


def test_a_device_that_was_added_counts_by_how_it_differs_from_all() -> None:
    """100 of 100, then beside it 50 of 100: 1 -> 0.75. What was there kept its rate: all of the change is the mix."""
    parts = split_change({"old": (Counts(100, 100, 100, 100),) * 2, "new": (EMPTY, Counts(100, 100, 50, 50))})
    assert parts is not None
    # Mean rate of all 0.875. Old: its share goes from 1 to 1/2, -1/2 x (1 - 0.875). New: +1/2 x (0.5 - 0.875).
    assert parts["old"] == Parts(mix=Fraction("-0.0625"))
    assert parts["new"] == Parts(mix=Fraction("-0.1875"))


def test_a_device_from_which_nothing_came_lost_it_by_sending() -> None:
    parts = split_stages(Counts(10, 10, 8, 8), Counts(10, 0, 0, 0))
    assert parts == Parts(sent=Fraction("-0.8"))


def test_a_missed_target_by_hand() -> None:
    """80 of 100 against 90 %: of 20 lost (10 not sent, 6 not arrived, 4 not valid) the target allows half."""
    parts = split_losses({"one": Counts(100, 90, 84, 80)}, Fraction("0.9"))
    assert parts == {"one": Parts(Fraction("-0.05"), Fraction("-0.03"), Fraction("-0.02"))}
    assert split_losses({"one": Counts(100, 90, 84, 80)}, Fraction("0.8")) is None, "it is just reached"
    assert split_losses({"one": Counts(100, 100, 100, 100)}, Fraction("1.2")) is None, "nothing was lost"


def test_where_nothing_was_expected_on_a_side_there_are_no_parts() -> None:
    some = Counts(10, 9, 8, 7)
    assert split_stages(EMPTY, some) == split_stages(some, EMPTY) == Parts()
    assert split_change({"one": (EMPTY, some)}) is None
    assert split_change({"one": (some, EMPTY)}) is None


def test_counts_and_parts_are_added_and_multiplied_one_by_one() -> None:
    assert Counts(10, 9, 8, 7) + Counts(5, 4, 3, 2) == Counts(15, 13, 11, 9)
    assert Parts(*map(Fraction, (1, 2, 3, 4))).times(Fraction(1, 2)) == Parts(*(Fraction(n, 2) for n in (1, 2, 3, 4)))
