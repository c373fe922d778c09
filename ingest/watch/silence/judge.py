"""Whether a device is silent, and since when: by the figures, or as the document of its project says. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from ingest.plan.outage.silence import Stretch
from ingest.watch.silence.hearing import Hearing
from ingest.watch.silence.model import DeviceNow, Silence, Stop
from schemas.watch_silence import WatchSilence

WATCHED = frozenset({"live", "silent"})
"""What never spoke is no silence, what rests or is disabled has nothing to say: as on the pages."""


def patience_of(device: DeviceNow, wanted: WatchSilence, keep_alive_h: Mapping[str, float]) -> timedelta:
    """How long a device may say nothing. `keep_alive_h`: of the devices that speak only when something happens."""
    if device.code in keep_alive_h:
        return timedelta(hours=keep_alive_h[device.code])
    intervals = wanted.calm_intervals if device.calm else wanted.intervals
    if intervals is None:
        return timedelta(seconds=device.patience_s)
    return timedelta(seconds=intervals * device.interval_s)


def keep_alive_of(wanted: WatchSilence) -> dict[str, float]:
    """By code of a device: the longest time between two proofs of life, in hours."""
    return {code: each.keep_alive_h for each in wanted.event_only for code in each.devices}


def may_be_silent(device: DeviceNow, patience: timedelta, now: datetime) -> bool:
    """Whether a closer look is worth it: it works, was heard before, and not lately."""
    return (
        device.state in WATCHED and device.working and device.heard_at is not None and device.heard_at + patience < now
    )


def silence_of(
    device: DeviceNow, patience: timedelta, begins: datetime, hearing: Hearing, now: datetime
) -> Silence | None:
    """The silence of a device that was to work since `begins`; None while its patience lasts.

    Time in which we did not listen is no silence.
    """
    if device.heard_at is None:
        return None
    since = max(device.heard_at, begins)
    at = hearing.runs_out(since, patience)
    return Silence(since, patience, at) if at < now else None


def works_since(stretches: Sequence[Stretch], project_id: int, now: datetime) -> datetime | None:
    """Since when a device has been at work without a break; None if it is not. `stretches`: of it, by time."""
    mine = [each for each in stretches if each.project_id == project_id]
    if not mine or mine[-1].ends < now:
        return None
    begins = mine[-1].starts
    for earlier, later in reversed([*pairwise(mine)]):
        if earlier.ends != later.starts:
            break
        begins = earlier.starts
    return begins


def stopped(device: DeviceNow, stops: Sequence[Stop], now: datetime) -> bool:
    """Whether a planned stop of the device, or of what it stands behind, lasts."""
    return any(stop.starts <= now < stop.ends for stop in stops_of_device(device, stops))


def stop_ended(device: DeviceNow, stops: Sequence[Stop], now: datetime) -> datetime | None:
    """When the last planned stop ended that excused the device."""
    return max((stop.ends for stop in stops_of_device(device, stops) if stop.ends <= now), default=None)


def stops_of_device(device: DeviceNow, stops: Sequence[Stop]) -> list[Stop]:
    """The planned stops of the device, its gateway, network or project."""
    return [
        stop
        for stop in stops
        if stop.project_id == device.project_id
        and stop.device_id in (None, device.device_id)
        and stop.gateway_id in (None, device.gateway_id)
        and stop.network_id in (None, device.network_id)
    ]


def stops_of_gateway(project_id: int, network_id: int, gateway_id: int | None, stops: Sequence[Stop]) -> list[Stop]:
    """The planned stops of a gateway, its network or project; `gateway_id` None: of the network."""
    return [
        stop
        for stop in stops
        if stop.project_id == project_id
        and stop.device_id is None
        and stop.gateway_id in (None, gateway_id)
        and stop.network_id in (None, network_id)
    ]
