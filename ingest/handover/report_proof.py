"""Proves the frozen reports of a directory by their digests and signatures, before anything of it is used.

The hashes of the manifest can be made to fit by whoever changed a file. The signatures cannot.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest.handover import files
from ingest.handover.manifest import Manifest
from ingest.handover.parts import BY_NAME
from ingest.report.proof.fault import (
    WHY,
    Fault,
    KeptFile,
    Record,
    are_all_there,
    fault_of_file,
    faults_of_record,
    is_successor,
)
from schemas.bilingual import Bilingual

Problem = tuple[str, Bilingual]
Keys = dict[str, bytes]


class _Reports:
    """The frozen reports of a directory by their numbers, without documents and contents."""

    def __init__(self) -> None:
        self.records: dict[int, Record] = {}
        self.before: dict[int, int | None] = {}
        self.forms: dict[int, set[str]] = {}
        self.names: set[str] = set()

    def called(self, report: int) -> str:
        return self.records[report].called if report in self.records else str(report)


def report_problems(directory: Path, manifest: Manifest) -> Iterator[Problem]:
    """(file, report and reason) of each frozen report that is not what was frozen. The files were verified before."""
    keys: Keys = {row["key_id"]: row["public_key"] for row in _rows(directory, manifest, "signing_key")}
    reports = _Reports()
    yield from _problems_of_reports(directory, manifest, keys, reports)
    yield from _problems_of_files(directory, manifest, keys, reports)
    for report, record in reports.records.items():
        if not are_all_there(record, reports.forms[report]):
            yield _problem("report_file", record.called, Fault.FILES)
        earlier = reports.before[report]
        if (earlier is not None and earlier not in reports.records) or not is_successor(
            record, None if earlier is None else reports.records[earlier]
        ):
            yield _problem("report", record.called, Fault.REVISION)


def _rows(directory: Path, manifest: Manifest, name: str) -> Iterator[dict[str, Any]]:
    """The rows of a part, few at once; none if the directory is of a version without it."""
    entry = manifest.part(name)
    for file in entry.files if entry else ():
        if file.format == "parquet":
            for batch in files.batches(directory / file.path, BY_NAME[name]):
                yield from batch.to_pylist()


def _problems_of_reports(directory: Path, manifest: Manifest, keys: Keys, reports: _Reports) -> Iterator[Problem]:
    for row in _rows(directory, manifest, "report"):
        try:
            record = _record(row)
            faults = [*faults_of_record(record, json.loads(row["document"]), keys)]
        except (ValueError, TypeError, AttributeError):
            yield _problem("report", str(row["report"]), Fault.DOCUMENT)
            continue
        if record.project != manifest.project.code or record.called in reports.names:
            faults.append(Fault.REVISION)
        reports.names.add(record.called)
        reports.records[row["report"]], reports.before[row["report"]] = record, row["of_report"]
        reports.forms[row["report"]] = set()
        for fault in faults:
            yield _problem("report", record.called, fault)


def _record(row: dict[str, Any]) -> Record:
    sealed = json.loads(row["sealed"])
    values = {name: row[name] for name in Record._fields if name != "sealed"}
    if None in values.values() or not isinstance(sealed, dict):
        raise ValueError
    return Record(**values, sealed=sealed)


def _problems_of_files(directory: Path, manifest: Manifest, keys: Keys, reports: _Reports) -> Iterator[Problem]:
    for row in _rows(directory, manifest, "report_file"):
        record, called = reports.records.get(row["report"]), f"{reports.called(row['report'])} {row['form']}"
        if (
            record is None
            or row["project"] != record.project
            or None in (row["form"], row["name"], row["content"], row["sha256"])
        ):
            yield _problem("report_file", called, Fault.FILES)
            continue
        reports.forms[row["report"]].add(row["form"])
        file = KeptFile(row["form"], row["name"], row["content"], row["sha256"], row["signature"])
        fault = fault_of_file(record, file, keys)
        if fault is not None:
            yield _problem("report_file", called, fault)


def _problem(part: str, called: str, fault: Fault) -> Problem:
    why = WHY[fault]
    return f"{part}.parquet", Bilingual(f"{called}: {why.ja}", f"{called}: {why.en}")
