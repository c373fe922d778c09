"""`noroshi export`: writes everything of a project to files (引き継ぎ)."""

from datetime import UTC, datetime
from pathlib import Path

import click

from ingest.access.audit import Action, Entry
from ingest.cli.audited import note, system_user
from ingest.cli.command import command, option
from ingest.cli.database import open_database
from ingest.cli.options import database_option, settings_for
from ingest.cli.say import say
from ingest.errors import CallRefused, HandoverIncomplete
from ingest.handover.manifest import PartEntry, SpanEntry
from ingest.handover.write import export as write
from schemas.bilingual import Bilingual

HELP = Bilingual(
    """事業のデータ一式を Parquet と CSV で書き出します(引き継ぎ・保存用)。

    読み方は、書き出した README.txt にあります。noroshi import で空のデータベースに取り込めます。""",
    """Write everything of a project as Parquet and CSV, to hand it over or to keep it.

    How to read it stands in the README.txt beside it; `noroshi import` brings it into an empty database.""",
)

_DAY = click.DateTime(["%Y-%m-%d"])


@command(help=HELP)
@option("--project", metavar="CODE", required=True, help=Bilingual("事業コード。", "Code of the project"))
@option(
    "--from",
    "first",
    type=_DAY,
    metavar="YYYY-MM-DD",
    help=Bilingual("この日から(日本時間)。省略時は最初から。", "From this day in Japan  [default: the first]"),
)
@option(
    "--to",
    "last",
    type=_DAY,
    metavar="YYYY-MM-DD",
    help=Bilingual(
        "この日まで(この日を含む)。省略時は最後まで。", "To this day, which belongs to it  [default: the last]"
    ),
)
@option(
    "--by",
    metavar="NAME",
    help=Bilingual(
        "作成者として残す名前。省略時は実行した利用者。", "Who makes it, on record  [default: the user who calls]"
    ),
)
@option(
    "-o",
    "--output",
    metavar="DIR",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help=Bilingual("新しいディレクトリ。", "A new directory"),
)
@database_option
def export(
    project: str, first: datetime | None, last: datetime | None, by: str | None, output: Path, database: str | None
) -> None:
    """Write everything of one project, as of one moment, into a new directory."""
    asked = SpanEntry(first_day=first and first.date(), last_day=last and last.date())
    if asked.first_day and asked.last_day and asked.first_day > asked.last_day:
        raise CallRefused(Bilingual("--from が --to より後です", "--from is later than --to"))
    with open_database(settings_for(database=database), autocommit=True) as connection:
        now = datetime.now(UTC)
        try:
            made = write(connection, project, output, asked, by=by or system_user(), now=now, say=_say)
        except OSError as error:  # most often a full disk
            raise HandoverIncomplete(
                Bilingual(f"{output}: 書き出しが途中です({error.strerror})", f"{output}: unfinished: {error.strerror}")
            ) from error
        rows = sum(part.rows for part in made.parts)
        after = {"to": str(output), "from_day": asked.first_day, "to_day": asked.last_day, "rows": rows, "by": by}
        note(connection, Entry(Action.EXPORT_MADE, project, project=project, after=after))
    size = sum(file.bytes for part in made.parts for file in part.files)
    mib = f"{size / 2**20:,.1f} MiB"
    say(
        Bilingual(
            f"{made.project.name} を {output} に書き出しました({mib})。",
            f"{made.project.name} is written to {output} ({mib}).",
        )
    )


def _say(part: PartEntry) -> None:
    head = f"  {part.name:<17}{part.rows:>13,}"
    say(Bilingual(f"{head} 件  {part.ja}", f"{head} rows  {part.en}"))
