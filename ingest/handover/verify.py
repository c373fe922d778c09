"""Checks a directory against its manifest. Every file is read before any of them is used."""

import hashlib
import re
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from pydantic import ValidationError

from ingest.errors import CallRefused
from ingest.handover.column import Type
from ingest.handover.files import count_csv
from ingest.handover.manifest import FORMAT_VERSION, MANIFEST, SUMS, FileEntry, Manifest, PartEntry, column_entry
from ingest.handover.part import Part
from ingest.handover.parts import BY_NAME
from ingest.handover.report_proof import report_problems
from ingest.handover.trial import Candidate, problems_of
from ingest.runtime.bounded_files import FileRefused, open_inside, pieces_of, read_stream
from schemas.bilingual import Bilingual, joined

MANIFEST_BYTES = 8 * 2**20
"""Most bytes of a manifest. Fifty years by month take 2 MiB."""
ROW_BYTES = 2**20
"""Most bytes of a CSV record, for older manifests without the unpacked size of a file."""
YEARS = (1900, 2200)
_OUTSIDE = Bilingual("ディレクトリの外です", "lies outside the directory")


def verify(directory: Path) -> Manifest:
    """The manifest, if every file is there and unchanged. Raises CallRefused with each other file and the reason."""
    manifest = _manifest(directory)
    found = [*_problems(directory, manifest)] or [*problems_of(directory, _candidates(manifest))]
    found = found or [*report_problems(directory, manifest)]
    problems = [about(path, reason) for path, reason in found]
    if problems:
        useless = about(directory, Bilingual("このままでは使えません", "cannot be used as it is"))
        raise CallRefused(joined([*problems, useless]))
    return manifest


def _manifest(directory: Path) -> Manifest:
    path = directory / MANIFEST
    content = _read(directory, MANIFEST)
    sums = _read(directory, SUMS).decode("utf-8", "replace")
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise CallRefused(about(path, damaged(f"{where} {first['msg']}"))) from error
    if f"{hashlib.sha256(content).hexdigest()}  {MANIFEST}" not in sums.splitlines():
        why = Bilingual(f"変わっています。{SUMS} の SHA-256 と違います", f"changed: not the SHA-256 that {SUMS} has")
        raise CallRefused(about(path, why))
    if manifest.format_version != FORMAT_VERSION:
        form = f"{manifest.format_version} ({manifest.program})"
        raise CallRefused(about(path, Bilingual(f"読めない版 {form} です", f"of the unknown format {form}")))
    return manifest


def _read(directory: Path, name: str) -> bytes:
    try:
        with open_inside(directory, name) as file:
            return read_stream(file, MANIFEST_BYTES, directory / name)
    except OSError as error:
        reason = Bilingual(
            f"読めません。書き出しが途中です({error.strerror})",
            f"unreadable, the export is unfinished: {error.strerror}",
        )
        raise FileRefused(directory / name, reason) from error


def about(what: object, why: Bilingual) -> Bilingual:
    """A message that names a thing and what is wrong with it."""
    return Bilingual(f"{what}: {why.ja}", f"{what}: {why.en}")


def damaged(how: object) -> Bilingual:
    """The message about a damaged file."""
    return Bilingual(f"壊れています({how})", f"damaged: {how}")


def _problems(directory: Path, manifest: Manifest) -> Iterator[tuple[str, Bilingual]]:
    yield from _duplicates(manifest)
    for part in manifest.parts:
        yield from _misfit(part)
        for file in part.files:
            reason = _misnamed(part, file) or _damage(directory, file)
            if reason is not None:
                yield file.path, reason
        for form in ("parquet", "csv"):
            rows = sum(file.rows for file in part.files if file.format == form)
            if rows != part.rows:
                why = Bilingual(
                    f"目録では {part.rows} 件、{form} ファイルには {rows} 件です",
                    f"{part.rows} rows said, {rows} in its {form} files",
                )
                yield MANIFEST, about(part.name, why)


def _candidates(manifest: Manifest) -> list[Candidate]:
    """The Parquet files to try. Asked only if all else is right: a folder that is refused anyway needs no trial."""
    return [
        Candidate(file.path, part.name, file.rows)
        for part in manifest.parts
        for file in part.files
        if file.format == "parquet"
    ]


def _duplicates(manifest: Manifest) -> Iterator[tuple[str, Bilingual]]:
    for kind, names in (
        ("part", [part.name for part in manifest.parts]),
        ("file", [file.path for part in manifest.parts for file in part.files]),
    ):
        if len(names) != len(set(names)):
            yield MANIFEST, Bilingual("同じものが二度あります", f"the same {kind} is said twice")


def _misfit(part: PartEntry) -> Iterator[tuple[str, Bilingual]]:
    """Problems of a part that this program does not know in this form."""
    known = BY_NAME.get(part.name)
    if known is None:
        why = Bilingual("この版の知らない表です", "not known to this version of the program")
        yield MANIFEST, about(part.name, why)
    elif [(column.name, column.type) for column in part.columns] != [
        (entry.name, entry.type)
        for entry in map(column_entry, known.as_in([each.name for each in part.columns]).columns)
    ]:
        why = Bilingual("列がこの版のものと違います", "its columns are not those of this version of the program")
        yield MANIFEST, about(part.name, why)


def _misnamed(entry: PartEntry, file: FileEntry) -> Bilingual | None:
    """A problem unless the file lies where an export puts it and its span is in the calendar."""
    if PurePosixPath(file.path).is_absolute() or ".." in PurePosixPath(file.path).parts:
        return _OUTSIDE
    part = BY_NAME.get(entry.name)
    if part is None:
        return None
    stem = re.escape(part.name) + (r"/\d{4}-(0[1-9]|1[0-2])" if part.monthly else "")
    suffix = ".parquet" if file.format == "parquet" else part.csv_suffix
    if not re.fullmatch(stem + re.escape(suffix), file.path, re.ASCII):
        return Bilingual(f"{part.name} のファイル名ではありません", f"is not the name of a file of {part.name}")
    if not all(_in_calendar(part, end) for end in (file.first, file.last) if end is not None):
        return Bilingual("期間が読めません", "damaged: its first or last time is none")
    return None


def _in_calendar(part: Part, end: str) -> bool:
    try:
        if part.time_of and part.column(part.time_of).type is Type.DATE:
            return YEARS[0] <= date.fromisoformat(end).year < YEARS[1]
        moment = datetime.fromisoformat(end)
    except ValueError:
        return False
    return moment.tzinfo is not None and YEARS[0] <= moment.year < YEARS[1]


def _damage(directory: Path, file: FileEntry) -> Bilingual | None:
    """A problem with the size or hash of a file, or with the content of a CSV file; None if there is none."""
    try:
        with open_inside(directory, file.path) as content:
            size = content.seek(0, 2)
            content.seek(0)
            if size != file.bytes:
                return Bilingual(
                    f"大きさが違います({file.bytes:,} バイトのはずが {size:,})",
                    f"{size:,} bytes instead of {file.bytes:,}",
                )
            if _sha256(content) != file.sha256:
                return Bilingual(
                    "内容が変わっています(SHA-256 が目録と違います)",
                    "changed: its SHA-256 is not that of the manifest",
                )
            content.seek(0)
            return _misfit_of_csv(content, file) if file.format == "csv" else None
    except FileRefused as error:
        return error.reason
    except OSError as error:
        return Bilingual(f"読めません({error.strerror})", f"unreadable: {error.strerror}")


def _sha256(content: BinaryIO) -> str:
    found = hashlib.sha256()
    for piece in pieces_of(content):
        found.update(piece)
    return found.hexdigest()


def _misfit_of_csv(content: BinaryIO, file: FileEntry) -> Bilingual | None:
    packed = file.path.endswith(".gz")
    most = file.bytes if not packed else file.unpacked_bytes
    allowed = (file.rows + 1) * ROW_BYTES if most is None else most
    try:
        found = count_csv(content, packed=packed, most_bytes=allowed)
    except (OSError, EOFError, zlib.error) as error:
        return damaged(error)
    if found.bytes <= allowed and found.rows != file.rows:
        return Bilingual(
            f"件数が違います({file.rows:,} 件のはずが {found.rows:,} 件)",
            f"{found.rows:,} rows instead of {file.rows:,}",
        )
    if found.bytes > allowed or (most is not None and found.bytes != most):
        return Bilingual(
            f"展開すると、目録の {allowed:,} バイトと違います",
            f"unpacked not the {allowed:,} bytes it should have at most",
        )
    return None
