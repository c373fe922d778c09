"""What was watched under fire: the chronology of an undisturbed run, and each message counted where it arrived."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any, Self

import psycopg
from psycopg.types.json import Jsonb

from ingest.watch.delivery.prepare import TAKEN_BACK
from ingest.watch.rules import load_rules
from ingest.watch.stages.machine import chronology
from ingest.watch.stages.rule import WatchedRule
from ingest.watch.stages.sample import Reading
from schemas.watch import WatchDocument
from tests.acceptance.fleet import PROJECT, one, rows

LEVEL = 38
"""Of the temperatures that the devices send, the two warmest reach it with every second of their readings."""
CAUGHT_UP_WITHIN_S = 60.0
HANGS_S = 3.0


def watch_document(devices: int, hook: str, secret: Path, *, mail_to: str) -> WatchDocument:
    """Every device is watched; crossings go to a receiver that fails, and by mail to one that is slow."""
    return WatchDocument.model_validate(
        {
            "project": PROJECT,
            "quality": {"enabled": False},  # these devices jump up and down
            "rules": [
                {
                    "code": "warm", "hazard": "other", "quantity": "air_temperature", "measure": {"kind": "value"},
                    "devices": [f"dev-{number}" for number in range(devices)], "hysteresis": 1,
                    "stages": [{"rank": 1, "name": "市設定基準1", "value": LEVEL}],
                }
            ],
            "channels": [
                {"code": "hook", "kind": "webhook", "url": hook, "plain_http": True, "secret_file": str(secret),
                 "timeout_s": 1},
                {"code": "post", "kind": "mail", "to": [mail_to]},
            ],
            "notify": [{"kinds": ["stage"], "to": ["hook", "post"]}],
        }
    )  # fmt: skip


def apply_document(url: str, document: WatchDocument) -> None:
    """Put a document into force, as a row: how files are read is tried elsewhere."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into watch_document (project_id, number, body, source, applied_by)"
            " select project_id, 1, %s, '', 'torture' from project where code = %s",
            (Jsonb(document.model_dump(mode="json", by_alias=True)), PROJECT),
        )


class FailingReceiver:
    """A receiver of webhooks that answers, refuses, hangs or hangs up, as chance will; `taken` counts what it took."""

    def __init__(self, chance: Random) -> None:
        self.taken: Counter[str] = Counter()
        self.well = False
        """It only answers from now on."""
        self._chance = chance
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver._answer(self)

            def log_message(self, *_: Any) -> None:
                """Nothing: the output is the verdict's."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="receiver")

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        request.rfile.read(int(request.headers.get("content-length", 0)))
        whim = 1.0 if self.well else self._chance.random()
        if whim < 0.15:
            request.send_error(503)
        elif whim < 0.2:
            time.sleep(HANGS_S)
        elif whim < 0.3:
            request.connection.close()
        else:
            number = request.headers["webhook-id"]
            self.taken[number] += 1
            request.send_response(200)
            request.send_header("content-length", "0")
            request.end_headers()


def judge_watching(url: str, receiver: FailingReceiver) -> list[str]:
    """What is wrong with what was watched; empty if all is well. Waits until nothing is left to look at or to send."""
    receiver.well = True
    left = _until_done(url)
    wrong = [f"the watch is not done: {left}"] if left else []
    wrong += _compare_chronologies(url)
    return wrong + _count_deliveries(url, receiver)


LEFT = """
select (select count(*) from watch_note),
       (select count(*) from watch_delivery where delivered_at is null and given_up_at is null and doubt_at is null
            and digest_id is null and withheld = '')
"""


def _until_done(url: str) -> str:
    """What was left in the end; empty if nothing was. As long as it becomes less it is waited for."""
    least, moved_s = (1 << 60, 1 << 60), time.monotonic()
    while time.monotonic() < moved_s + CAUGHT_UP_WITHIN_S:
        notes, deliveries = one(url, LEFT)
        if (notes, deliveries) == (0, 0):
            return ""
        if notes < least[0] or deliveries < least[1]:
            least, moved_s = (min(notes, least[0]), min(deliveries, least[1])), time.monotonic()
        time.sleep(0.1)
    return f"{notes} notes, {deliveries} deliveries"


EVENTS = """
select subject, (extract(epoch from at) * 1000000)::bigint, before_rank, rank from watch_event
where kind = 'stage' and withdrawn_at is null order by subject, at
"""
SERIES = """
select (extract(epoch from time) * 1000000)::bigint, value, quality from reading_counted
where device_id = %s and quantity_id = %s and channel = %s order by time
"""


def _compare_chronologies(url: str) -> list[str]:
    """The events that are kept against those that the stored readings make when nothing disturbs."""
    kept: dict[str, list[tuple[int, int, int]]] = {}
    for subject, *change in rows(url, EVENTS):
        kept.setdefault(subject, []).append((change[0], change[1], change[2]))
    wrong: list[str] = []
    for subject, wanted in _undisturbed(url):
        there = kept.pop(subject, [])
        if there != wanted:
            missing, more = sorted(set(wanted) - set(there)), sorted(set(there) - set(wanted))
            wrong.append(
                f"{subject}: of {len(wanted)} changes {len(missing)} are missing and {len(more)} too many:"
                f" {missing[:2]} {more[:2]}"
            )
    return wrong + [f"{subject}: nobody watches it" for subject in kept]


def _undisturbed(url: str) -> Iterator[tuple[str, list[tuple[int, int, int]]]]:
    with psycopg.connect(url, autocommit=True) as connection:
        rules = {rule.subject: rule for each in load_rules(connection).by_series.values() for rule in each}
        for subject, rule in rules.items():
            yield subject, [(each.at_us, each.before_rank, each.rank) for each in _changes(connection, rule)]


def _changes(connection: Any, rule: WatchedRule) -> list[Any]:
    stored = connection.execute(SERIES, tuple(rule.series)).fetchall()
    return chronology(rule, [Reading(time_us, value, 0, quality) for time_us, value, quality in stored])


UNTOLD = """
select e.event_id, e.at::text, e.recorded_at::text, e.incident_id, e.withdrawn_en,
       array(
           select concat_ws(' ', d.channel, d.withheld, d.delivered_at, d.given_up_at, d.digest_id, d.failed_en)
           from watch_delivery d where d.event_id = e.event_id
       ),
       array(
           select concat_ws(' ', o.event_id, o.origin, o.before_rank, o.rank, o.at, o.recorded_at, o.withdrawn_en)
           from watch_event o where o.incident_id = e.incident_id and o.event_id <> e.event_id order by o.event_id
       )
from watch_event e
where e.kind = 'stage' and e.origin = 'live' and e.rank > 0
  and not exists (
      select from watch_delivery d left join watch_delivery g on g.delivery_id = d.digest_id
      where d.event_id = e.event_id and d.channel = 'hook'
        and (
            coalesce(g.delivered_at, d.delivered_at) is not null or d.withheld <> ''
            or (d.given_up_at is not null and e.withdrawn_at is not null and d.failed_en = '{taken_back}')
        )
  )
"""
SENT = """
select idempotency_key::text, delivered_at is not null from watch_delivery
where channel = 'hook' and digest_id is null and withheld = ''
"""


def _count_deliveries(url: str, receiver: FailingReceiver) -> list[str]:
    """Every live crossing was told or taken back before, and nothing was taken that nobody sent."""
    untold = rows(url, UNTOLD.format(taken_back=TAKEN_BACK.why.en))
    sent = dict(rows(url, SENT))
    lost = [number for number, delivered in sent.items() if delivered and not receiver.taken[number]]
    strange = [number for number in receiver.taken if number not in sent]
    wrong = [f"{len(untold)} live crossings were told to nobody: {untold[:2]}"] if untold else []
    wrong += [f"{len(lost)} messages count as delivered and never arrived"] if lost else []
    return wrong + ([f"{len(strange)} messages arrived that are not in the outbox"] if strange else [])
