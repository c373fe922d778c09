"""Each e-mail is delivered once: whatever the server does, whoever else sends, and wherever it breaks off."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Event

import psycopg
import pytest

from ingest.report.mail import database
from ingest.report.mail.deeds import send_again, settle_delivery
from ingest.report.mail.model import DeliveryState
from ingest.report.mail.send import MOST_TRIES, retry_after_s
from ingest.report.order.database import list_orders
from ingest.report.order.model import OrderState
from ingest.report.schedule.schedules import pause_schedule, remove_schedule
from ingest.service.mail_jobs import delivery_gauges
from ingest.store.database import Database as Connection
from tests.fixtures.database import Database
from tests.fixtures.post_office import PostOffice
from tests.report.mail.conftest import (
    BY,
    MONTHLY,
    NAME,
    NOW,
    TEA,
    URL,
    XLSX,
    addresses,
    deliveries,
    keep,
    lose_role,
    queue,
    queued_report,
    schedule,
    send,
)  # fmt: skip

KACHO, SATO = "kacho@city.example.jp", "sato@city.example.jp"
Person = Callable[..., int]


def test_a_report_is_ordered_made_and_delivered_once_to_each(
    connection: Connection, person: Person, post_office: PostOffice
) -> None:
    person("sato")
    schedule(connection)
    assert queue(connection, NOW - timedelta(days=1)) == 0
    assert list_orders(connection, 1, limit=9) == [], "it is not due yet"
    report = queued_report(connection)
    (order,) = list_orders(connection, 1, limit=9)
    assert (order.state, order.ordered_by, str(order.first_day)) == (OrderState.MADE, "service", "2026-11-01")
    assert send(connection, post_office.settings()) == 2
    assert queue(connection) == 0
    assert queue(connection, NOW + timedelta(days=20)) == 0
    assert send(connection, post_office.settings()) == 0
    assert addresses(post_office) == [KACHO, SATO]
    for message in post_office.messages:
        (file,) = message.iter_attachments()
        assert (file.get_filename(), file.get_content()) == (NAME, XLSX)
        assert "茶園見守り事業 月次運用報告" in message["Subject"]
        body = message.get_body(("plain",))
        assert body is not None
        assert f"{URL}/reports/{report}" in body.get_content()
    assert len({message["Message-ID"] for message in post_office.messages}) == 2
    on_record = connection.execute("select count(*) from audit_entry where action = 'report_sent'").fetchone()
    assert on_record == (2,)
    assert delivery_gauges(connection) == {"report_deliveries_failed:tea": 0, "report_deliveries_in_doubt:tea": 0}


def test_two_schedules_of_the_same_are_one_order_and_one_letter_to_each(
    connection: Connection, person: Person, post_office: PostOffice
) -> None:
    person("sato")
    schedule(connection)
    schedule(connection, replace(MONTHLY, addresses=(KACHO, "bucho@city.example.jp")))
    queued_report(connection)
    assert len(list_orders(connection, 1, limit=9)) == 1
    assert send(connection, post_office.settings()) == 3
    assert addresses(post_office) == ["bucho@city.example.jp", KACHO, SATO]


def test_a_large_file_is_not_attached(connection: Connection, post_office: PostOffice) -> None:
    schedule(connection)
    report = queued_report(connection)
    assert send(connection, post_office.settings(attachment_mib=0)) == 1
    (message,) = post_office.messages
    assert list(message.iter_attachments()) == []
    body = message.get_body(("plain",))
    assert body is not None
    assert f"{URL}/reports/{report}" in body.get_content()


def test_who_lost_the_role_gets_nothing_and_nobody_is_alarmed(
    connection: Connection, person: Person, post_office: PostOffice
) -> None:
    sato = person("sato")
    schedule(connection)
    queued_report(connection)
    lose_role(connection, sato)
    assert send(connection, post_office.settings()) == 1
    assert addresses(post_office) == [KACHO]
    assert deliveries(connection)[SATO].state is DeliveryState.WITHDRAWN
    assert set(delivery_gauges(connection).values()) == {0}


def test_a_temporary_refusal_is_tried_again_with_longer_pauses_and_then_given_up(
    connection: Connection, post_office: PostOffice
) -> None:
    schedule(connection)
    queued_report(connection)
    first = deliveries(connection)[KACHO].message_id
    post_office.answer = "451 greylisted"
    for tries in range(1, MOST_TRIES + 1):
        connection.execute("update report_delivery set next_try_at = now()")
        assert send(connection, post_office.settings()) == 0
        found = deliveries(connection)[KACHO]
        assert found.tries == tries
        assert found.failed is not None
        assert "451" in found.failed.ja
    assert found.state is DeliveryState.FAILED
    assert delivery_gauges(connection)["report_deliveries_failed:tea"] == 1
    assert [retry_after_s(n) for n in (1, 2, 3, 4, 16)] == [60, 240, 960, 3_840, 14_400]
    post_office.answer = "250 ok"
    assert send(connection, post_office.settings()) == 0, "what was given up waits for somebody"
    send_again(connection, BY, TEA, found.number)
    assert send(connection, post_office.settings()) == 1
    assert post_office.messages[0]["Message-ID"] == first
    assert set(delivery_gauges(connection).values()) == {0}


def test_a_permanent_refusal_is_shown_at_once_and_the_others_get_theirs(
    connection: Connection, person: Person, post_office: PostOffice
) -> None:
    person("sato")
    schedule(connection)
    queued_report(connection)
    post_office.to = "550 no such user"
    assert send(connection, post_office.settings()) == 0
    states = {address: found.state for address, found in deliveries(connection).items()}
    assert states == dict.fromkeys((KACHO, SATO), DeliveryState.FAILED)
    settle_delivery(connection, BY, TEA, deliveries(connection)[SATO].number)
    assert deliveries(connection)[SATO].state is DeliveryState.WITHDRAWN
    assert delivery_gauges(connection)["report_deliveries_failed:tea"] == 1


def test_without_a_server_one_is_tried_and_all_wait(
    connection: Connection, person: Person, post_office: PostOffice
) -> None:
    person("sato")
    schedule(connection)
    queued_report(connection)
    nowhere = post_office.settings(port=1)
    assert send(connection, nowhere) == 0
    assert send(connection, nowhere) == 0
    assert sorted(found.tries for found in deliveries(connection).values()) == [0, 1]
    connection.execute("update report_delivery set next_try_at = now()")
    assert send(connection, post_office.settings()) == 2


def test_a_letter_without_an_answer_is_in_doubt_and_is_not_sent_twice_by_itself(
    connection: Connection, post_office: PostOffice
) -> None:
    schedule(connection)
    queued_report(connection)
    post_office.breaks = True
    assert send(connection, post_office.settings()) == 0
    post_office.breaks = False
    connection.execute("update report_delivery set next_try_at = now()")
    assert send(connection, post_office.settings()) == 0
    found = deliveries(connection)[KACHO]
    assert (found.state, len(post_office.letters)) == (DeliveryState.DOUBT, 1)
    assert delivery_gauges(connection)["report_deliveries_in_doubt:tea"] == 1
    send_again(connection, BY, TEA, found.number)
    assert send(connection, post_office.settings()) == 1
    (_, first), (_, second) = post_office.letters
    assert first == second, "by its Message-ID and its bytes the reader's server knows it"


def test_a_crash_between_intent_and_outcome_is_in_doubt(
    project: Database, connection: Connection, post_office: PostOffice
) -> None:
    schedule(connection)
    queued_report(connection)

    with project.connect() as dying:
        post_office.before_answer = lambda: _end(project, dying)
        with pytest.raises(psycopg.OperationalError):
            send(dying, post_office.settings())
    assert (deliveries(connection)[KACHO].state, len(post_office.letters)) == (DeliveryState.SENDING, 1)
    post_office.before_answer = lambda: None
    assert send(connection, post_office.settings()) == 0
    assert deliveries(connection)[KACHO].state is DeliveryState.SENDING
    connection.execute(
        "update report_delivery set sending_since = now() - %s * interval '1 second'", (database.LOST_AFTER_S + 1,)
    )
    assert send(connection, post_office.settings()) == 0
    assert (deliveries(connection)[KACHO].state, len(post_office.letters)) == (DeliveryState.DOUBT, 1)


def _end(project: Database, connection: Connection) -> None:
    with project.connect() as other:
        other.execute("select pg_terminate_backend(%s)", (connection.info.backend_pid,))


def test_what_one_claims_another_passes_over(project: Database, connection: Connection, person: Person) -> None:
    person("sato")
    schedule(connection)
    queued_report(connection)
    with project.connect() as other, other.transaction():
        first = database.claim_next(other)
        connection.execute("set lock_timeout = '2s'")
        second = database.claim_next(connection)
        assert first is not None
        assert second is not None
        assert first.number != second.number
        assert database.claim_next(connection) is None
    assert database.claim_next(connection) is None


def test_two_services_at_once_send_each_letter_once(
    project: Database, connection: Connection, person: Person, post_office: PostOffice
) -> None:
    for number in range(8):
        person(f"p{number}")
    schedule(connection)
    queued_report(connection)
    together = threading.Barrier(2)

    def serve() -> None:
        with project.connect() as own:
            together.wait()
            send(own, post_office.settings())

    threads = [threading.Thread(target=serve) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(post_office.letters) == len(set(addresses(post_office))) == 9


def test_a_stop_gives_the_letter_back(connection: Connection, post_office: PostOffice) -> None:
    schedule(connection)
    queued_report(connection)
    stop = Event()
    stop.set()
    assert send(connection, post_office.settings(), stop=stop) == 0
    assert (deliveries(connection)[KACHO].state, post_office.letters) == (DeliveryState.WAITING, [])


def test_what_is_paused_or_removed_is_not_sent(connection: Connection, post_office: PostOffice) -> None:
    number = schedule(connection)
    queued_report(connection)
    pause_schedule(connection, BY, TEA, number, NOW)
    assert send(connection, post_office.settings()) == 0
    assert deliveries(connection)[KACHO].state is DeliveryState.WITHDRAWN
    remove_schedule(connection, BY, TEA, number)
    assert queue(connection) == 0
    assert post_office.letters == []


def test_a_frozen_report_goes_out_as_it_is_and_a_discarded_one_is_told(
    connection: Connection, post_office: PostOffice
) -> None:
    schedule(connection)
    kept = keep(connection, NOW.date().replace(month=11, day=1), NOW.date().replace(month=11, day=30))
    connection.execute("update report set state = 'checked', checked_at = now() where report_id = %s", (kept,))
    assert queue(connection) == 1
    assert list_orders(connection, 1, limit=9) == [], "it is not made anew"
    connection.execute("update report set state = 'draft', checked_at = null; delete from report")
    assert send(connection, post_office.settings()) == 0
    found = deliveries(connection)[KACHO]
    assert found.state is DeliveryState.FAILED
    assert found.failed is not None
    assert "削除" in found.failed.ja


def test_an_order_that_failed_is_told_to_whom_the_report_was_for(connection: Connection) -> None:
    schedule(connection)
    queue(connection)
    connection.execute(
        "update report_order set started_at = now(), ended_at = now(), failed_ja = '計画なし', failed_en = 'no plan'"
    )
    assert queue(connection) == 1
    assert deliveries(connection)[KACHO].state is DeliveryState.FAILED
