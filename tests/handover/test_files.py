"""What a stranger finds in the directory, read with the standard library and Parquet alone."""

import csv
import gzip
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from ingest.handover import arrow
from ingest.handover.column import Column, Type
from ingest.handover.database.rows import Span, exists, rows, snapshot
from ingest.handover.files import count_csv
from ingest.handover.part import Part, Way
from ingest.handover.parts import PARTS
from ingest.runtime.bounded_files import PIECE_BYTES
from schemas.foreign import kept_cell
from tests.fixtures.database import Database
from tests.handover.valley import AWKWARD, MIDNIGHT, PAYLOAD


def text_of(path: Path) -> str:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return content.decode()


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text_of(path).removeprefix("\ufeff"), newline="")))


def csv_rows(path: Path) -> int:
    with path.open("rb") as file:
        return count_csv(file, packed=path.suffix == ".gz", most_bytes=10**9).rows


def test_every_file_has_the_hash_that_common_tools_compute(written: Path) -> None:
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=written, check=True)
    listed = {line.split("  ")[1] for line in (written / "SHA256SUMS").read_text(encoding="utf-8").splitlines()}
    here = {str(path.relative_to(written)) for path in written.rglob("*") if path.is_file()}
    assert listed == here - {"SHA256SUMS"}


def test_a_csv_file_begins_with_a_byte_order_mark_and_a_heading_and_ends_its_lines_as_rfc_4180_says(
    written: Path,
) -> None:
    text = text_of(written / "project.csv")
    assert text.startswith("\ufeffcode,name,organisation_code,")
    assert text.endswith("\r\n")
    assert text.count("\n") == text.count("\r\n") == 3


def test_awkward_texts_come_back_from_the_csv_as_they_were(written: Path) -> None:
    assert table(written / "device.csv")[0]["name"] == AWKWARD
    assert bytes.fromhex(table(written / "quarantine/2026-05.csv.gz")[-1]["payload"]) == PAYLOAD


def test_unknown_is_empty_and_an_empty_text_is_two_quotes(written: Path) -> None:
    line = text_of(written / "project.csv").splitlines()[2]
    assert line == 'tea,茶園見守り事業,222160,"",総情地第123号,2026-04-01,'


def test_a_leading_zero_stays_and_times_have_their_offset(written: Path) -> None:
    first = table(written / "reading/2026-05.csv.gz")[0]
    assert first["time"] == "2026-04-30T15:00:00.000000+00:00"
    assert first["value"] == "18"


def test_months_are_those_of_japan(written: Path) -> None:
    names = sorted(path.name for path in (written / "reading").iterdir())
    assert names == ["2026-04.csv.gz", "2026-04.parquet", "2026-05.csv.gz", "2026-05.parquet"]
    times: list[Any] = parquet.read_table(written / "reading/2026-04.parquet").column("time").to_pylist()
    assert max(times) < MIDNIGHT


def test_parquet_and_csv_say_the_same(written: Path) -> None:
    for path in sorted(written.rglob("*.parquet")):
        beside = next(path.parent.glob(f"{path.stem}.csv*"))
        expected = parquet.read_table(path)
        found = table(beside)
        assert len(found) == expected.num_rows == csv_rows(beside), path
        if "value" in expected.column_names:
            told = [float(row["value"]) if row["value"] else None for row in found]
            assert told == expected.column("value").to_pylist()


def test_a_parquet_file_says_what_its_columns_are(written: Path) -> None:
    schema = parquet.read_schema(written / "uplink/2026-05.parquet")
    assert schema.field("time").type == pa.timestamp("us", "UTC")
    assert schema.field("rssi_dbm").metadata == {b"ja": "受信強度".encode(), b"en": b"signal strength", b"unit": b"dBm"}


def test_the_manifest_says_what_somebody_must_know(written: Path) -> None:
    said = json.loads((written / "manifest.json").read_bytes())
    assert said["program"].startswith("Noroshi ")
    assert (said["made_by"], said["project"]["name"]) == ("茶園係", "茶園見守り事業")
    assert {"code": "river_level", "unit": "m"}.items() <= {
        key: value for q in said["quantities"] if q["code"] == "river_level" for key, value in q.items()
    }.items()
    part = next(part for part in said["parts"] if part["name"] == "reading")
    assert part["sort"] == ["device", "quantity", "channel", "time"]
    quality = next(column for column in part["columns"] if column["name"] == "quality")
    assert quality["values"]["1"] == "range"
    file = part["files"][0]
    assert (file["path"], file["first"]) == ("reading/2026-04.parquet", "2026-04-10T15:00:00+00:00")


def test_the_readme_names_every_part_in_japanese_first(written: Path) -> None:
    text = (written / "README.txt").read_bytes().decode("utf-8-sig")
    assert text.startswith("茶園見守り事業(tea)のデータ一式")
    for part in json.loads((written / "manifest.json").read_bytes())["parts"]:
        assert part["ja"] in text
    assert 'pandas.read_csv("reading/2026-04.csv.gz")' in text


def test_the_query_of_each_part_gives_its_columns(valley: Database) -> None:
    connection = valley.connect(autocommit=True)
    with snapshot(connection):
        for part in PARTS:
            if exists(connection, part):
                for some in rows(connection, part, "tea", Span(), 10):
                    assert {len(row) for row in some} == {len(part.columns)}
    valley.close()


def test_every_part_that_is_not_optional_exists(valley: Database) -> None:
    with valley.connect() as connection:
        assert [part.name for part in PARTS if not part.optional and not exists(connection, part)] == []


ONE = Part("one", "", "", Way.ROWS, ("a",), (Column("a", Type.TEXT, "", ""), Column("b", Type.NUMBER, "", "")))
CELL = st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(st.lists(st.tuples(CELL, st.none() | st.floats(allow_nan=False)), min_size=1))
def test_whatever_text_and_number_there_are_a_csv_reader_gets_them_back(some: list[tuple[Any, Any]]) -> None:
    content = arrow.csv_lines(ONE, arrow.batch(ONE, some)).decode()
    found = list(csv.reader(io.StringIO(content, newline=""), strict=True))
    assert [(text, float(number) if number else None) for text, number in found] == [
        (kept_cell(text or ""), number) for text, number in some
    ]


@pytest.mark.parametrize("cell", ["", "a", 'say "a"', "a,b", "a\r\nb", '"', "\r\n\r\n"])
def test_records_are_counted_whatever_line_ends_are_in_them(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "one.csv"
    path.write_bytes(arrow.csv_heading(ONE) + arrow.csv_lines(ONE, arrow.batch(ONE, [(cell, 1.0)] * 3)))
    assert csv_rows(path) == 3


@pytest.mark.parametrize("cell", ["\r\n", '"\r\n"', "\r", '"'])
def test_records_are_counted_wherever_the_pieces_of_a_large_file_end(cell: str) -> None:
    lines = arrow.csv_lines(ONE, arrow.batch(ONE, [(cell, 1.0), ("b", 2.0)]))
    heading = arrow.csv_heading(ONE)
    for short in range(len(lines)):
        filler = arrow.csv_lines(ONE, arrow.batch(ONE, [("x" * (PIECE_BYTES - len(heading) - 4 - short), 3.0)]))
        content = heading + filler + lines
        assert count_csv(io.BytesIO(content), packed=False, most_bytes=10**9) == (3, len(content))
