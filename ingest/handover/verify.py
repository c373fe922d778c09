"""Is a directory what its manifest says? Every file is read before anybody believes one of them."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pyarrow as pa
from pydantic import ValidationError

from ingest.errors import CallRefused
from ingest.handover.arrow import schema
from ingest.handover.files import csv_rows, parquet_columns, parquet_rows, sha256
from ingest.handover.manifest import FORMAT_VERSION, MANIFEST, SUMS, FileEntry, Manifest, PartEntry, column_entry
from ingest.handover.parts import BY_NAME


def verify(directory: Path) -> Manifest:
    """The manifest, if every file is there, whole and unchanged. Raises CallRefused with each that is not, and why."""
    manifest = _manifest(directory)
    problems = [f"{path}: {reason}" for path, reason in _problems(directory, manifest)]
    if problems:
        raise CallRefused("\n".join([*problems, f"{directory}: このままでは使えません / cannot be used as it is"]))
    return manifest


def _manifest(directory: Path) -> Manifest:
    path = directory / MANIFEST
    try:
        content = path.read_bytes()
        sums = (directory / SUMS).read_text(encoding="utf-8")
    except OSError as error:
        raise CallRefused(f"{error.filename}: 読めません。書き出しが途中です / unreadable: {error.strerror}") from error
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise CallRefused(f"{path}: 壊れています / damaged: {where} {first['msg']}") from error
    if f"{sha256(path)}  {MANIFEST}" not in sums.splitlines():
        raise CallRefused(f"{path}: 変わっています / changed: not the SHA-256 that {SUMS} has")
    if manifest.format_version != FORMAT_VERSION:
        raise CallRefused(f"{path}: format {manifest.format_version} of {manifest.program}: 読めない版です / unknown")
    return manifest


def _problems(directory: Path, manifest: Manifest) -> Iterator[tuple[str, str]]:
    for part in manifest.parts:
        yield from _misfit(part)
        for file in part.files:
            reason = _damage(directory, file) or _misfit_of_file(directory, part, file)
            if reason is not None:
                yield file.path, reason
        for form in ("parquet", "csv"):
            rows = sum(file.rows for file in part.files if file.format == form)
            if rows != part.rows:
                yield MANIFEST, f"{part.name}: {part.rows} rows said, {rows} in its {form} files"


def _misfit(part: PartEntry) -> Iterator[tuple[str, str]]:
    """A part that this program does not know as it is."""
    known = BY_NAME.get(part.name)
    if known is None:
        yield MANIFEST, f"{part.name}: この版の知らない表です / not known to this version of the program"
    elif [(column.name, column.type) for column in part.columns] != [
        (entry.name, entry.type) for entry in map(column_entry, known.columns)
    ]:
        yield MANIFEST, f"{part.name}: 列が違います / its columns are not those of this version of the program"


def _damage(directory: Path, file: FileEntry) -> str | None:
    if PurePosixPath(file.path).is_absolute() or ".." in PurePosixPath(file.path).parts:
        return "ディレクトリの外です / lies outside the directory"
    path = directory / file.path
    try:
        size = path.stat().st_size
        if size != file.bytes:
            return f"大きさが違います / {size:,} bytes instead of {file.bytes:,}"
        if sha256(path) != file.sha256:
            return "内容が変わっています / changed: its SHA-256 is not that of the manifest"
    except OSError as error:
        return f"読めません / unreadable: {error.strerror}"
    return None


def _misfit_of_file(directory: Path, part: PartEntry, file: FileEntry) -> str | None:
    path = directory / file.path
    try:
        rows = csv_rows(path) if file.format == "csv" else parquet_rows(path)
        if rows != file.rows:
            return f"件数が違います / {rows:,} rows instead of {file.rows:,}"
        known = BY_NAME.get(part.name)
        if file.format == "parquet" and known is not None and not parquet_columns(path).equals(schema(known)):
            return "列が違います / its columns are not those of the manifest"
    except (pa.ArrowException, OSError, EOFError) as error:
        return f"壊れています / damaged: {error}"
    return None
