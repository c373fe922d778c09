"""Simulates visitors of the traps: boars at night, crows and monkeys by day, and the hunter in the morning."""

from typing import NamedTuple

from ingest.simulator.chance import draw
from ingest.simulator.weather import DAY_S, HOUR_S
from schemas.japan import JST_OFFSET_S

STAY_S = 20 * 60.0
"""How long a camera sees a visitor."""

_HUNTER_H = 20.4
"""Hours after noon at which sprung traps are set again: half past eight."""


class Scene(NamedTuple):
    """What a trap camera sees: the state of the trap, and a label with confidence while there is a visitor."""

    trap_state: str
    label: str | None
    confidence: float


def scene(seed: int, trap: int, time_s: float) -> Scene:
    """What trap number `trap` sees at a time. Nights are counted from noon to noon."""
    local_s = time_s + JST_OFFSET_S - DAY_S / 2
    night, since_noon_s = int(local_s // DAY_S), local_s % DAY_S
    comes = draw(seed, trap, night, 1) < 0.35
    comes_at_s = (6.5 + 10 * draw(seed, trap, night, 2)) * HOUR_S
    fate = draw(seed, trap, night, 3)
    confidence = round(0.62 + 0.36 * draw(seed, trap, night, 4), 2)
    sprung = comes and fate < 0.5 and comes_at_s + 300 <= since_noon_s < _HUNTER_H * HOUR_S
    state = ("occupied" if fate < 0.28 else "triggered") if sprung else "armed"
    if comes and comes_at_s <= since_noon_s < comes_at_s + STAY_S:
        return Scene(state, "boar", confidence)
    hunter_at_s = _HUNTER_H * HOUR_S - 300
    if comes and fate < 0.5 and hunter_at_s <= since_noon_s < hunter_at_s + STAY_S:
        return Scene(state, "human", confidence)
    day_at_s = (21 + 6 * draw(seed, trap, night, 5)) * HOUR_S % DAY_S
    if draw(seed, trap, night, 6) < 0.3 and day_at_s <= since_noon_s < day_at_s + STAY_S:
        return Scene(state, "crow" if draw(seed, trap, night, 7) < 0.7 else "monkey", confidence)
    return Scene(state, None, 0.0)
