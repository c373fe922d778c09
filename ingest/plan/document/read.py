"""Reads plans from files: YAML for a whole plan, tables for its KPIs, with every problem of every file at once."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.errors import CallRefused
from ingest.plan.document.columns import known_headings
from ingest.plan.document.source import Row, Source
from ingest.plan.document.table_source import read_kpis
from ingest.plan.document.yaml_source import read_yaml
from ingest.registry.problem import MAX_PROBLEMS, Place, Problem
from ingest.registry.read import MAX_BYTES, STANDARD_INPUT, TABLE_ENDINGS, YAML_ENDINGS
from ingest.registry.table import read_rows
from ingest.runtime.bounded_files import FileRefused, read_regular, read_stream
from schemas.bilingual import Bilingual

_STREAM = "標準入力"


@dataclass(slots=True)
class Wanted:
    """What all files say, by project, and what is wrong with them as files."""

    sources: dict[str, Source] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read(paths: Sequence[Path]) -> Wanted:
    """Read the files; the path `-` is the standard input, which holds either.

    Raises OSError if a file cannot be opened, CallRefused if the standard input is named twice.
    """
    if [*paths].count(STANDARD_INPUT) > 1:
        raise CallRefused(Bilingual("標準入力(-)は一度だけ書けます", "- (standard input) can be given once"))
    wanted = Wanted()
    rows: list[Row] = []
    for path in paths:
        content = _content(path, wanted.problems)
        if content is None:
            continue
        name = _STREAM if path == STANDARD_INPUT else path.name
        if path.suffix.lower() in TABLE_ENDINGS or (path == STANDARD_INPUT and _is_table(content)):
            rows += read_kpis(name, content, wanted.problems)
        else:
            _add(wanted, name, read_yaml(name, content, wanted.problems))
    _give(wanted, rows)
    if len(wanted.problems) > MAX_PROBLEMS:
        more = Problem(Bilingual("ほかにも誤りがあります", "there are more mistakes"))
        wanted.problems[MAX_PROBLEMS:] = [more]
    return wanted


def _content(path: Path, problems: list[Problem]) -> bytes | None:
    try:
        if path == STANDARD_INPUT:
            return read_stream(sys.stdin.buffer, MAX_BYTES, _STREAM)
        if path.suffix.lower() in (*YAML_ENDINGS, *TABLE_ENDINGS):
            return read_regular(path, MAX_BYTES)
    except FileRefused as refused:
        problems.append(Problem(refused.reason, Place(path.name, 1)))
        return None
    endings = " ".join(YAML_ENDINGS)
    unreadable = Bilingual(
        f"読めるのは {endings} と .csv です。ファイル名の末尾を確かめてください",
        f"only {endings} and .csv can be read: look at the end of the name",
    )
    problems.append(Problem(unreadable, Place(path.name, 1)))
    return None


def _is_table(content: bytes) -> bool:
    rows = read_rows(_STREAM, content, [], known_headings)
    return any(known_headings(row) > 1 for row in rows[:10])


def _add(wanted: Wanted, file: str, source: Source | None) -> None:
    if source is None:
        return
    place = source.spots.get(("project",), Place(file, 1))
    if not source.project:
        absent = Bilingual("必ず書いてください", "it must be written")
        wanted.problems.append(Problem(absent, place, Bilingual("事業コード(project)", "project")))
    elif source.project in wanted.sources:
        twice = Bilingual(
            f"事業 {source.project} の計画が二つあります。どちらか一方にしてください",
            f"there are two plans of the project {source.project}: keep one of them",
        )
        wanted.problems.append(Problem(twice, place))
    else:
        wanted.sources[source.project] = source


def _give(wanted: Wanted, rows: list[Row]) -> None:
    """Give every row to the plan of its project; without a project to the only plan there is."""
    only = next(iter(wanted.sources)) if len(wanted.sources) == 1 else None
    seen: dict[tuple[str, str], Row] = {}
    for row in rows:
        project = row.project or only
        code = str(row.body.get("code", ""))
        if project is None:
            absent = Bilingual(
                "事業が分かりません。「事業コード」の列を加えてください",
                "of which project is it? Add the column project",
            )
            wanted.problems.append(Problem(absent, row.place, Bilingual("事業コード", "project")))
        elif (project, code) in seen:
            earlier = seen[project, code].place
            twice = Bilingual(
                f"指標 {code} は {earlier.file} {earlier.row}行目にもあります",
                f"the KPI {code} is in {earlier.file} line {earlier.row} too",
            )
            wanted.problems.append(Problem(twice, row.place))
        else:
            seen[project, code] = row
            wanted.sources.setdefault(project, Source(project)).rows.append(row)
