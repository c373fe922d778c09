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


def findings_of_me(role: Me) -> Iterator[Finding]:
    """Findings on the role of the service."""
    if role.missing:
        yield _missing(role)
    if role.withheld:
        yield _withheld(role)
    if role.excess:
        yield _excess(role)
    if role.superuser:
        yield _superuser(role)
    elif role.powers:
        yield _powers(role)
    if role.owner and not role.superuser:
        yield _owner(role)


def _missing(role: Me) -> Finding:
    return bad(
        Bilingual(
            f"{role.name} は {few(role.missing)} に書けません",
            f"{role.name} may not read and write {few(role.missing)}",
        ),
        Bilingual(
            "表の持ち主で deploy/timescaledb/writer.sql をもう一度実行してください",
            "run deploy/timescaledb/writer.sql again, as the owner of the tables",
        ),
        missing=role.missing,
    )


def _withheld(role: Me) -> Finding:
    return bad(
        Bilingual(
            f"{role.name} はサーバーの {few(role.withheld)} を使えません",
            f"{role.name} may not use {few(role.withheld)} of the server",
        ),
        Bilingual(
            "取込に要ります。deploy/timescaledb/server.sql の役名を実際の名前に直し、もう一度実行してください",
            "the service needs them: run deploy/timescaledb/server.sql again, with the name of this role in it",
        ),
        withheld=role.withheld,
    )


def _excess(role: Me) -> Finding:
    return warning(
        Bilingual(
            f"{role.name} は取込に要らない権限を持っています({few(role.excess)})",
            f"{role.name} may do more than the service needs ({few(role.excess)})",
        ),
        Bilingual(
            "測定値や記録を書き換えられます。表の持ち主で deploy/timescaledb/writer.sql を実行してください"
            f"(役の名前が {role.name} でよいか、中を確かめてから)",
            "it could change what was measured: run deploy/timescaledb/writer.sql as the owner of the tables"
            f" (look whether it names {role.name})",
        ),
        excess=role.excess,
    )


def _superuser(role: Me) -> Finding:
    return warning(
        Bilingual(f"{role.name} はデータベースの管理者(superuser)です", f"{role.name} is a superuser"),
        Bilingual(
            "取込の不具合や乗っ取りがサーバー全体に及びます。管理者でない役で接続してください",
            "whoever takes the service over has the whole server: use a role that is none",
        ),
    )


def _powers(role: Me) -> Finding:
    powers = ", ".join(role.powers)
    return note(
        Bilingual(f"{role.name} は {powers} の権限を持っています", f"{role.name} has {powers}"),
        Bilingual(
            f"取込には要りません: alter role {role.name} で外してください",
            f"the service needs none: alter role {role.name}",
        ),
    )


def _owner(role: Me) -> Finding:
    return note(
        Bilingual(f"{role.name} は表の持ち主です", f"{role.name} owns the tables"),
        Bilingual(
            "表を消すこともできます。db upgrade だけを持ち主で、取込は書き込みだけの役で行うと安全です",
            "it could drop them: let the owner do `db upgrade` alone, and give the service a role that only writes",
        ),
    )


def findings_of_other(role: Other) -> Iterator[Finding]:
    """Findings on a reader, or on another role that was granted something."""
    if role.public:
        yield _everybody(role)
        return
    if role.powers and (role.reads or role.payloads):
        yield _strong_reader(role)
    if role.writes:
        yield _writer(role)
        return
    if role.figures_missing:
        yield _figures_missing(role)
    if role.payloads:
        yield _payloads(role)


def _everybody(role: Other) -> Finding:
    make = bad if role.writes else warning
    return make(
        Bilingual("誰でも(PUBLIC)表を読み書きできる権限があります", "everybody (PUBLIC) has rights on our tables"),
        Bilingual(
            "revoke all on all tables in schema public from public; を実行してください", "revoke them from public"
        ),
        writes=role.writes,
    )


def _strong_reader(role: Other) -> Finding:
    return warning(
        Bilingual(
            f"読むだけのはずの {role.name} に {few(role.powers)} の権限があります",
            f"{role.name} reads, and has {few(role.powers)} too",
        ),
        Bilingual(
            "ほかの人の SQL やサーバーの中を見たり、書き換えたりできます。alter role か revoke で外してください",
            "it could see statements of others, files of the server, or write: take it away (alter role, revoke)",
        ),
        powers=role.powers,
    )


def _writer(role: Other) -> Finding:
    make = note if role.stores or not role.reads else warning
    return make(
        Bilingual(f"{role.name} も {few(role.writes)} に書けます", f"{role.name} may write {few(role.writes)} too"),
        Bilingual("心当たりがなければ revoke してください", "revoke it unless it is meant"),
        writes=role.writes,
    )


def _figures_missing(role: Other) -> Finding:
    return warning(
        Bilingual(
            f"{role.name} は {few(role.figures_missing)} を読めません",
            f"{role.name} may not read {few(role.figures_missing)}",
        ),
        Bilingual(
            "更新で増えた集計です。deploy/timescaledb/reader.sql をもう一度実行してください",
            "an upgrade has brought new figures: run deploy/timescaledb/reader.sql again",
        ),
        figures_missing=role.figures_missing,
    )


def _payloads(role: Other) -> Finding:
    return warning(
        Bilingual(f"{role.name} は隔離されたメッセージの中身を読めます", f"{role.name} may read what was set aside"),
        Bilingual(
            f"{role.name} から表 quarantine の権限を外し(revoke)、reader.sql をもう一度実行してください",
            f"take the rights on the table quarantine from {role.name}, then run reader.sql again",
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
