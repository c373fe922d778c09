"""Reminders: so many days before, once for each duty, and none of what is handed in."""

from collections.abc import Callable
from datetime import date

from ingest.access.roles import Role
from ingest.report.mail.model import DeliveryState
from ingest.report.schedule.model import NewSchedule
from ingest.store.database import Database as Connection
from schemas.japan import Month
from schemas.report_document import ReportKind
from tests.figures.field import jst
from tests.fixtures.post_office import PostOffice
from tests.report.mail.conftest import deliveries, keep, queue, schedule, send

REMIND = NewSchedule(None, (), None, Role.REPORTER)
NOVEMBER = Month(2026, 11)
ON_THE_7TH = jst(2026, 12, 7, 9)
SATO = "sato@city.example.jp"


def _freeze(connection: Connection, report: int) -> None:
    """As far as the calendar looks: the real way signs it and has its files kept."""
    connection.execute("alter table report disable trigger report_stays")
    connection.execute(
        "update report set state = 'frozen', number = 'tea-2026-11-monthly', revision = 1, frozen_at = now(),"
        " frozen_by = 'x', key_id = 'x', sealed = '{}', checked_at = now() where report_id = %s", (report,)
    )  # fmt: skip


def test_a_duty_is_reminded_of_once_some_days_before_its_end(
    connection: Connection, person: Callable[..., int], post_office: PostOffice
) -> None:
    person("sato")
    schedule(connection, REMIND)
    assert queue(connection, jst(2026, 12, 6, 9)) == 0
    assert queue(connection, ON_THE_7TH) == 1
    assert queue(connection, jst(2026, 12, 9, 9)) == 0
    assert send(connection, post_office.settings(), ON_THE_7TH) == 1
    (message,) = post_office.messages
    assert (
        message["Subject"] == "【狼煙】期限のお知らせ 2026-12-10 茶園見守り事業 前の月の運用報告を作り、課内で確認する"
    )
    body = message.get_body(("plain",))
    assert body is not None
    assert "2026年11月分" in body.get_content()
    assert "あと3日" in body.get_content()


def test_what_is_frozen_is_not_reminded_of_even_if_it_was_queued(
    connection: Connection, person: Callable[..., int], post_office: PostOffice
) -> None:
    person("sato")
    schedule(connection, REMIND)
    report = keep(connection, NOVEMBER.first_day, NOVEMBER.last_day, ReportKind.MONTHLY)
    assert queue(connection, ON_THE_7TH) == 1, "a draft is not handed in"
    try:
        _freeze(connection, report)
        assert send(connection, post_office.settings(), ON_THE_7TH) == 0
        assert deliveries(connection)[SATO].state is DeliveryState.WITHDRAWN
        connection.execute("delete from report_delivery")
        assert queue(connection, ON_THE_7TH) == 0
    finally:
        connection.execute("delete from report")
        connection.execute("alter table report enable trigger report_stays")
    assert queue(connection, ON_THE_7TH) == 1
    assert date(2026, 12, 10) == deliveries(connection)[SATO].last_day
