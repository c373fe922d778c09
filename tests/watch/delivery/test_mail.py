"""E-mail meets a real SMTP server. What is in doubt is not sent again."""

import threading
from datetime import timedelta

from ingest.report.mail.smtp import Mailer
from ingest.watch.deeds.links import resolve_link
from ingest.watch.delivery.database.sending import claim_due
from ingest.watch.delivery.model import Way
from ingest.watch.model import Origin
from tests.fixtures.post_office import PostOffice
from tests.watch.delivery.conftest import URL, Sending, wait_until
from tests.watch.delivery.valley import NOON, Valley

DELIVERED = "kind = 'mail' and delivered_at is not null"


def text_of(office: PostOffice, number: int = 0) -> str:
    body = office.messages[number].get_body()
    assert body is not None
    return str(body.get_content())


def test_the_one_on_duty_reads_what_happened_and_can_take_it(
    valley: Valley, post_office: PostOffice, sending: Sending
) -> None:
    valley.apply(notify=[{"to": ["duty"]}])
    (stored,) = valley.keep(valley.event((0, 2)))
    sending(valley, Mailer(post_office.settings()))
    wait_until(valley, DELIVERED)
    (message,), text = post_office.messages, text_of(post_office)
    assert message["to"] == "tanaka@city.example.jp"
    assert message["subject"] == "【狼煙】水位計0: 市設定基準2に到達(参考: 警戒レベル3の目安) 1.23 m 12:00"
    assert "観測値であり、気象庁・河川管理者の発表ではありません" in text
    assert text.index("到達") < text.index("reached")
    assert f"画面: {URL}/watch/incident/{stored.incident_id}" in text
    token = text.partition(f"{URL}/watch/ack/")[2][:43]
    assert [row.incident_id for row in resolve_link(valley.connection, token, NOON)] == [stored.incident_id]
    ((digest,),) = valley.rows("link_digest", DELIVERED)
    assert token.encode() not in bytes(digest)


def test_a_drill_says_so_in_subject_and_body(valley: Valley, post_office: PostOffice, sending: Sending) -> None:
    valley.apply(notify=[{"to": ["list"]}], escalation=[{"after_min": 1, "to": ["list"]}])
    valley.keep(valley.event((0, 2), origin=Origin.DRILL, details={"drill": 7}))
    sending(valley, Mailer(post_office.settings()), now=lambda: NOON + timedelta(minutes=2))
    wait_until(valley, DELIVERED, 2)
    assert [str(each["subject"])[:4] for each in post_office.messages] == ["【訓練】"] * 2
    for number in range(2):
        text = text_of(post_office, number)
        assert text.startswith("【訓練】")
        assert text.partition("----")[0].rstrip().endswith("【訓練】これは訓練です。実際の事象ではありません。")


def test_an_answer_that_is_lost_leaves_it_in_doubt_and_it_is_not_sent_again(
    valley: Valley, post_office: PostOffice, sending: Sending
) -> None:
    post_office.breaks = True
    valley.apply(notify=[{"to": ["list"]}])
    valley.keep(valley.event((0, 2)))
    sending(valley, Mailer(post_office.settings()))
    wait_until(valley, "doubt_at is not null")
    threading.Event().wait(0.5)
    assert len(post_office.letters) == 1


def test_what_a_dead_process_was_sending_is_in_doubt(valley: Valley, post_office: PostOffice, sending: Sending) -> None:
    valley.apply(notify=[{"to": ["list"]}])
    valley.keep(valley.event((0, 2)))
    assert len(claim_due(valley.connection, Way.MAIL, (), 9, NOON)) == 1
    sending(valley, Mailer(post_office.settings()))
    wait_until(valley, "doubt_at is not null")
    assert post_office.letters == []


def test_a_server_that_is_busy_gets_it_later(valley: Valley, post_office: PostOffice, sending: Sending) -> None:
    post_office.answer = "451 later"
    valley.apply(notify=[{"to": ["list"]}])
    valley.keep(valley.event((0, 2)))
    sending(valley, Mailer(post_office.settings()))
    wait_until(valley, "tries > 1 and failed_en like '%451 later%'")
    post_office.answer = "250 taken"
    wait_until(valley, DELIVERED)


def test_without_a_server_it_says_what_to_set(valley: Valley, sending: Sending) -> None:
    valley.apply(notify=[{"to": ["list"]}])
    valley.keep(valley.event((0, 2)))
    sending(valley)
    wait_until(valley, "failed_ja like '%mail.host%'")
