"""Reads `issued.csv`, the list of certificates that deploy/tls/authority.sh has issued."""

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from ingest.runtime.bounded_files import FileRefused, read_regular

_MAX_BYTES = 16 * 2**20


class Issued(NamedTuple):
    """The newest certificate of a name; for a device that is its account `project/code`. `until` is a day in UTC."""

    name: str
    until: date


def issued(file: Path) -> list[Issued]:
    """The newest certificates, the first to expire first. Raises OSError, or ValueError if the file is no such list."""
    try:
        rows = csv.DictReader(io.StringIO(read_regular(file, _MAX_BYTES).decode(), newline=""))
        if not {"name", "until"} <= set(rows.fieldnames or ()):
            raise ValueError(f"{file.name}: no columns name and until")
        newest = {row["name"]: date.fromisoformat(row["until"] or "") for row in rows}
    except (FileRefused, csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"{file.name}: {error}") from error
    return sorted((Issued(name, until) for name, until in newest.items()), key=lambda one: (one.until, one.name))


def first_expiry_s(file: Path) -> float | None:
    """When the first certificate expires, in seconds since 1970; 0 if the list cannot be read, None if it is empty."""
    try:
        found = issued(file)
    except (OSError, ValueError):
        return 0.0
    return datetime(*found[0].until.timetuple()[:3], tzinfo=UTC).timestamp() if found else None
