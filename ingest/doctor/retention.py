"""Checks periods of retention (保存期間) against what the subsidy demands."""

from collections.abc import Iterator, Sequence

from ingest.doctor.database import unmigrated
from ingest.doctor.finding import Finding, bad, few, note, ok, warning
from ingest.doctor.installation import Installation
from ingest.store.database import WatchedConnection
from ingest.store.doctor.dropping import Dropping, dropping
from ingest.store.retention.policy import Policy, policies
from ingest.store.schema import migrate
from schemas.bilingual import Bilingual
from schemas.retention import DUTY_MONTHS


def examine(installation: Installation, connection: WatchedConnection) -> Sequence[Finding]:
    """Check the policies of the server, then the periods of each project."""
    if migrate.pending(connection):
        return [unmigrated()]
    in_force = policies(connection, installation.settings.retention, installation.now)
    findings = [*map(_drops, dropping(connection)), *_forced(in_force), *_held(in_force)]
    return findings or [
        ok("補助事業の保存義務より早く消えるものはありません", "nothing goes before the subsidy lets it go")
    ]


def _drops(policy: Dropping) -> Finding:
    return bad(
        Bilingual(
            f"TimescaleDB の規則が {policy.table} を {policy.after} で消します",
            f"a policy of TimescaleDB drops {policy.table} after {policy.after}",
        ),
        Bilingual(
            f"補助事業の義務を見ずに消えます。select remove_retention_policy('{policy.table}'); の後、"
            "noroshi retention set を使ってください",
            f"it knows nothing of the subsidy: select remove_retention_policy('{policy.table}'),"
            " then use `noroshi retention set`",
        ),
        table=policy.table,
        after=policy.after,
    )


def _forced(in_force: Sequence[Policy]) -> Iterator[Finding]:
    for policy in in_force:
        if policy.forced_by and policy.keep_months is not None and policy.keep_months < DUTY_MONTHS:
            yield warning(
                Bilingual(
                    f"{policy.project} の{policy.kind.label.ja}は {policy.keep_months} か月で消えます"
                    f"({policy.forced_by} の判断: {policy.forced_why})",
                    f"{policy.kind} of {policy.project} goes after {policy.keep_months} months"
                    f" (forced by {policy.forced_by}: {policy.forced_why})",
                ),
                Bilingual(
                    f"今も正しいか確かめてください。戻すには noroshi retention set --months {DUTY_MONTHS}",
                    f"see whether that still holds; `noroshi retention set --months {DUTY_MONTHS}` takes it back",
                ),
                project=policy.project,
                kind=str(policy.kind),
            )


def _held(in_force: Sequence[Policy]) -> Iterator[Finding]:
    """Periods that are too short, so that the duty overrides them: nothing is lost, but they mislead."""
    short = sorted(
        {
            policy.project
            for policy in in_force
            if policy.held and policy.keep_months is not None and policy.keep_months < DUTY_MONTHS
        }
    )
    if short:
        yield note(
            Bilingual(
                f"{few(short)} の保存期間は {DUTY_MONTHS} か月より短く、義務が終わるまで保留しています",
                f"periods of {few(short)} are shorter than {DUTY_MONTHS} months and are held until the duty ends",
            ),
            Bilingual("noroshi retention show で確かめてください", "see `noroshi retention show`"),
            projects=short,
        )
