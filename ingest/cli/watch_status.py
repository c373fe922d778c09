"""`noroshi watch status`: what lasts now, and whether anybody would notice if something happened."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from ingest.cli.command import command, option
from ingest.cli.database import open_database
from ingest.cli.moments import shown
from ingest.cli.options import AS_JSON, database_option, settings_for
from ingest.cli.plan_check import NO_VALUE, find_project
from ingest.cli.say import say_json, say_lines
from ingest.cli.table import row
from ingest.figures.watch import Lasting, Wanted, WatchHealth, incidents_now, watch_health
from ingest.figures.watch_events import watch_deliveries
from ingest.store.database import WatchedConnection
from ingest.watch.document.unread import UnreadDocument, unread_documents
from ingest.watch.model import Kind
from schemas.bilingual import Bilingual, quoted

STATUS_HELP = Bilingual(
    """いま続いている事象と、監視そのものの状態を示します。

    監視が動いていないときや遅れているときは、何も続いていなくても「異常なし」ではありません。""",
    """Show what lasts now, and how the watch itself stands.

    While it stands still or lags, an empty list does not mean that all is well.""",
)
ALL_PROJECTS = Bilingual("この事業だけ。省略時はすべて。", "Only this project; all of them if left out")
STATES = {
    "well": Bilingual("動いています", "watching"),
    "late": Bilingual("遅れています", "LAGS"),
    "stopped": Bilingual("動いていません", "STANDS STILL"),
    "none": Bilingual("監視するものがありません", "nothing is to be watched"),
}
NOTHING = Bilingual("続いている事象はありません", "nothing lasts")
NOT_KNOWN = Bilingual(
    "続いている事象の記録はありませんが、監視が追いついていないため、何も起きていないとは言えません",
    "no incident is on record, but the watch is not up to date: that does not mean that nothing happens",
)
OPEN, FAILED, DOUBTFUL = "waiting", "failed", "doubtful"
MOST = 1_000


@dataclass(frozen=True, slots=True)
class Status:
    """What is shown: incidents that last, of all kinds, and messages of the last thousand that did not arrive yet.

    `unread`: documents of which this version of the program cannot read everything.
    """

    health: WatchHealth
    incidents: Sequence[Lasting]
    deliveries: dict[str, int]
    unread: Sequence[UnreadDocument]


@command("status", help=STATUS_HELP)
@option("--json", "as_json", is_flag=True, help=AS_JSON)
@option("--project", metavar="CODE", help=ALL_PROJECTS)
@database_option
def status(project: str | None, database: str | None, *, as_json: bool) -> None:
    """Show it."""
    with open_database(settings_for(database=database)) as connection:
        found = _read(connection, None if project is None else find_project(connection, project).code)
    if as_json:
        answer = {
            "watch": asdict(found.health),
            "incidents": [asdict(each) for each in found.incidents],
            "deliveries": found.deliveries,
            "unread": [each._asdict() for each in found.unread],
        }
        say_json(json.dumps(answer, ensure_ascii=False, indent=2, default=str).encode())
    else:
        say_lines(str(line) for line in _lines(found))


def _read(connection: WatchedConnection, project: str | None) -> Status:
    wanted = Wanted(project=project, limit=MOST)
    counts = {state: len(watch_deliveries(connection, wanted, state)) for state in (OPEN, FAILED, DOUBTFUL)}
    lasting = incidents_now(connection, project)
    return Status(watch_health(connection), lasting, counts, unread_documents(connection, project))


def _lines(found: Status) -> Iterator[Bilingual]:
    health = found.health
    state = STATES[health.state]
    waits = f"{health.lag_s:.1f}"
    yield row(
        "監視", "watch",
        Bilingual(
            f"{state.ja}(最後の動き {shown(health.looked_at, quoted(NO_VALUE)).ja}、待ち {health.notes} 件、"
            f"最も古いもの {waits} 秒、系列 {health.series})",
            f"{state.en} (last seen {shown(health.looked_at, quoted(NO_VALUE)).en}; {health.notes} notes wait,"
            f" the oldest {waits} s; {health.series} series)",
        ),
    )  # fmt: skip
    if health.late:
        late = ", ".join(health.late)
        yield row("遅れ", "late", quoted(late))
    for each in found.unread:
        places = ", ".join(each.places)
        yield row(
            "読めません", "CANNOT READ",
            Bilingual(f"事業 {each.project} の監視計画: {places}", f"document of {each.project}: {places}"),
        )  # fmt: skip
    yield row(
        "通知", "messages",
        Bilingual(
            f"待ち {found.deliveries[OPEN]} 件、届かなかった {found.deliveries[FAILED]} 件、"
            f"届いたか不明 {found.deliveries[DOUBTFUL]} 件",
            f"{found.deliveries[OPEN]} wait, {found.deliveries[FAILED]} failed, {found.deliveries[DOUBTFUL]} in doubt",
        ),
    )  # fmt: skip
    if not found.incidents:
        yield row("事象", "incidents", NOTHING if health.watches or health.state == "none" else NOT_KNOWN)
    yield from map(_incident, found.incidents)


def _incident(incident: Lasting) -> Bilingual:
    kind = Kind(incident.kind).label
    title = incident.title or incident.subject
    drill = Bilingual("【訓練】", "[DRILL] ") if incident.drill_id is not None else quoted("")
    since = shown(incident.opened_at)
    value = "" if incident.last_value is None else f" {incident.last_value:g} {incident.unit or ''}".rstrip()
    silent = Bilingual("、途絶中(最後の値)", ", silent: an old value") if incident.silent else quoted("")
    taken = Bilingual("確認済み", "taken") if incident.taken else Bilingual("未確認", "nobody took it")
    return row(
        f"事象{incident.incident_id}", f"#{incident.incident_id}",
        Bilingual(
            f"{drill.ja}{title}: {incident.name or kind.ja}(段階{incident.rank}){value}{silent.ja}、"
            f"{since.ja} から、{taken.ja}",
            f"{drill.en}{title}: {incident.name_en or kind.en} (rank {incident.rank}){value}{silent.en},"
            f" since {since.en}, {taken.en}",
        ),
    )  # fmt: skip
