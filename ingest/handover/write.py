"""Export: writes everything of one project, as of one moment, to files."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from ingest import __version__
from ingest.errors import CallRefused
from ingest.handover import arrow
from ingest.handover.database import rows as store
from ingest.handover.files import Pair, batch_rows, sha256
from ingest.handover.manifest import (
    FORMAT,
    FORMAT_VERSION,
    MANIFEST,
    README,
    SUMS,
    FileEntry,
    Manifest,
    PartEntry,
    ProjectEntry,
    SpanEntry,
    part_entry,
    quantity_entries,
)
from ingest.handover.months import months, span_of, stem, within
from ingest.handover.part import Part
from ingest.handover.parts import PARTS
from ingest.handover.readme import readme
from ingest.store.database import Database
from ingest.store.registry.catalogue import catalogue_of_project
from schemas.bilingual import Bilingual, quoted
from schemas.quantity import BY_CODE

Say = Callable[[PartEntry], None]


def export(
    connection: Database, project: str, directory: Path, asked: SpanEntry, *, by: str, now: datetime, say: Say
) -> Manifest:
    """Write the project into the new directory; `say` is called with each part that is done.

    The manifest is written last: a directory without one is unfinished. Raises CallRefused if there is no such project,
    or if the directory cannot be used.
    """
    with store.snapshot(connection):
        head = store.head(connection, project)
        if head is None:
            raise CallRefused(
                Bilingual(
                    f"--project {project}: 台帳にない事業です",
                    f"--project {project}: the registry has no such project",
                )
            )
        catalogue = catalogue_of_project(connection, project) or BY_CODE
        _make(directory)
        written = []
        for part in PARTS:
            if not part.optional or store.exists(connection, part):
                written.append(part_entry(part, tuple(_files(connection, part, project, directory, asked))))
                say(written[-1])
    manifest = Manifest(
        format=FORMAT,
        format_version=FORMAT_VERSION,
        program=f"Noroshi {__version__}",
        schema_version=head.schema_version,
        postgresql=head.postgresql,
        made_at=now,
        made_by=by,
        project=ProjectEntry(code=project, name=head.name),
        span=asked,
        identity=head.identity,
        raw_from=head.raw_from,
        quantities=quantity_entries(catalogue.values()),
        parts=tuple(written),
    )
    _seal(directory, manifest)
    return manifest


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if any(directory.iterdir()):
            raise CallRefused(Bilingual(f"{directory}: 空ではありません", f"{directory}: is not empty"))
    except OSError as error:
        raise CallRefused(quoted(f"{directory}: {error.strerror}")) from error


def _files(connection: Database, part: Part, project: str, directory: Path, asked: SpanEntry) -> Iterator[FileEntry]:
    span = span_of(part, asked)
    if not part.monthly:
        yield from _pair(directory, part, part.name, batches(connection, part, project, span))
        return
    found = store.limits(connection, part, project, span)
    for month in months(*found) if found else ():
        rows = batches(connection, part, project, within(month, asked))
        first = next(rows, None)
        if first is not None:  # a month without a row has no file
            (directory / part.name).mkdir(exist_ok=True)
            yield from _pair(directory, part, stem(part, month), _again(first, rows))


def _again(first: pa.RecordBatch, rest: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield first
    yield from rest


def batches(connection: Database, part: Part, project: str, span: store.Span) -> Iterator[pa.RecordBatch]:
    """The rows of a part as the files hold them."""
    for rows in store.rows(connection, part, project, span, batch_rows(part)):
        yield arrow.batch(part, rows)


def _pair(directory: Path, part: Part, name: str, rows: Iterator[pa.RecordBatch]) -> tuple[FileEntry, FileEntry]:
    with Pair(directory, part, name) as pair:
        for batch in rows:
            pair.write(batch)
    return pair.entries()


def _seal(directory: Path, manifest: Manifest) -> None:
    (directory / README).write_text(readme(manifest), encoding="utf-8", newline="")
    content = manifest.model_dump_json(indent=1)
    (directory / MANIFEST).write_text(content + "\n", encoding="utf-8", newline="")
    hashes = {file.path: file.sha256 for part in manifest.parts for file in part.files}
    hashes |= {name: sha256(directory / name) for name in (README, MANIFEST)}
    lines = "".join(f"{found}  {path}\n" for path, found in hashes.items())
    (directory / SUMS).write_text(lines, encoding="utf-8", newline="")
