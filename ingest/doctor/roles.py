"""Roles and grants: the service is no administrator, and readers read."""

from collections.abc import Iterator, Sequence

from ingest.doctor.database import unmigrated
from ingest.doctor.finding import Finding, bad, few, note, ok, warning
from ingest.doctor.installation import Installation
from ingest.said import Said
from ingest.store import migrate
from ingest.store.database import Audible
from ingest.store.doctor.roles import Me, Other, me, others


def examine(_installation: Installation, connection: Audible) -> Sequence[Finding]:
    """Who we are, and who else is there."""
    if migrate.pending(connection):
        return [unmigrated()]
    mine, theirs = me(connection), others(connection)
    findings = [*judge_me(mine), *(finding for other in theirs for finding in judge_other(other))]
    if findings:
        return findings
    names = few([other.name for other in theirs]) or "-"
    return [ok(f"接続役 {mine.name}、ほかに権限を持つ役 {names}", f"we are {mine.name}; others with rights: {names}")]


def judge_me(found: Me) -> Iterator[Finding]:
    """The role of the service."""
    if found.missing:
        yield bad(
            Said(
                f"{found.name} は {few(found.missing)} に書けません",
                f"{found.name} may not read and write {few(found.missing)}",
            ),
            Said(
                "表の持ち主で deploy/timescaledb/writer.sql をもう一度実行してください",
                "run deploy/timescaledb/writer.sql again, as the owner of the tables",
            ),
            missing=found.missing,
        )
    if found.superuser:
        yield warning(
            Said(f"{found.name} はデータベースの管理者(superuser)です", f"{found.name} is a superuser"),
            Said(
                "取込の不具合や乗っ取りがサーバー全体に及びます。管理者でない役で接続してください",
                "whoever takes the service over has the whole server: use a role that is none",
            ),
        )
    elif found.powers:
        powers = ", ".join(found.powers)
        yield note(
            Said(f"{found.name} は {powers} の権限を持っています", f"{found.name} has {powers}"),
            Said(
                f"取込には要りません: alter role {found.name} で外してください",
                f"the service needs none: alter role {found.name}",
            ),
        )
    if found.owner and not found.superuser:
        yield note(
            Said(f"{found.name} は表の持ち主です", f"{found.name} owns the tables"),
            Said(
                "表を消すこともできます。db upgrade だけを持ち主で、取込は書き込みだけの役で行うと安全です",
                "it could drop them: let the owner do `db upgrade` alone, and give the service a role that only writes",
            ),
        )


def judge_other(found: Other) -> Iterator[Finding]:
    """Readers, and whoever else was granted something."""
    if found.public:
        make = bad if found.writes else warning
        yield make(
            Said("誰でも(PUBLIC)表を読み書きできる権限があります", "everybody (PUBLIC) has rights on our tables"),
            Said(
                "revoke all on all tables in schema public from public; を実行してください", "revoke them from public"
            ),
            writes=found.writes,
        )
        return
    if found.writes:
        yield note(
            Said(f"{found.name} も {few(found.writes)} に書けます", f"{found.name} may write {few(found.writes)} too"),
            Said("心当たりがなければ revoke してください", "revoke it unless it is meant"),
        )
        return
    if found.figures_missing:
        yield warning(
            Said(
                f"{found.name} は {few(found.figures_missing)} を読めません",
                f"{found.name} may not read {few(found.figures_missing)}",
            ),
            Said(
                "更新で増えた集計です。deploy/timescaledb/reader.sql をもう一度実行してください",
                "an upgrade has brought new figures: run deploy/timescaledb/reader.sql again",
            ),
            figures_missing=found.figures_missing,
        )
    if found.payloads:
        yield warning(
            Said(f"{found.name} は隔離されたメッセージの中身を読めます", f"{found.name} may read what was set aside"),
            Said(
                f"{found.name} から表 quarantine の権限を外し(revoke)、reader.sql をもう一度実行してください",
                f"take the rights on the table quarantine from {found.name}, then run reader.sql again",
            ),
        )
