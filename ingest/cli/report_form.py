"""Which form of a report a command writes: as it is said, or as the name of the file says, and never both otherwise."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from ingest.cli.command import option
from ingest.cli.options import STANDARD_OUTPUT
from ingest.errors import CallRefused
from ingest.report.form.forms import FORMS, ReportForm
from ingest.report.form.options import FormOptions, Paper, Times
from schemas.bilingual import Bilingual, quoted
from schemas.report_document import ReportKind

ALL = "all"
_NAMES = tuple(form.value for form in FORMS if form is not ReportForm.CSV_CP932)
_OF_SUFFIX: Mapping[str, str] = {**{f".{name}": name for name in ("xlsx", "pdf", "csv", "json")}, ".zip": ALL}
_BINARY = ("xlsx", "pdf", ALL)
_Command = TypeVar("_Command", bound=Callable[..., Any])


class FormSaid(NamedTuple):
    """What a call says about the form; None where it says nothing."""

    form: str | None
    encoding: str | None
    paper: str | None
    times: str | None
    table: str | None


class FormWanted(NamedTuple):
    """The form that is written: a ReportForm or `all`; `table`: the code of the only table in a CSV, or None."""

    form: str
    options: FormOptions
    table: str | None


def form_options(command: _Command) -> _Command:
    """The options of a command that say the form."""
    for each in reversed(
        (
            option(
                "--format",
                "form",
                type=click.Choice([*_NAMES, ALL]),
                help=Bilingual(
                    "形式。省略時はファイル名から決めます。all はすべての形式を入れた ZIP。",
                    "Format  [default: as the name of the file says]; all is a ZIP with every format",
                ),
            ),
            option(
                "--encoding",
                type=click.Choice(("utf-8", "cp932")),
                help=Bilingual("CSV の文字コード。省略時は utf-8。", "Of CSV  [default: utf-8]"),
            ),
            option(
                "--paper",
                type=click.Choice([each.value for each in Paper]),
                help=Bilingual("Excel の広い表の用紙。省略時は A4。", "Of wide tables of Excel  [default: A4]"),
            ),
            option(
                "--times",
                type=click.Choice([each.value for each in Times]),
                help=Bilingual(
                    "CSV の日時の書き方。excel は Excel が日時と読む形。省略時は iso。",
                    "Days and times in CSV; excel: as Excel reads them  [default: iso]",
                ),
            ),
            option(
                "--table",
                metavar="CODE",
                help=Bilingual(
                    "CSV にこの表だけを書きます(例 devices)。ない名前なら、ある表を示します。",
                    "Only this table in the CSV, e.g. devices; a wrong code is answered with those there are",
                ),
            ),
        )
    ):
        command = each(command)
    return command


def form_wanted(kind: ReportKind, output: Path, said: FormSaid) -> FormWanted:
    """The form, as said or as the name of the file says. Raises CallRefused where they contradict each other."""
    chosen = _chosen(kind, said.form, output)
    has_csv, has_book = chosen in ("csv", ALL), chosen in ("xlsx", ALL)
    if said.encoding is not None and chosen != "csv":
        raise CallRefused(Bilingual("--encoding は CSV のときだけ書けます", "--encoding is for CSV"))
    if said.times is not None and not has_csv:
        raise CallRefused(Bilingual("--times は CSV のときだけ書けます", "--times is for CSV"))
    if said.table is not None and chosen != "csv":
        raise CallRefused(Bilingual("--table は CSV のときだけ書けます", "--table is for CSV"))
    if said.paper is not None and not has_book:
        raise CallRefused(Bilingual("--paper は Excel のときだけ書けます", "--paper is for Excel (xlsx)"))
    if output == STANDARD_OUTPUT and chosen in _BINARY and sys.stdout.isatty():
        raise CallRefused(
            Bilingual(
                f"--output -: {chosen} は端末に表示できません。> ファイル名 を付けてください",
                f"--output -: {chosen} is not for a terminal; add > FILE",
            )
        )
    options = FormOptions(Paper(said.paper or Paper.A4), Times(said.times or Times.ISO))
    return FormWanted(ReportForm.CSV_CP932.value if said.encoding == "cp932" else chosen, options, said.table)


def _chosen(kind: ReportKind, form: str | None, output: Path) -> str:
    of_name = None if output == STANDARD_OUTPUT else _OF_SUFFIX.get(output.suffix.lower())
    if form is None and of_name is None:
        raise CallRefused(
            Bilingual(
                f"--format を書くか、ファイル名の終わりを {' '.join(_OF_SUFFIX)} のどれかにしてください",
                f"say --format, or let the name of the file end in one of {' '.join(_OF_SUFFIX)}",
            )
        )
    if form is not None and of_name is not None and form != of_name:
        raise CallRefused(
            Bilingual(
                f"--format {form} とファイル名 {output.name} が食い違っています",
                f"--format {form} contradicts the name of the file, {output.name}",
            )
        )
    chosen = form or of_name or ALL
    if kind is ReportKind.SET and chosen != ALL:
        raise CallRefused(
            Bilingual(
                "年度の一式は ZIP です。ファイル名の終わりを .zip にしてください",
                "the set of a year is a ZIP: let the name end in .zip",
            )
        )
    if chosen != ALL and chosen not in _NAMES:
        raise CallRefused(quoted(f"--output {output}: {chosen}; {', '.join(_NAMES)}"))
    return chosen
