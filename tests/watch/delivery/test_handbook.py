"""What the handbook shows works as it stands there."""

import re
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest.watch.delivery.senders.webhook import signature
from schemas.watch_notice import WatchNotice

DOCS = Path(__file__).parents[3] / "docs"


def block(name: str, kind: str, word: str) -> str:
    """The code block of a chapter that has a word in it."""
    text = (DOCS / name).read_text(encoding="utf-8")
    found: list[str] = re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)
    return next(each for each in found if word in each)


@pytest.mark.parametrize("name", ["watch.ja.md", "watch.md"])
def test_the_document_is_one(name: str) -> None:
    notice = WatchNotice.model_validate(yaml.safe_load(block(name, "yaml", "escalation:")))
    assert len(notice.channels) == 4


@pytest.mark.parametrize("name", ["watch.ja.md", "watch.md"])
@pytest.mark.parametrize("secret", ["whsec_dmVyeSBzZWNyZXQ=", "plain words"])
def test_a_signature_is_checked_as_the_handbook_says(name: str, secret: str) -> None:
    known: dict[str, Any] = {}
    exec(block(name, "python", "hmac"), known)
    at, body = f"{time.time():.0f}", b'{"a": 1}'
    headers = {"webhook-id": "1", "webhook-timestamp": at, "webhook-signature": signature(secret, "1", at, body)}
    assert known["genuine"](headers, body, secret)
    assert not known["genuine"](headers, body + b" ", secret)
    assert not known["genuine"]({**headers, "webhook-timestamp": str(int(at) - 600)}, body, secret)
