"""Finding devices among many: the filter, the order, the page."""

import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from ingest.figures.model import DeviceState, State

PAGE_SIZE = 25

# What needs a hand comes first.
_ORDER = {State.SILENT: 0, State.NEVER: 1, State.LIVE: 2, State.RESTING: 3, State.DISABLED: 4}

GROUPS: dict[str, tuple[State, ...]] = {
    "live": (State.LIVE,),
    "silent": (State.SILENT,),
    "resting": (State.RESTING, State.DISABLED),
    "never": (State.NEVER,),
}
"""The four states of the headline. Out of season and disabled are both 休止: nobody expects them."""


class Found(NamedTuple):
    """One page of the devices that fit."""

    rows: list[DeviceState]
    total: int
    page: int
    pages: int


def urgency(device: DeviceState) -> tuple[int, float, str, str]:
    """Sort key: silent ones first, the longest silence on top; the others stay where they are by code."""
    silence = -(device.silent_s or 0.0) if device.state == State.SILENT else 0.0
    return (_ORDER.get(State(device.state), 9), silence, device.project, device.device)


def fold(text: str) -> str:
    """Upper and lower case, full and half width are the same to somebody who looks for a name."""
    return unicodedata.normalize("NFKC", text).casefold()


def matching(devices: Iterable[DeviceState], words: str, group: str | None) -> list[DeviceState]:
    """Devices whose name, code, network or gateway contains every word, in the given state."""
    wanted = fold(words).split()
    states = GROUPS.get(group or "", tuple(State))
    return [device for device in devices if device.state in states and all(word in _text(device) for word in wanted)]


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


def find(devices: Iterable[DeviceState], words: str, group: str | None, page: int) -> Found:
    """The page `page` (from 1; bent into range) of the devices that fit, most urgent first."""
    rows = sorted(matching(devices, words, group), key=urgency)
    pages = max(1, -(-len(rows) // PAGE_SIZE))
    page = min(max(1, page), pages)
    return Found(rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE], len(rows), page, pages)
