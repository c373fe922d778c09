"""A directory that is not what its manifest says is refused before anything is written, by the name of the file."""

import gzip
from pathlib import Path

import pytest
from pyarrow import parquet

from ingest.errors import CallRefused
from ingest.handover.files import BATCH_ROWS, sha256
from ingest.handover.manifest import MANIFEST, SUMS
from ingest.handover.verify import verify
from tests.fixtures.database import Database
from tests.handover.valley import brought_in, rows

READINGS = "reading/2026-05.parquet"
SUMMED = '"rows": {},\n   "derived": false,\n   "sort": [\n    "hour"'


def refused(directory: Path) -> str:
    with pytest.raises(CallRefused) as error:
        verify(directory)
    return str(error.value)


def without_its_last_row(path: Path) -> None:
    table = parquet.read_table(path)
    parquet.write_table(table.slice(0, table.num_rows - 1), path, row_group_size=BATCH_ROWS)


def rewrite(directory: Path, *replacements: tuple[str, str]) -> None:
    """Change the manifest and put its new hash where the old one was: somebody who knows how it is made."""
    path = directory / MANIFEST
    text, old = path.read_text(encoding="utf-8"), sha256(path)
    for before, after in replacements:
        assert before in text
        text = text.replace(before, after, 1)
    path.write_text(text, encoding="utf-8", newline="")
    sums = (directory / SUMS).read_text(encoding="utf-8")
    (directory / SUMS).write_text(sums.replace(old, sha256(path)), encoding="utf-8", newline="")


def test_an_untouched_directory_is_verified(copied: Path) -> None:
    assert verify(copied).project.code == "tea"


def test_a_truncated_file_is_named(copied: Path) -> None:
    whole = (copied / READINGS).read_bytes()
    (copied / READINGS).write_bytes(whole[:-100])
    assert f"{READINGS}: {len(whole) - 100:,} bytes instead of {len(whole):,}" in refused(copied)


@pytest.mark.parametrize("path", [READINGS, "reading/2026-04.csv.gz", "device.csv", "quarantine/2026-05.parquet"])
def test_a_flipped_bit_is_found(copied: Path, path: str) -> None:
    content = bytearray((copied / path).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / path).write_bytes(content)
    assert refused(copied).startswith(f"{path}: changed")


def test_a_row_that_was_taken_out_is_found(copied: Path) -> None:
    without_its_last_row(copied / READINGS)
    assert refused(copied).startswith(f"{READINGS}: ")


def test_a_row_that_was_taken_out_is_found_even_if_the_hash_was_made_to_fit(copied: Path) -> None:
    path = copied / READINGS
    old, size = sha256(path), path.stat().st_size
    before = parquet.read_table(path).num_rows
    without_its_last_row(path)
    rewrite(copied, (old, sha256(path)), (f'"bytes": {size}', f'"bytes": {path.stat().st_size}'))
    assert refused(copied).startswith(f"{READINGS}: {before - 1} rows instead of {before}")


def test_a_line_that_was_taken_out_of_the_csv_is_found_even_if_the_hash_was_made_to_fit(copied: Path) -> None:
    path = copied / "reading/2026-05.csv.gz"
    old, size = sha256(path), path.stat().st_size
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    path.write_bytes(gzip.compress(b"".join(lines[:-1])))
    rewrite(copied, (old, sha256(path)), (f'"bytes": {size}', f'"bytes": {path.stat().st_size}'))
    assert f"{len(lines) - 2} rows instead of {len(lines) - 1}" in refused(copied)


def test_every_damaged_file_is_named_at_once(copied: Path) -> None:
    (copied / READINGS).unlink()
    (copied / "device.csv").write_bytes(b"")
    said = refused(copied)
    assert f"{READINGS}: unreadable" in said
    assert "device.csv: " in said


def test_a_changed_manifest_is_found(copied: Path) -> None:
    path = copied / MANIFEST
    path.write_bytes(path.read_bytes().replace("茶園係".encode(), "だれか".encode()))
    assert "manifest.json: changed" in refused(copied)


def test_a_part_whose_files_do_not_add_up_is_found(copied: Path) -> None:
    rewrite(copied, (SUMMED.format(3), SUMMED.format(99)))
    assert "tally: 99 rows said, 3 in its parquet files" in refused(copied)


def test_an_unfinished_export_is_refused(copied: Path) -> None:
    (copied / MANIFEST).unlink()
    assert "the export is unfinished" in refused(copied)


def test_a_file_outside_the_directory_is_never_read(copied: Path) -> None:
    rewrite(copied, ('"path": "device.csv"', '"path": "../device.csv"'))
    assert "../device.csv: lies outside the directory" in refused(copied)


def test_a_part_of_a_later_version_is_refused(copied: Path) -> None:
    rewrite(copied, ('"name": "tally"', '"name": "plan"'))
    assert "plan: not known to this version" in refused(copied)


def test_a_column_of_another_version_is_refused(copied: Path) -> None:
    rewrite(copied, ('"name": "writer"', '"name": "author"'))
    assert "tally: its columns are not those" in refused(copied)


def test_nothing_is_written_from_a_damaged_directory(any_database: Database, copied: Path) -> None:
    (copied / "tally.csv").unlink()
    with pytest.raises(CallRefused, match=r"tally\.csv"):
        brought_in(any_database, copied)
    assert rows(any_database, "select count(*) from project") == [(0,)]
