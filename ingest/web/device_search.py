"""Finds devices among many: filter, order and page."""

import unicodedata
from collections.abc import Container, Iterable
from typing import NamedTuple

from ingest.figures.model import DeviceState, State

PAGE_SIZE = 25

# Devices that need somebody to act come first.
_ORDER = {State.SILENT: 0, State.NEVER: 1, State.LIVE: 2, State.RESTING: 3, State.DISABLED: 4}

GROUPS: dict[str, tuple[State, ...]] = {
    "live": (State.LIVE,),
    "silent": (State.SILENT,),
    "resting": (State.RESTING, State.DISABLED),
    "never": (State.NEVER,),
}
"""The four groups of the headline. Out of season and disabled are both 休止: nobody expects messages."""


class Found(NamedTuple):
    """One page of the matching devices."""

    rows: list[DeviceState]
    total: int
    page: int
    pages: int


FILTERS = ("stage", *GROUPS)
"""The filters of a list: the groups of states, and devices whose level has reached a stage."""


def urgency(device: DeviceState, reached: Container[int] = ()) -> tuple[bool, int, float, str, str]:
    """Sort key: those at a stage first, then the silent ones, the longest silence on top; the others by code."""
    silence = -(device.silent_s or 0.0) if device.state == State.SILENT else 0.0
    return (device.device_id not in reached, _ORDER.get(State(device.state), 9), silence, device.project, device.device)


def fold(text: str) -> str:
    """The text as the search compares it: without differences of case and width."""
    return unicodedata.normalize("NFKC", text).casefold()


def matching(
    devices: Iterable[DeviceState], words: str, group: str | None, reached: Container[int] = ()
) -> list[DeviceState]:
    """Devices whose name, code, network or gateway contains every word, in the given state."""
    wanted = fold(words).split()
    states = GROUPS.get(group or "", tuple(State))
    found = [device for device in devices if device.state in states and all(word in _text(device) for word in wanted)]
    return [device for device in found if device.device_id in reached] if group == "stage" else found


def _text(device: DeviceState) -> str:
    parts = (
        device.device_name,
        device.device,
        device.network_name,
        device.gateway_name or "",
        device.use or "",
        device.model or "",
    )
    return fold(" ".join(parts))


def find(
    devices: Iterable[DeviceState], words: str, group: str | None, page: int, reached: Container[int] = ()
) -> Found:
    """The page `page` (from 1; bent into range) of the matching devices, most urgent first. `reached`: at a stage."""
    rows = sorted(matching(devices, words, group, reached), key=lambda device: urgency(device, reached))
    pages = max(1, -(-len(rows) // PAGE_SIZE))
    page = min(max(1, page), pages)
    return Found(rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE], len(rows), page, pages)
