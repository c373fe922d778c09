"""Checks roles and grants: the service must be no administrator, and readers must only read."""

from collections.abc import Iterator, Sequence

from ingest.doctor.database import unmigrated
from ingest.doctor.finding import Finding, bad, few, note, ok, warning
from ingest.doctor.installation import Installation
from ingest.store.database import WatchedConnection
from ingest.store.doctor.roles import Me, Other, everybody, me, others
from ingest.store.schema import migrate
from schemas.bilingual import Bilingual


def examine(_installation: Installation, connection: WatchedConnection) -> Sequence[Finding]:
    """Check the role of the service, and the other roles of the database."""
    if migrate.pending(connection):
        return [unmigrated()]
    mine, theirs = me(connection), others(connection)
    findings = [
        *findings_of_me(mine),
        *(finding for other in theirs for finding in findings_of_other(other)),
        *findings_of_server(everybody(connection), theirs),
    ]
    if findings:
        return findings
    names = few([other.name for other in theirs]) or "-"
    return [ok(f"接続役 {mine.name}、ほかに権限を持つ役 {names}", f"we are {mine.name}; others with rights: {names}")]


def findings_of_me(found: Me) -> Iterator[Finding]:
    """Findings on the role of the service."""
    if found.missing:
        yield _missing(found)
    if found.withheld:
        yield _withheld(found)
    if found.excess:
        yield _excess(found)
    if found.superuser:
        yield _superuser(found)
    elif found.powers:
        yield _powers(found)
    if found.owner and not found.superuser:
        yield _owner(found)


def _missing(found: Me) -> Finding:
    return bad(
        Bilingual(
            f"{found.name} は {few(found.missing)} に書けません",
            f"{found.name} may not read and write {few(found.missing)}",
        ),
        Bilingual(
            "表の持ち主で deploy/timescaledb/writer.sql をもう一度実行してください",
            "run deploy/timescaledb/writer.sql again, as the owner of the tables",
        ),
        missing=found.missing,
    )


def _withheld(found: Me) -> Finding:
    return bad(
        Bilingual(
            f"{found.name} はサーバーの {few(found.withheld)} を使えません",
            f"{found.name} may not use {few(found.withheld)} of the server",
        ),
        Bilingual(
            "取込に要ります。deploy/timescaledb/server.sql の役名を実際の名前に直し、もう一度実行してください",
            "the service needs them: run deploy/timescaledb/server.sql again, with the name of this role in it",
        ),
        withheld=found.withheld,
    )


def _excess(found: Me) -> Finding:
    return warning(
        Bilingual(
            f"{found.name} は取込に要らない権限を持っています({few(found.excess)})",
            f"{found.name} may do more than the service needs ({few(found.excess)})",
        ),
        Bilingual(
            "測定値や記録を書き換えられます。表の持ち主で deploy/timescaledb/writer.sql を実行してください"
            f"(役の名前が {found.name} でよいか、中を確かめてから)",
            "it could change what was measured: run deploy/timescaledb/writer.sql as the owner of the tables"
            f" (look whether it names {found.name})",
        ),
        excess=found.excess,
    )


def _superuser(found: Me) -> Finding:
    return warning(
        Bilingual(f"{found.name} はデータベースの管理者(superuser)です", f"{found.name} is a superuser"),
        Bilingual(
            "取込の不具合や乗っ取りがサーバー全体に及びます。管理者でない役で接続してください",
            "whoever takes the service over has the whole server: use a role that is none",
        ),
    )


def _powers(found: Me) -> Finding:
    powers = ", ".join(found.powers)
    return note(
        Bilingual(f"{found.name} は {powers} の権限を持っています", f"{found.name} has {powers}"),
        Bilingual(
            f"取込には要りません: alter role {found.name} で外してください",
            f"the service needs none: alter role {found.name}",
        ),
    )


def _owner(found: Me) -> Finding:
    return note(
        Bilingual(f"{found.name} は表の持ち主です", f"{found.name} owns the tables"),
        Bilingual(
            "表を消すこともできます。db upgrade だけを持ち主で、取込は書き込みだけの役で行うと安全です",
            "it could drop them: let the owner do `db upgrade` alone, and give the service a role that only writes",
        ),
    )


def findings_of_other(found: Other) -> Iterator[Finding]:
    """Findings on a reader, or on another role that was granted something."""
    if found.public:
        yield _everybody(found)
        return
    if found.powers and (found.reads or found.payloads):
        yield _strong_reader(found)
    if found.writes:
        yield _writer(found)
        return
    if found.figures_missing:
        yield _figures_missing(found)
    if found.payloads:
        yield _payloads(found)


def _everybody(found: Other) -> Finding:
    make = bad if found.writes else warning
    return make(
        Bilingual("誰でも(PUBLIC)表を読み書きできる権限があります", "everybody (PUBLIC) has rights on our tables"),
        Bilingual(
            "revoke all on all tables in schema public from public; を実行してください", "revoke them from public"
        ),
        writes=found.writes,
    )


def _strong_reader(found: Other) -> Finding:
    return warning(
        Bilingual(
            f"読むだけのはずの {found.name} に {few(found.powers)} の権限があります",
            f"{found.name} reads, and has {few(found.powers)} too",
        ),
        Bilingual(
            "ほかの人の SQL やサーバーの中を見たり、書き換えたりできます。alter role か revoke で外してください",
            "it could see statements of others, files of the server, or write: take it away (alter role, revoke)",
        ),
        powers=found.powers,
    )


def _writer(found: Other) -> Finding:
    make = note if found.stores or not found.reads else warning
    return make(
        Bilingual(f"{found.name} も {few(found.writes)} に書けます", f"{found.name} may write {few(found.writes)} too"),
        Bilingual("心当たりがなければ revoke してください", "revoke it unless it is meant"),
        writes=found.writes,
    )


def _figures_missing(found: Other) -> Finding:
    return warning(
        Bilingual(
            f"{found.name} は {few(found.figures_missing)} を読めません",
            f"{found.name} may not read {few(found.figures_missing)}",
        ),
        Bilingual(
            "更新で増えた集計です。deploy/timescaledb/reader.sql をもう一度実行してください",
            "an upgrade has brought new figures: run deploy/timescaledb/reader.sql again",
        ),
        figures_missing=found.figures_missing,
    )


def _payloads(found: Other) -> Finding:
    return warning(
        Bilingual(f"{found.name} は隔離されたメッセージの中身を読めます", f"{found.name} may read what was set aside"),
        Bilingual(
            f"{found.name} から表 quarantine の権限を外し(revoke)、reader.sql をもう一度実行してください",
            f"take the rights on the table quarantine from {found.name}, then run reader.sql again",
        ),
    )


def findings_of_server(open_to_all: Sequence[str], theirs: Sequence[Other]) -> Iterator[Finding]:
    """Findings on rights that PostgreSQL gives every role: harmless while no other role logs in."""
    readers = [other for other in theirs if other.reads and not other.public and not other.stores]
    todo = Bilingual(
        "このサーバーを使うのが Noroshi だけなら、管理者(superuser)で deploy/timescaledb/server.sql を実行してください",
        "if nobody else uses this server: run deploy/timescaledb/server.sql once, as a superuser",
    )
    if open_to_all:
        make = warning if readers else note
        yield make(
            Bilingual(
                f"ログインできる人はだれでも(PUBLIC) {few(open_to_all, 12)} を使えます",
                f"everybody who may log in (PUBLIC) may use {few(open_to_all, 12)}",
            ),
            todo,
            everybody=list(open_to_all),
        )
    for reader in readers:
        if reader.unlimited:
            yield note(
                Bilingual(
                    f"{reader.name} の {few(reader.unlimited)} に上限がありません",
                    f"nothing holds {reader.name}: no {few(reader.unlimited)}",
                ),
                todo,
                unlimited=reader.unlimited,
            )
