"""Webhooks meet a real server that takes, refuses, hangs, resets and lies."""

import base64
import hmac
import json
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from ingest.watch.delivery.senders.http import LONGEST_ANSWER
from schemas.watch_message import WatchMessage
from tests.fixtures.post_office import own_certificate
from tests.watch.delivery.conftest import QUICK, URL, Sending, wait_until
from tests.watch.delivery.receiver import Receiver, receiver
from tests.watch.delivery.valley import NOON, Valley

TEST_DELIVERED = "kind = 'webhook' and delivered_at is not null"


def channel(hook: Receiver, code: str = "hook", **more: object) -> dict[str, object]:
    return {"code": code, "kind": "webhook", "url": hook.url, "plain_http": True, "timeout_s": 1, **more}


def tell(valley: Valley, *channels: Mapping[str, object]) -> None:
    """Tell these channels, and nobody else."""
    names = [str(each["code"]) for each in channels]
    valley.apply(channels=list(channels), notify=[{"to": names}] if names else [], escalation=[], duty={})


def test_a_program_gets_the_event_signed(valley: Valley, hook: Receiver, sending: Sending, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("whsec_" + base64.b64encode(b"very secret").decode() + "\n")
    tell(valley, channel(hook, secret_file=str(secret)))
    valley.keep(valley.event((0, 1)))
    sending(valley)
    (request,) = hook.wait_for(1)
    headers = request.headers
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + request.body
    expected = base64.b64encode(hmac.new(b"very secret", signed, sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["idempotency-key"] == headers["webhook-id"]
    body = WatchMessage.model_validate_json(request.body)
    assert (body.type, body.count, body.drill, body.events[0].rank) == ("watch.event", 1, False, 1)
    assert body.page == f"{URL}/watch/incident/{body.events[0].incident}"
    assert "/watch/ack/" not in request.body.decode()
    assert body.events[0].text.ja == "水位計0: 市設定基準1に到達(参考: 警戒レベル3の目安) 1.23 m 12:00"
    wait_until(valley, TEST_DELIVERED)
    assert valley.rows("answer, tries, failed_en", TEST_DELIVERED) == [("HTTP 200 ok", 1, None)]


@pytest.mark.parametrize("first", ["500", "busy", "reset", "redirect"])
def test_what_is_not_taken_is_sent_again_under_the_same_id(
    valley: Valley, hook: Receiver, sending: Sending, first: str
) -> None:
    hook.answers = [first, "200"]
    tell(valley, channel(hook))
    valley.keep(valley.event((0, 1)))
    sending(valley)
    wait_until(valley, TEST_DELIVERED)
    assert [request.path for request in hook.requests] == ["/hook", "/hook"]
    assert len(hook.taken()) == 1
    assert [json.loads(request.body)["resent"] for request in hook.requests] == [False, first == "reset"]


def test_a_receiver_that_hangs_is_left_after_its_time_and_asked_again(
    valley: Valley, hook: Receiver, sending: Sending
) -> None:
    hook.answers = ["hang", "200"]
    tell(valley, channel(hook))
    valley.keep(valley.event((0, 1)))
    sending(valley)
    wait_until(valley, TEST_DELIVERED)
    assert len(hook.taken()) == 1
    assert hook.requests[1].at_s - hook.requests[0].at_s < 5
    assert json.loads(hook.requests[1].body)["resent"] is True


def test_a_yes_whose_body_never_ends_is_a_yes(valley: Valley, hook: Receiver, sending: Sending) -> None:
    hook.answers = ["drip"]
    tell(valley, channel(hook))
    valley.keep(valley.event((0, 1)))
    sending(valley)
    wait_until(valley, TEST_DELIVERED)
    assert valley.rows("tries, answer", TEST_DELIVERED)[0][0] == 1
    assert len(hook.requests) == 1


def test_behind_a_proxy_names_are_looked_up_by_it(
    valley: Valley, hook: Receiver, sending: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", hook.url.removesuffix("/hook"))
    outside = {"url": "http://hook.outside.invalid/in", "plain_http": True}
    tell(valley, channel(hook) | outside)
    valley.keep(valley.event((0, 1)))
    sending(valley)
    wait_until(valley, TEST_DELIVERED)
    assert [request.path for request in hook.requests] == ["http://hook.outside.invalid/in"]


def test_of_a_huge_answer_little_is_read_and_less_is_kept(valley: Valley, hook: Receiver, sending: Sending) -> None:
    hook.answers = ["huge"]
    tell(valley, channel(hook))
    valley.keep(valley.event((0, 1)))
    sending(valley)
    wait_until(valley, TEST_DELIVERED)
    ((answer,),) = valley.rows("answer", TEST_DELIVERED)
    assert len(answer) <= LONGEST_ANSWER + len("HTTP 200 ")


@pytest.mark.parametrize(("answer", "tries"), [("422", 1), ("410", 1)])
def test_what_is_refused_for_good_is_given_up_and_says_why(
    valley: Valley, hook: Receiver, sending: Sending, answer: str, tries: int
) -> None:
    hook.answers = [answer]
    tell(valley, channel(hook))
    valley.keep(valley.event((0, 1)))
    sending(valley)
    wait_until(valley, "given_up_at is not null")
    assert valley.rows("tries, failed_ja", "given_up_at is not null") == [(tries, f"受信側の返事: HTTP {answer} ok")]


def test_it_is_given_up_after_a_day(valley: Valley, hook: Receiver, sending: Sending) -> None:
    hook.answers = ["500"]
    tell(valley, channel(hook))
    valley.keep(valley.event((0, 1)))
    sending(valley, pace=QUICK._replace(ends_after_s=1.0), now=lambda: NOON + timedelta(seconds=2))
    wait_until(valley, "given_up_at is not null")


def test_tls_is_checked_against_the_authority_of_the_channel(valley: Valley, sending: Sending, tmp_path: Path) -> None:
    authority, context = own_certificate(tmp_path)
    with receiver(context) as secure:
        url = f"https://localhost:{secure.port}/hook"
        known = {"code": "known", "kind": "webhook", "url": url, "ca_file": str(authority)}
        tell(valley, known, {"code": "unknown", "kind": "webhook", "url": f"{url}/2"})
        valley.keep(valley.event((0, 1)))
        sending(valley)
        wait_until(valley, "channel = 'known' and delivered_at is not null")
        wait_until(valley, "channel = 'unknown' and failed_en like '%CERTIFICATE_VERIFY_FAILED%'")
        assert {request.path for request in secure.requests} == {"/hook"}


def test_a_dead_receiver_delays_nobody_else(valley: Valley, hook: Receiver, sending: Sending) -> None:
    with receiver() as dead:
        dead.answers = ["hang"]
        tell(valley, channel(dead, "dead", timeout_s=30), channel(hook, "well"))
        valley.keep(valley.event((0, 1)))
        sending(valley)
        dead.wait_for(1)
        valley.keep(valley.event((1, 2), NOON + timedelta(minutes=1)))
        hook.wait_for(2, seconds=5)
        assert len(dead.requests) == 1  # one at a time
        dead.released.set()


def test_a_channel_that_was_taken_out_gets_nothing_more(valley: Valley, hook: Receiver, sending: Sending) -> None:
    tell(valley, channel(hook))
    valley.keep(valley.event((0, 1)))
    tell(valley)
    sending(valley)
    wait_until(valley, "given_up_at is not null")
    assert hook.requests == []


def test_a_message_that_cannot_be_made_keeps_no_other(valley: Valley, hook: Receiver, sending: Sending) -> None:
    tell(valley, channel(hook, "first"), channel(hook, "second", url=f"{hook.url}/2"))
    valley.keep(valley.event((0, 1)))
    valley.connection.execute("update watch_event set kind = 'unheard-of'")
    valley.connection.execute("update watch_delivery set event_id = null, purpose = 'test' where channel = 'second'")
    sending(valley)
    hook.wait_for(1)
    wait_until(valley, "failed_en like 'a defect%'")


def test_a_storm_is_one_request_with_all_of_it(valley: Valley, hook: Receiver, sending: Sending) -> None:
    tell(valley, channel(hook))
    events = [valley.event((rank - 1, rank), NOON + timedelta(seconds=rank)) for rank in range(1, 51)]
    valley.keep(*events, now=NOON)
    sending(valley)
    wait_until(valley, TEST_DELIVERED, 51)
    (request,) = hook.requests
    body = WatchMessage.model_validate_json(request.body)
    assert (body.type, body.count) == ("watch.digest", 50)
    assert "ほか10件" in body.text.ja


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest", "http://224.0.0.1/", "http://[::ffff:169.254.1.1]/"])
def test_nothing_is_sent_where_clouds_keep_their_secrets(valley: Valley, sending: Sending, url: str) -> None:
    tell(valley, {"code": "hook", "kind": "webhook", "url": url, "plain_http": True})
    valley.keep(valley.event((0, 1)))
    sending(valley)
    wait_until(valley, "failed_en like 'nothing is sent to%' and delivered_at is null")


def test_a_missing_file_is_said_and_tried_again(
    valley: Valley, hook: Receiver, sending: Sending, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    tell(valley, channel(hook, secret_file=str(secret)))
    valley.keep(valley.event((0, 1)))
    sending(valley)
    wait_until(valley, f"failed_ja like '{secret} を読めません%'")
    secret.write_text("key")
    wait_until(valley, TEST_DELIVERED)
