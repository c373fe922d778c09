"""Messages to chats have the form that each of them takes, and their answers are read as each of them means them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.watch.delivery.conftest import URL, Sending, wait_until
from tests.watch.delivery.receiver import Receiver
from tests.watch.delivery.valley import Valley

TITLE = "【狼煙】水位計0: 市設定基準2に到達(参考: 警戒レベル3の目安) 1.23 m 12:00"


def tell(valley: Valley, hook: Receiver, kind: str, folder: Path) -> None:
    file = folder / "url"
    file.write_text(f"{hook.url}/secret-part\n")
    room = {"code": "room", "kind": kind, "url_file": str(file), "plain_http": True}
    valley.apply(channels=[room], notify=[{"to": ["room"]}], escalation=[])
    valley.keep(valley.event((0, 2)))


def sent(valley: Valley, hook: Receiver, kind: str, folder: Path, sending: Sending) -> dict[str, Any]:
    tell(valley, hook, kind, folder)
    sending(valley)
    wait_until(valley, f"kind = '{kind}' and delivered_at is not null")
    (request,) = hook.requests
    assert request.path == "/hook/secret-part"
    assert "secret-part" not in str(valley.connection.execute("select d::text from watch_delivery d").fetchall())
    found: dict[str, Any] = json.loads(request.body)
    return found


def test_slack(valley: Valley, hook: Receiver, sending: Sending, tmp_path: Path) -> None:
    form = sent(valley, hook, "slack", tmp_path, sending)
    assert form["text"] == TITLE
    assert [block["type"] for block in form["blocks"]] == ["header", "section"]
    assert "観測値であり" in form["blocks"][1]["text"]["text"]
    assert f"{URL}/watch/ack/" in form["blocks"][1]["text"]["text"]


def test_teams(valley: Valley, hook: Receiver, sending: Sending, tmp_path: Path) -> None:
    hook.answers = ["202"]
    form = sent(valley, hook, "teams", tmp_path, sending)
    (attachment,) = form["attachments"]
    card = attachment["content"]
    assert (form["type"], attachment["contentType"]) == ("message", "application/vnd.microsoft.card.adaptive")
    assert (card["type"], card["body"][0]["text"]) == ("AdaptiveCard", TITLE)
    assert all(block["type"] == "TextBlock" and block["wrap"] for block in card["body"])
    assert card["actions"][0]["url"].startswith(f"{URL}/watch/incident/")


def test_line_works(valley: Valley, hook: Receiver, sending: Sending, tmp_path: Path) -> None:
    form = sent(valley, hook, "line_works", tmp_path, sending)
    assert (form["title"], set(form), set(form["body"])) == (TITLE, {"title", "body", "button"}, {"text"})
    assert "観測値であり" in form["body"]["text"]


@pytest.mark.parametrize(
    ("kind", "text"), [("slack", b"invalid_payload"), ("teams", b"Webhook message delivery failed with error 429")]
)
def test_a_yes_that_means_no_is_not_believed(
    valley: Valley, hook: Receiver, sending: Sending, tmp_path: Path, kind: str, text: bytes
) -> None:
    hook.text = text
    tell(valley, hook, kind, tmp_path)
    sending(valley)
    wait_until(valley, "failed_en like 'it answered yes and means no%'")
    hook.text = b"ok"
    wait_until(valley, f"kind = '{kind}' and delivered_at is not null")


@pytest.mark.parametrize("kind", ["slack", "teams", "line_works"])
def test_a_room_that_never_answers_hears_it_twice_at_most(
    valley: Valley, hook: Receiver, sending: Sending, tmp_path: Path, kind: str
) -> None:
    hook.answers = ["reset"]
    tell(valley, hook, kind, tmp_path)
    sending(valley)
    wait_until(valley, f"kind = '{kind}' and doubt_at is not null", seconds=5)
    assert len(hook.requests) == 2
