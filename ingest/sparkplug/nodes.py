"""What is said to Sparkplug nodes, and only if the settings allow it: that we listen, and a wish for a rebirth."""

import asyncio
from collections.abc import Callable

from ingest.decode.sparkplug.births import Births
from ingest.message import Intake
from ingest.settings.model import Settings
from ingest.sparkplug.births import BirthCare
from ingest.sparkplug.host_state import HostState


class Nodes:
    """Runs beside the one session that hears Sparkplug."""

    def __init__(self, settings: Settings, births: Births, intake: Intake, now_us: Callable[[], int]) -> None:
        self._care = BirthCare(settings, births, intake.publish, now_us)
        host_id = settings.sparkplug.host_id
        self._host = None if host_id is None else HostState(
            settings.broker, host_id, listening=lambda: intake.connected, now_ms=lambda: now_us() // 1000
        )  # fmt: skip

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._care.run(), name="births")
            if self._host is not None:
                tasks.create_task(self._host.run(), name="host state")

    async def close(self) -> None:
        """Nobody listens any more: nodes that wait for us keep what they measure from now on."""
        if self._host is not None:
            await self._host.close()
