"""Whether everything that is kept as frozen is still what was frozen: every file is read, one at a time."""

from collections.abc import Iterator

from ingest.report.proof import database
from ingest.report.proof.database import Kept, Noted
from ingest.report.proof.fault import WHY, Fault, Record, are_all_there, fault_of_file, faults_of_record, is_successor
from ingest.store.database import Database
from schemas.bilingual import Bilingual


def faults_of_kept(connection: Database, project_id: int) -> Iterator[Bilingual]:
    """Everything that is wrong with the frozen reports of a project, in words.

    Whoever changes a row, its hashes and its signature together is found by the audit log, for as long as that has the
    entry; reports that came with a hand-over have none.
    """
    keys, kept = database.public_keys(connection), database.list_kept(connection, project_id)
    by_id = {each.report_id: each.record for each in kept}
    for each in kept:
        for fault in _of_report(connection, each, by_id, keys):
            yield _said(each.record.called, fault)
        forms = []
        for file in database.each_file(connection, each.report_id):
            forms.append(file.form)
            wrong = fault_of_file(each.record, file, keys)
            if wrong is not None:
                yield _said(f"{each.record.called} {file.form}", wrong)
        if not are_all_there(each.record, forms):
            yield _said(each.record.called, Fault.FILES)
    yield from _against_the_log(connection, project_id, [each.record for each in kept])


def _of_report(connection: Database, each: Kept, by_id: dict[int, Record], keys: dict[str, bytes]) -> Iterator[Fault]:
    yield from faults_of_record(each.record, database.read_document(connection, each.report_id), keys)
    before = None if each.before is None else by_id.get(each.before)
    if (each.before is not None and before is None) or not is_successor(each.record, before):
        yield Fault.REVISION


def _against_the_log(connection: Database, project_id: int, records: list[Record]) -> Iterator[Bilingual]:
    kept = {(record.number, record.revision): record for record in records}
    for noted in database.list_noted(connection, project_id):
        record = kept.get((noted.number, noted.revision))
        if record is None:
            yield _said(f"{noted.number}-{noted.revision}", Fault.LOST)
        elif not _is_noted(record, noted):
            yield _said(record.called, Fault.NOTED)


def _is_noted(record: Record, noted: Noted) -> bool:
    return record.digest.hex() == noted.sha256 and dict(record.sealed) == noted.files


def _said(called: str, fault: Fault) -> Bilingual:
    why = WHY[fault]
    return Bilingual(f"{called}: {why.ja}", f"{called}: {why.en}")
