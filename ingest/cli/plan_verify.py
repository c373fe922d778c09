"""`noroshi plan verify`: whether everything that was frozen is still what was frozen."""

from ingest.cli.command import command, option
from ingest.cli.database import open_database
from ingest.cli.options import database_option, settings_for
from ingest.cli.plan_check import find_project
from ingest.cli.say import say
from ingest.errors import FrozenWrong
from ingest.figures.project import ProjectRef, project_refs
from ingest.plan.check.proof import Proven, faults_of_frozen
from ingest.store.database import Database
from schemas.bilingual import Bilingual

FAULTS_SHOWN = 100

VERIFY_HELP = Bilingual(
    """確定した実績のすべての版を、その SHA-256 と、監査ログにある確定時の SHA-256 と比べます。何も書き込みません。

    違いや抜けがあれば示し、1 で終わります。監査ログそのものの検査は noroshi audit verify です。

    \b
    noroshi plan verify
    noroshi plan verify --project tea""",
    """Compare every revision of what was frozen with its SHA-256, and with the one that the audit log has of it.

    Nothing is written. Says what differs or is missing, and exits with 1. The audit log itself is verified by
    noroshi audit verify.

    \b
    noroshi plan verify
    noroshi plan verify --project tea""",
)


@command(help=VERIFY_HELP)
@option(
    "--project",
    metavar="CODE",
    help=Bilingual("事業。省略するとすべて。", "Project; all of them if left out"),
)
@database_option
def verify(project: str | None, database: str | None) -> None:
    """Go through everything that was frozen, and print what is wrong."""
    with open_database(settings_for(database=database), autocommit=True) as connection:
        chosen = project_refs(connection) if project is None else [find_project(connection, project)]
        faults = sum(_verify_one(connection, each) for each in chosen)
    if faults:
        raise FrozenWrong(
            Bilingual(
                f"確定した実績に {faults:,} 件の異常があります", f"{faults:,} things are wrong with what was frozen"
            )
        )


def _verify_one(connection: Database, project: ProjectRef) -> int:
    found, faults = Proven(), 0
    for said in faults_of_frozen(connection, project.project_id, found):
        faults += 1
        if faults <= FAULTS_SHOWN:
            say(Bilingual(f"{project.code} {said.ja}", f"{project.code}: {said.en}"))
    if faults > FAULTS_SHOWN:
        more = faults - FAULTS_SHOWN
        say(
            Bilingual(
                f"{project.code} ほかに {more:,} 件の異常があります", f"{project.code}: {more:,} more things are wrong"
            )
        )
    unnoted = Bilingual("", "")
    if found.unnoted:
        unnoted = Bilingual(
            f"。うち {found.unnoted:,} 版は監査ログに記録がありません(保存期間を過ぎたか、取り込んだもの)",
            f"; the audit log has no entry about {found.unnoted:,} of them (deleted, or brought from elsewhere)",
        )
    say(
        Bilingual(
            f"{project.code} {found.revisions:,} 版を検査し、異常は {faults:,} 件です{unnoted.ja}",
            f"{project.code}: {found.revisions:,} revisions verified, {faults:,} faults{unnoted.en}",
        )
    )
    return faults
