"""The database counted against what was published: what is lost, what is doubled, what does not add up."""

from collections import Counter
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from tests.acceptance.fleet import one, rows
from tests.torture.sent import Sent

# Everything a message can have become. Part 0 is a message set aside as a whole.
UPLINKS = "select counter, count(*) from uplink where counter is not null group by counter"
SET_ASIDE = """
select payload, count(*) from quarantine
where part = 0 and topic not like '%/hostile/%' group by payload
"""
ARRIVED = "select (select count(*) from uplink) + (select count(*) from quarantine where part = 0)"

# Pairs that have to be equal: the account written in the transactions, and the rows they wrote.
ACCOUNT = """
select (select count(*) from uplink), coalesce(sum(stored), 0)::bigint,
       (select coalesce(sum(coalesce((part_value->>'messages')::bigint, 1)), 0)::bigint from quarantine where part = 0),
       coalesce(sum(quarantined), 0)::bigint,
       (select count(*) from reading), coalesce(sum(readings_stored), 0)::bigint,
       coalesce(sum(readings_offered), 0)::bigint,
       coalesce(sum(readings_stored + readings_duplicate + readings_conflict + readings_quarantined), 0)::bigint
from tally
"""
PAIRS = ("uplinks and tally.stored", "quarantine and tally.quarantined", "readings and tally.readings_stored",
         "readings offered and the four they became")  # fmt: skip


@dataclass
class Verdict:
    """What a scenario came to. `lost` are numbers; `forgiven` were lost by the broker, which may lose them."""

    messages: int = 0
    lost: list[int] = field(default_factory=list)
    forgiven: list[int] = field(default_factory=list)
    doubled: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Nothing lost, nothing doubled, everything adds up."""
        return not (self.lost or self.doubled or self.wrong)


def arrived(url: str) -> int:
    """Messages that are in the database, in whatever way."""
    return int(one(url, ARRIVED))


def judge(url: str, sent: Sent, forgivable: AbstractSet[int] = frozenset()) -> Verdict:
    """Count every message. What the broker never acknowledged may be there or not, but not twice."""
    verdict = Verdict(messages=sent.total)
    found = _found(url, sent, verdict)
    missing = sorted(number for number in sent.acknowledged() if not found[number])
    verdict.lost = [number for number in missing if number not in forgivable]
    verdict.forgiven = [number for number in missing if number in forgivable]
    verdict.doubled = sum(times - 1 for times in found.values() if times > 1)
    _equal_ones(url, sent, verdict)
    _account(url, verdict)
    return verdict


def _found(url: str, sent: Sent, verdict: Verdict) -> Counter[int]:
    """How often each number is there, as an uplink or in quarantine."""
    made = sent.made
    found: Counter[int] = Counter(dict(rows(url, UPLINKS)))
    aside = rows(url, SET_ASIDE)
    numbers = {sent.message(number)[1]: number for number in made} if aside else {}
    for payload, times in aside:
        if payload not in numbers:
            verdict.wrong.append(f"quarantine holds bytes nobody sent: {payload[:60]!r}")
        else:
            found[numbers[payload]] += times
    strangers = [number for number in found if number not in made]
    if strangers:
        verdict.wrong.append(f"{len(strangers)} counters nobody sent, e.g. {strangers[0]}")
    misplaced = [number for number in made if found[number] and sent.is_junk(number) and number not in numbers.values()]
    if misplaced:
        verdict.wrong.append(f"{len(misplaced)} pieces of junk were stored as measurements")
    return found


def _equal_ones(url: str, sent: Sent, verdict: Verdict) -> None:
    """Messages of the same bytes have no number: only how many there are can be counted."""
    there = one(url, "select count(*) from uplink where counter is null")
    if there < sent.equal:
        verdict.lost += [-1] * (sent.equal - there)
    verdict.doubled += max(there - sent.equal, 0)


def _account(url: str, verdict: Verdict) -> None:
    numbers = one(url, ACCOUNT)
    for name, there, told in zip(PAIRS, numbers[::2], numbers[1::2], strict=True):
        if there != told:
            verdict.wrong.append(f"{name}: {there} and {told}")
