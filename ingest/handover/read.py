"""Import: writes the files into a database that does not have the project yet, all of it or nothing."""

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ingest.errors import CallRefused
from ingest.handover import files, sums
from ingest.handover.coded import Ids, with_ids
from ingest.handover.compare import part_difference, shown
from ingest.handover.database import incoming as into
from ingest.handover.database import rows as store
from ingest.handover.manifest import Manifest, PartEntry
from ingest.handover.part import Part, Way
from ingest.handover.parts import BY_NAME
from ingest.handover.verify import about
from ingest.rows import UplinkRow
from ingest.store.database import Database
from schemas.bilingual import Bilingual, joined

Say = Callable[[PartEntry], None]

_HAD_BEFORE = (Way.REGISTRY, Way.SHARED)
"""Ways of parts whose rows may be here already."""
_IN_THE_WAY = Bilingual("ここには同じコードかIDの別のものがあります", "something else has its code or an id of it here")


def bring_in(connection: Database, directory: Path, manifest: Manifest, say: Say) -> None:
    """Import a verified directory in one transaction; `say` is called with each part that is done.

    Raises CallRefused if the project is in use already, or if the registry has anything that conflicts.
    """
    project = manifest.project.code
    with into.whole(connection):
        if into.is_in_use(connection, project):
            raise CallRefused(
                Bilingual(
                    f"事業 {project} はここで使われています。何も取り込みません",
                    f"the project {project} is in use here; nothing is brought in",
                )
            )
        ids: Ids = {}
        for entry in manifest.parts:
            part = BY_NAME[entry.name]
            if part.optional and not store.exists(connection, part) and entry.rows:
                why = Bilingual(
                    "ここにない表です。新しい版の noroshi db upgrade を実行してください",
                    "not here: `noroshi db upgrade` of a newer version",
                )
                raise CallRefused(about(part.name, why))
            if part.numbered:
                ids[part.numbered] = into.reserve(connection, part, entry.rows)
            elif part.name == "device_placement" and entry.rows:
                into.forget_placements(connection, ids["device"].values())
            _bring_in_part(connection, directory, entry, part, ids)
            if part.way is Way.REGISTRY:
                ids[part.name] = into.ids(connection, part.name, project)
                _all_there(directory, entry, part, ids[part.name])
            say(entry)
        # Compared last: a neighbour's gateways belong to the hand-over only by the messages that they heard.
        for entry in manifest.parts:
            if BY_NAME[entry.name].way in _HAD_BEFORE:
                _all_the_same(connection, directory, manifest, entry)
        sums.bring_back(connection, directory, manifest, ids)
        into.finish(connection, ids["device"].values())


def _bring_in_part(connection: Database, directory: Path, entry: PartEntry, part: Part, ids: Ids) -> None:
    for file in entry.files:
        if file.format == "parquet" and file.rows and part.way is not Way.DERIVED:
            for batch in files.batches(directory / file.path, part):
                try:
                    rows = with_ids(part, batch, ids, packed=part.name in _PACKED)
                    _WAYS.get(part.name, _rows)(connection, part, rows)
                except KeyError as error:
                    why = Bilingual(f"{error} は台帳の部にありません", f"{error} is in no part before")
                    raise CallRefused(about(file.path, why)) from error
                except (TypeError, ValueError, OverflowError, AttributeError, struct.error) as error:
                    why = Bilingual(f"値が使えません({error})", f"has a value of no use: {error}")
                    raise CallRefused(about(file.path, why)) from error


def _all_there(directory: Path, entry: PartEntry, part: Part, ids: into.Ids) -> None:
    """Raises CallRefused if a row was not inserted: its DevEUI or another id may belong to another device here."""
    place = part.names.index("code")
    for file in entry.files:
        for batch in files.batches(directory / file.path, part) if file.format == "parquet" else ():
            missing = [code for code in batch.column(place).to_pylist() if code not in ids]
            if missing:
                raise CallRefused(about(f"{entry.name} {missing[0]}", _IN_THE_WAY))


def _all_the_same(connection: Database, directory: Path, manifest: Manifest, entry: PartEntry) -> None:
    """Raises CallRefused if a row that existed before differs from the files."""
    found = part_difference(connection, directory, manifest, entry)
    if not found.complete:
        example = found.examples[0]
        said, there = shown(example.said or ()), shown(example.found or ())
        both = Bilingual(f"  ファイル:     {said}\n  データベース: {there}", f"  file:     {said}\n  database: {there}")
        raise CallRefused(joined((about(f"{entry.name} {shown(example.key)}", _IN_THE_WAY), both)))


def _rows(connection: Database, part: Part, records: Iterator[tuple[Any, ...]]) -> None:
    if part.way in _HAD_BEFORE:
        into.register(connection, part, records)
    else:
        into.copy_rows(connection, part, records)


def _readings(connection: Database, _: Part, records: Iterator[tuple[Any, ...]]) -> None:
    into.copy_readings(
        connection,
        (
            (time_us, value, device, quantity, channel, quality)
            for device, quantity, channel, time_us, value, quality in records
        ),
    )


def _uplinks(connection: Database, _: Part, records: Iterator[tuple[Any, ...]]) -> None:
    into.copy_uplinks(connection, map(_uplink, records))


def _uplink(record: tuple[Any, ...]) -> UplinkRow:
    device, time_us, message_id, received_us, counter, device_time_us, *rest, link = record
    packed = None if link is None else link.encode()
    return UplinkRow._make((time_us, received_us, message_id, counter, device_time_us, device, *rest, packed))


def _quantities(connection: Database, part: Part, records: Iterator[tuple[Any, ...]]) -> None:
    """Write only the project's own quantities. The program brings the catalogue itself, which must be the same."""
    own = part.names.index("project")
    into.register(connection, part, (record for record in records if record[own] is not None))


def _placements(connection: Database, part: Part, records: Iterator[tuple[Any, ...]]) -> None:
    """The first one of a device holds since ever, for which the files have no time."""
    begin = part.names.index("valid_from")
    since_ever = (store.NEVER,)
    filled = (
        record if record[begin] is not None else (*record[:begin], *since_ever, *record[begin + 1 :])
        for record in records
    )
    into.copy_rows(connection, part, filled)


_WAYS = {"uplink": _uplinks, "reading": _readings, "quantity": _quantities, "device_placement": _placements}
"""Parts that are not copied as they are. Those of tens of millions of rows are packed here, by far the quickest way."""
_PACKED = ("uplink", "reading")
