"""A folder somebody made on purpose is refused by name, soon, and with little memory, whatever is in it."""

import gzip
import io
import json
import os
import resource
import subprocess
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from ingest.errors import CallRefused
from ingest.handover import trial
from ingest.handover.arrow import schema
from ingest.handover.files import count_csv
from ingest.handover.manifest import MANIFEST, SUMS
from ingest.handover.parts import BY_NAME
from ingest.handover.verify import verify
from tests.fixtures.database import Database
from tests.handover.valley import brought_in, rows

READINGS, QUARANTINE = "reading/2026-05.parquet", "quarantine/2026-05.parquet"
PACKED = "reading/2026-05.csv.gz"


def refused(directory: Path) -> str:
    with pytest.raises(CallRefused) as error:
        verify(directory)
    return str(error.value)


def seal(directory: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the manifest, and put its hash where it belongs: whoever does this knows how it is made."""
    path = directory / MANIFEST
    old = path.read_bytes()
    said = json.loads(old)
    change(said)
    new = json.dumps(said).encode()
    path.write_bytes(new)
    sums = (directory / SUMS).read_text(encoding="utf-8")
    sums = sums.replace(sha256(old).hexdigest(), sha256(new).hexdigest())
    (directory / SUMS).write_text(sums, encoding="utf-8", newline="")


def entry(said: dict[str, Any], path: str) -> dict[str, Any]:
    return next(file for part in said["parts"] for file in part["files"] if file["path"] == path)


def put(directory: Path, path: str, content: bytes, **more: Any) -> None:
    """Another content for a file, with a manifest that agrees."""
    (directory / path).write_bytes(content)
    told = {"bytes": len(content), "sha256": sha256(content).hexdigest(), **more}
    seal(directory, lambda said: entry(said, path).update(told))


def zeros(bytes_: int) -> bytes:
    return gzip.compress(bytes(bytes_), 9)


def test_a_packed_file_is_read_in_pieces_whatever_it_unpacks_to() -> None:
    """1.5 MB became one line of 1.5 GB, and that 3.2 GB of memory."""
    packed = zeros(64 * 2**20)
    tracemalloc.start()
    found = count_csv(io.BytesIO(packed), packed=True, most_bytes=10**9)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == (0, 64 * 2**20)
    assert peak_bytes < 8 * 2**20


def test_a_packed_file_is_unpacked_no_further_than_the_manifest_says(copied: Path) -> None:
    put(copied, PACKED, zeros(16 * 2**20))
    assert f"{PACKED}: unpacked not the" in refused(copied)


def test_of_an_older_manifest_a_packed_file_may_have_a_megabyte_for_each_row(copied: Path) -> None:
    put(copied, PACKED, zeros(16 * 2**20), unpacked_bytes=None, rows=2)
    assert f"{PACKED}: unpacked not the 3,145,728 bytes" in refused(copied)


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda whole: whole[:-9],
        lambda whole: whole + b"\0more",
        lambda whole: whole + whole,
        lambda whole: whole[:40] + bytes(20) + whole[60:],
        lambda _: b"",
        lambda _: zlib.compress(b"a"),
    ],
)
def test_a_packed_file_that_is_none_is_damaged(copied: Path, spoilt: Callable[[bytes], bytes]) -> None:
    put(copied, PACKED, spoilt((copied / PACKED).read_bytes()))
    assert f"{PACKED}: damaged" in refused(copied)


def link(path: Path, directory: Path) -> None:  # noqa: ARG001  all have one signature
    path.symlink_to("/dev/zero")


def outside(path: Path, directory: Path) -> None:
    other = directory.parent / "other"
    other.write_bytes(b"mine")
    path.symlink_to(other)


def pipe(path: Path, directory: Path) -> None:  # noqa: ARG001
    os.mkfifo(path)


def folder(path: Path, directory: Path) -> None:  # noqa: ARG001
    path.mkdir()


@pytest.mark.parametrize("make", [link, outside, pipe, folder])
@pytest.mark.parametrize("path", ["device.csv", PACKED, READINGS, MANIFEST, SUMS])
def test_only_regular_files_are_read_and_no_link_is_followed(
    copied: Path, path: str, make: Callable[[Path, Path], None]
) -> None:
    (copied / path).unlink()
    make(copied / path, copied)
    said = refused(copied)
    assert f"{path}: unreadable" in said or f"{path}: is not a regular file" in said


def test_a_folder_that_is_a_link_is_not_followed(copied: Path) -> None:
    (copied / "reading").rename(copied.parent / "elsewhere")
    (copied / "reading").symlink_to(copied.parent / "elsewhere")
    assert f"{READINGS}: unreadable" in refused(copied)


@pytest.mark.parametrize(
    "path", ["../device.csv", "/etc/passwd", "reading/../device.csv", "device.csv\0", "reading/2026-13.csv.gz", "", "."]
)
def test_a_name_that_leads_elsewhere_is_refused(copied: Path, path: str) -> None:
    seal(copied, lambda said: entry(said, "device.csv").update(path=path))
    said = refused(copied)
    assert "lies outside the directory" in said or "is not the name of a file" in said


@pytest.mark.parametrize(
    ("field", "value"),
    [("first", "yesterday"), ("first", "2026-05-01T00:00:00"), ("last", "9999-12-31T00:00:00+00:00"), ("last", "0")],
)
def test_a_span_that_has_no_place_in_the_calendar_is_refused(copied: Path, field: str, value: str) -> None:
    seal(copied, lambda said: entry(said, READINGS).update({field: value}))
    assert f"{READINGS}: damaged: its first or last time is none" in refused(copied)


@pytest.mark.parametrize("value", [-1, 10**18, "1e400", 1.5])
def test_a_count_that_is_none_is_refused(copied: Path, value: object) -> None:
    seal(copied, lambda said: entry(said, READINGS).update(rows=value))
    assert "manifest.json: damaged" in refused(copied)


def test_a_file_or_a_part_said_twice_is_refused(copied: Path) -> None:
    seal(copied, lambda said: said["parts"].append(said["parts"][0]))
    said = refused(copied)
    assert "the same part is said twice" in said
    assert "the same file is said twice" in said


@pytest.mark.parametrize(
    "content", [b"[" * 10**6, b'{"a":' * 10**6, b'{"format_version": ' + b"9" * 6_000 + b"}", b"\xff\xfe", b"", b"null"]
)
def test_a_manifest_that_is_none_is_refused(copied: Path, content: bytes) -> None:
    (copied / MANIFEST).write_bytes(content)
    assert "manifest.json: damaged" in refused(copied)


@pytest.mark.parametrize("path", [MANIFEST, SUMS])
def test_a_manifest_of_a_gigabyte_is_not_read(copied: Path, path: str) -> None:
    with (copied / path).open("r+b") as file:
        file.truncate(2**30)
    assert f"{path}: too large" in refused(copied)


def bomb(path: str, count: int, **texts: str) -> bytes:
    """A Parquet file in which each row has the same long text, which lies in it once."""
    part = BY_NAME[path.split("/", maxsplit=1)[0]]
    columns = {}
    for field in schema(part):
        if field.name in texts:
            columns[field.name] = pa.DictionaryArray.from_arrays(pa.array([0] * count, pa.int32()), [texts[field.name]])
        else:
            columns[field.name] = pa.nulls(count, field.type)
    file = io.BytesIO()
    parquet.write_table(
        pa.table(columns), file, compression="zstd", store_schema=False, row_group_size=count, use_dictionary=True
    )
    return file.getvalue()


def test_a_parquet_file_whose_rows_lie_in_one_heap_is_refused(copied: Path) -> None:
    put(copied, READINGS, bomb(READINGS, 3_000_000), rows=3_000_000)
    verified_alone(copied, READINGS)
    assert "3,000,000 rows in one group, at most 50,000" in refused(copied)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"\xff" * 100 + b"\xff\xff\xff\x7fPAR1", os.urandom(4096)])
def test_a_parquet_file_that_is_none_is_damaged(copied: Path, content: bytes) -> None:
    put(copied, READINGS, content)
    verified_alone(copied, READINGS)
    assert f"{READINGS}: damaged" in refused(copied)


def test_a_child_that_is_killed_names_the_file_it_read(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "_ENVIRONMENT", {"LD_PRELOAD": "", "PYTHONPATH": "/nowhere", "PYTHONHOME": "/nowhere"})
    assert "project.parquet: damaged: reading it takes more than 1024 MiB, or too long" in refused(copied)


def test_a_parquet_file_that_unpacks_to_gigabytes_is_refused_by_the_command_within_a_gigabyte(copied: Path) -> None:
    content = bomb(QUARANTINE, 50_000, detail="x" * 2**22, topic="x" * 2**22)
    assert len(content) < 10**6
    put(copied, QUARANTINE, content, rows=50_000)
    verified_alone(copied, QUARANTINE)
    done = subprocess.run(
        [sys.executable, "-m", "ingest", "import", str(copied), "--verify"],
        capture_output=True, text=True, check=False, timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30)),
    )  # fmt: skip
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
    assert f"noroshi: {QUARANTINE}: damaged: reading it takes" in done.stderr


def verified_alone(directory: Path, path: str) -> None:
    """Let the manifest name this file only, so that nothing else is wrong."""

    def change(said: dict[str, Any]) -> None:
        part = next(part for part in said["parts"] if any(file["path"] == path for file in part["files"]))
        parquet_file = entry(said, path)
        beside = next(file for file in part["files"] if file["path"] == path.replace(".parquet", ".csv.gz"))
        part["files"] = [parquet_file, beside]
        part["rows"] = beside["rows"] = parquet_file["rows"]
        said["parts"] = [part]
        content = gzip.compress(b"a\r\n" * (parquet_file["rows"] + 1))
        (directory / beside["path"]).write_bytes(content)
        beside |= {
            "bytes": len(content), "sha256": sha256(content).hexdigest(),
            "unpacked_bytes": 3 * (parquet_file["rows"] + 1),
        }  # fmt: skip

    seal(directory, change)


def with_readings(directory: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    table = change(parquet.read_table(directory / READINGS))
    file = io.BytesIO()
    parquet.write_table(table, file, row_group_size=50_000)
    put(directory, READINGS, file.getvalue())


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("device", "nobody", "'nobody'"),
        ("quantity", "warmth", "'warmth'"),
        ("value", None, "no use"),
        ("time", None, "no use"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused_and_nothing_is_written(
    any_database: Database, copied: Path, column: str, value: object, why: str
) -> None:
    def change(table: pa.Table) -> pa.Table:
        place = table.schema.get_field_index(column)
        field = table.schema.field(place)
        values = pa.array([value, *table.column(place).to_pylist()[1:]], field.type)
        return table.set_column(place, field, values)

    with_readings(copied, change)
    with pytest.raises(CallRefused) as error:
        brought_in(any_database, copied)
    assert READINGS in str(error.value)
    assert why in str(error.value)
    assert rows(any_database, "select count(*) from project") == [(0,)]
