"""A measure as programs and commands write it: devices and networks by their codes."""

from collections.abc import Iterable, Mapping
from typing import Any

from ingest.access.authority import ChangeRefused
from ingest.plan.act.database import devices_of, networks_of
from ingest.plan.act.model import MeasureDraft
from ingest.store.database import Database
from schemas.bilingual import Bilingual


def draft_by_codes(
    connection: Database, project_id: int, devices: Iterable[str], networks: Iterable[str], said: Mapping[str, Any]
) -> MeasureDraft:
    """The measure of these fields of `MeasureDraft`. Raises ChangeRefused for a code that the project does not have."""
    return MeasureDraft(
        **said,
        devices=_ids(devices_of(connection, project_id), devices, Bilingual("機器", "device")),
        networks=_ids(networks_of(connection, project_id), networks, Bilingual("通信網", "network")),
    )


def _ids(things: Mapping[int, tuple[str, str]], codes: Iterable[str], what: Bilingual) -> tuple[int, ...]:
    numbers = {code: number for number, (code, _) in things.items()}
    missing = sorted({*codes} - numbers.keys())
    if missing:
        names = ", ".join(missing)
        raise ChangeRefused(
            Bilingual(f"この事業にない{what.ja}です: {names}", f"not a {what.en} of this project: {names}")
        )
    return tuple(sorted(numbers[code] for code in {*codes}))
