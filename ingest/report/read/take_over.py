"""Takes people's words over from a workbook that came back, or says everything that stands against it."""

from collections.abc import Mapping
from dataclasses import dataclass

from ingest.access import audit
from ingest.access.audit import Action
from ingest.access.authority import By, ChangeRefused
from ingest.figures.project import ProjectRef
from ingest.report.form.fixed import FixedSheet, fixed_sheet
from ingest.report.form.sheets import sheets_of
from ingest.report.form.stamp import Stamp, digest_of_sheets
from ingest.report.form.words import clean_words, digest_of_words
from ingest.report.read import database
from ingest.report.read.cells import read_sheets
from ingest.report.read.compare import compare_sheets
from ingest.report.read.content import Content, check_lengths, take_apart
from ingest.report.read.database import BaseRow, NewText
from ingest.report.read.taken import TakenOver, TakenText
from ingest.report.read.wrong import WorkbookRefused, Wrong
from ingest.report.source.database import texts_of
from ingest.store.database import Database
from schemas.bilingual import Bilingual
from schemas.report_json import document_of_json

MOST_NAME_CHARACTERS = 120
MOST_FILE_CHARACTERS = 200

_NO_STAMP = Bilingual(
    "狼煙が書き出した報告書ではないか、最後の行の照合番号が消されています",
    "this is no report that Noroshi wrote, or its check number, the last line of the first sheet, is gone",
)
_NO_AUTHOR = Bilingual("記入した人の名前を入れてください", "say who wrote it")
_CHANGED_SOMEWHERE = Bilingual(
    "記入欄ではないところが書き換えられています。元の報告書が残っていないため、どのセルかは示せません。"
    "報告書を作り直し、記入欄だけを書いてください",
    "something outside of the places for words was changed; which cell cannot be said, because the report it came from"
    " is not kept. Make the report again, and write into the places only",
)
_NOT_KEPT = Bilingual(
    "元の報告書は残っていないため、ファイルの照合番号と比べました。書き換えられた数値はありません",
    "the report it came from is not kept, so it was compared with its own check number: no figure was changed",
)


@dataclass(frozen=True, slots=True)
class _Sent:
    """Who sent which file, and who wrote into it. `labels`: of the places, by their keys."""

    by: By
    project: ProjectRef
    author: str
    source: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Notes:
    """What is to be told, and whether every cell was compared with the kept report."""

    told: list[Bilingual]
    compared: bool


def take_over(
    connection: Database, by: By, project: ProjectRef, content: bytes, author: str, source: str = ""
) -> TakenOver:
    """Keep the words of a workbook, with an entry in the audit log. `source`: the name of the file.

    Only places whose words are others than when the file was made, and others than what holds now, are taken over.
    Raises ChangeRefused for what is no safe workbook, or of another project, and WorkbookRefused with everything else
    that is wrong: it is older than the frozen report, misses a sheet, has a changed figure (cell, was, is), a formula,
    or words that are too long.
    """
    author = clean_words(author).replace("\n", " ")[:MOST_NAME_CHARACTERS]
    if not author:
        raise ChangeRefused(_NO_AUTHOR)
    found = take_apart(read_sheets(content))
    if found.stamp is None:
        raise ChangeRefused(_NO_STAMP)
    if found.stamp.project != project.code:
        raise ChangeRefused(_other_project(found.stamp.project, project.code))
    with connection.transaction():
        base = _base(connection, project, found.stamp)
        wrong, notes = _check(found, found.stamp, base, _older(connection, project, found.stamp, base))
        if wrong:
            raise WorkbookRefused(wrong)
        sent = _Sent(by, project, author, clean_words(source)[:MOST_FILE_CHARACTERS], _labels(base))
        return _keep(connection, sent, found, found.stamp, notes)


def _base(connection: Database, project: ProjectRef, stamp: Stamp) -> BaseRow | None:
    digest = bytes.fromhex(stamp.document)
    return database.base_of(connection, project.project_id, stamp.kind, stamp.first_day, digest)


def _older(
    connection: Database, project: ProjectRef, stamp: Stamp, base: BaseRow | None
) -> list[Wrong]:  # fmt: skip
    """That the file is older than the frozen report of its period, if it is, or if nobody can tell."""
    newest = database.newest_revision(connection, project.project_id, stamp.kind, stamp.first_day)
    if newest is None or stamp.revision >= newest[0]:
        return []
    if not stamp.revision and base is not None and base.made_at > newest[1]:
        return []
    ja = f"第{stamp.revision}版" if stamp.revision else "下書き"
    en = f"revision {stamp.revision}" if stamp.revision else "a draft"
    said = Bilingual(
        f"このファイルは{ja}のもので、そのあとに第{newest[0]}版が確定しています。新しいファイルに書いてください",
        f"the file is of {en}, and revision {newest[0]} was frozen after it: write into a new file",
    )
    return [Wrong(said)]


def _check(found: Content, stamp: Stamp, base: BaseRow | None, wrong: list[Wrong]) -> tuple[list[Wrong], _Notes]:
    """(everything that is wrong, what is to be told)."""
    expected = _expected(stamp, base)
    notes = _Notes([], compared=expected is not None)
    wrong = [*wrong, *found.wrong]
    if expected is not None:
        wrong += compare_sheets(expected, found)
        names = {sheet.name for sheet in expected}
        strange = [sheet for sheet in found.sheets if sheet.name not in names]
    else:
        ours, strange = found.sheets[: stamp.sheets], found.sheets[stamp.sheets :]
        if len(ours) < stamp.sheets:
            wrong.append(Wrong(_sheets_missing(stamp.sheets - len(ours))))
        elif digest_of_sheets(ours) != stamp.figures:
            wrong.append(Wrong(_CHANGED_SOMEWHERE))
        notes.told.append(_NOT_KEPT)
    notes.told.extend(_extra(sheet.name) for sheet in strange if sheet.rows)
    return [*wrong, *check_lengths(found)], notes


def _expected(stamp: Stamp, base: BaseRow | None) -> list[FixedSheet] | None:
    """What must stand in the file; None where no report is kept, or where an older version wrote it in another way."""
    if base is None:
        return None
    sheets = [fixed_sheet(sheet) for sheet in sheets_of(document_of_json(base.document), stamp.paper)]
    return sheets if digest_of_sheets(sheets) == stamp.figures else None


def _labels(base: BaseRow | None) -> dict[str, str]:
    """What people call the places for words, by section/key."""
    if base is None:
        return {}
    return {
        f"{section['code']}/{cell['key']}": f"{section['title']} {cell['label']}".strip()
        for section in base.document["sections"]
        if section["form"] == "written"
        for cell in section["cells"]
    }


def _keep(connection: Database, sent: _Sent, found: Content, stamp: Stamp, notes: _Notes) -> TakenOver:
    by, project, author, source = sent.by, sent.project, sent.author, sent.source
    holds = texts_of(connection, project.project_id, stamp.kind, stamp.first_day)
    texts, shown, told = [], [], notes.told
    for place in found.words.values():
        key = place.key.partition("/")[2]
        now = holds.get(key)
        if digest_of_words(place.text) == place.before or (now is not None and now.text == place.text):
            continue
        texts.append(NewText(key, place.text))
        label = sent.labels.get(place.key, place.key)
        shown.append(TakenText(key, label, now.text if now else "", now.author if now else "", place.text))
        if now is not None and digest_of_words(now.text) != place.before:
            told.append(_written_between(place.key, now.author))
    if texts:
        about = (project.project_id, stamp.kind.value, stamp.first_day)
        database.insert_texts(connection, about, author, by.actor, source, texts)
        after = {"period": str(stamp.first_day), "author": author, "keys": [text.key for text in texts], "file": source}
        organisation = database.organisation_of(connection, project.project_id)
        entry = by.entry(Action.REPORT_WORDS_TAKEN, stamp.kind.value, organisation, project.code, after=after)
        audit.append(connection, entry, by.address)
    keys = tuple(text.key for text in texts)
    unchanged = len(found.words) - len(keys)
    return TakenOver(
        stamp.kind, stamp.first_day, author, keys, tuple(shown), unchanged, notes.compared, tuple(told)
    )  # fmt: skip


def _other_project(of_file: str, asked: str) -> Bilingual:
    return Bilingual(
        f"別の事業({of_file})の報告書です。いまの事業は {asked} です",
        f"this is a report of another project, {of_file}; the project here is {asked}",
    )


def _sheets_missing(count: int) -> Bilingual:
    return Bilingual(f"シートが {count} 枚足りません", f"{count} sheets are missing")


def _extra(name: str) -> Bilingual:
    return Bilingual(
        f"報告書にないシート「{name}」は取り込んでいません", f"the sheet {name} is not of the report: it was not read"
    )


def _written_between(key: str, author: str) -> Bilingual:
    return Bilingual(
        f"記入欄 {key}: このファイルを作ったあとに {author} さんが書いた文に代わりました。前の文も残っています",
        f"{key}: it replaces what {author} wrote after the file was made, which is kept too",
    )
