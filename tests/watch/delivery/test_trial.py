"""A channel is tried out by a command, the way every message goes."""

from datetime import UTC, datetime

from click.testing import CliRunner

from ingest.cli.watch import watch
from tests.watch.delivery.conftest import Sending
from tests.watch.delivery.receiver import Receiver
from tests.watch.delivery.valley import Valley


def run(valley: Valley, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(watch, ["try", *arguments, "--database", valley.database.url])
    return result.exit_code, f"{result.output}{result.exception or ''}"


def test_a_channel_is_tried_out(valley: Valley, hook: Receiver, sending: Sending) -> None:
    valley.apply(channels=[{"code": "hook", "kind": "webhook", "url": hook.url, "plain_http": True}], notify=[],
                 escalation=[])  # fmt: skip
    sending(valley, now=lambda: datetime.now(UTC))
    code, said = run(valley, "hook")
    assert code == 0
    assert f"hook {hook.url}: delivered HTTP 200 ok" in said
    assert b'"type":"watch.test"' in hook.requests[0].body
    hook.answers = ["422"]
    code, said = run(valley, "hook")
    assert code == 1
    assert "not delivered the receiver answered: HTTP 422" in said


def test_who_cannot_be_reached_is_said_at_once(valley: Valley) -> None:
    for name, why in (("nobody", "neither among people nor channels"), ("sato", "there is no address")):
        code, said = run(valley, name)
        assert code == 1
        assert why in said
    assert valley.rows("1") == []
    code, said = run(valley, "list", "--wait", "0")
    assert "not sent yet" in said
