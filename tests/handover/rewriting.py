"""Hand-overs that somebody wrote otherwise: an earlier version, or somebody who makes every hash fit."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from ingest.handover.arrow import schema
from ingest.handover.asset_part import ASSETS
from ingest.handover.files import Pair, sha256
from ingest.handover.manifest import MANIFEST, SUMS, Manifest, PartEntry, part_entry
from ingest.handover.part import Part
from ingest.handover.parts import BY_NAME
from ingest.handover.plan_parts import PLAN
from ingest.handover.report_parts import REPORTS
from ingest.handover.verify import verify

Rows = list[dict[str, Any]]


def aged(directory: Path) -> Manifest:
    """Take out of a hand-over what a version of schema 35 did not have: plan, assets, reports, columns of devices.

    The archive is what that version wrote, part by part and column by column.
    """
    manifest = verify(directory)
    later = {part.name for part in (*PLAN, ASSETS, *REPORTS)}
    for path in [file.path for part in manifest.parts if part.name in later for file in part.files]:
        (directory / path).unlink()
    device = BY_NAME["device"].as_in(())
    batches = [rows.select(device.names) for rows in parquet.ParquetFile(directory / "device.parquet").iter_batches()]
    entry = _written(directory, device, batches)
    kept = [entry if part.name == "device" else part for part in manifest.parts if part.name not in later]
    older = manifest.model_copy(update={"schema_version": 35, "parts": tuple(kept)})
    _seal(directory, older)
    return older


def rewritten(directory: Path, name: str, change: Callable[[Rows], Rows]) -> None:
    """Change the rows of a part that has one pair of files, and make every hash and number of the manifest fit."""
    manifest = Manifest.model_validate_json((directory / MANIFEST).read_bytes())
    part = BY_NAME[name]
    rows = change(parquet.read_table(directory / f"{name}.parquet").to_pylist())
    batches = (pa.RecordBatch.from_pylist([row], schema=schema(part)) for row in rows)
    entry = _written(directory, part, batches)
    kept = tuple(entry if each.name == name else each for each in manifest.parts)
    _seal(directory, manifest.model_copy(update={"parts": kept}))


def _written(directory: Path, part: Part, batches: "Iterator[pa.RecordBatch] | list[pa.RecordBatch]") -> PartEntry:
    for suffix in (".parquet", part.csv_suffix):
        (directory / f"{part.name}{suffix}").unlink()
    with Pair(directory, part, part.name) as pair:
        for batch in batches:
            pair.write(batch)
    return part_entry(part, pair.entries())


def _seal(directory: Path, manifest: Manifest) -> None:
    (directory / MANIFEST).write_text(manifest.model_dump_json(indent=2), encoding="utf-8")
    (directory / SUMS).write_text(f"{sha256(directory / MANIFEST)}  {MANIFEST}\n", encoding="utf-8")
