"""Messages to rooms of Slack, Teams and LINE WORKS by their incoming webhooks.

Slack: https://api.slack.com/messaging/webhooks. Teams: an Adaptive Card to a workflow "When a Teams webhook request is
received". LINE WORKS: the Incoming Webhook app, title, body.text and button. Their forms were checked against published
documents and examples only, never against the services.
"""

import json
import re
from typing import Any

from ingest.watch.delivery.message import Message
from ingest.watch.delivery.model import Fate, Outcome
from ingest.watch.delivery.senders.http import Answer, Post, outcome_of, post
from ingest.watch.delivery.senders.secret_file import first_line
from schemas.bilingual import Bilingual
from schemas.watch_notice import ChatChannel, checked_url

LONGEST_TEXT = 2_900
"""Characters of a message: a section of Slack takes 3,000; the others take more."""
LONGEST_LINE_WORKS = 1_900
_FAILED = re.compile(r"error|fail|invalid", re.IGNORECASE)
"""Teams may answer 200 and say in the text that the message was not delivered."""


def send_chat(channel: ChatChannel, message: Message) -> Outcome:
    """Send a message, blocking. Raises SecretMissing, or ValueError for an address in the file that is none."""
    url = checked_url(first_line(channel.url_file), plain_http=channel.plain_http)
    body = json.dumps(form_of(channel, message), ensure_ascii=False).encode()
    headers = {"content-type": "application/json; charset=utf-8", "user-agent": "Noroshi"}
    answer = post(Post(url, body, headers, channel.timeout_s, channel.ca_file))
    return _outcome(channel, answer) if isinstance(answer, Answer) else answer


def _outcome(channel: ChatChannel, answer: Answer) -> Outcome:
    lied = (channel.kind == "slack" and answer.text != "ok") or (
        channel.kind == "teams" and _FAILED.search(answer.text) is not None
    )
    if 200 <= answer.status < 300 and lied and not answer.whole:
        why = Bilingual("返事が途中で止まりました", "its answer stopped half-way")
        return Outcome(Fate.DOUBT, f"HTTP {answer.status} {answer.text}".strip(), why, of_receiver=True)
    if 200 <= answer.status < 300 and lied:
        shown = f"HTTP {answer.status} {answer.text}".strip()
        why = Bilingual(f"受け取ったと言いながら断っています: {shown}", f"it answered yes and means no: {shown}")
        return Outcome(Fate.LATER, shown, why, of_receiver=True)
    return outcome_of(answer)


def form_of(channel: ChatChannel, message: Message) -> dict[str, Any]:
    """The JSON of a message in the form of the chat."""
    title, text = message.words.title.to(channel.language), message.words.text.to(channel.language)
    match channel.kind:
        case "slack":
            return _slack(title, text)
        case "teams":
            return _teams(title, text, message)
        case "line_works":
            return _line_works(title, text, message, channel.language)


def _slack(title: str, text: str) -> dict[str, Any]:
    """`text` is what a notification shows; the block is the message. Signs that Slack reads as markup are escaped."""
    return {
        "text": _escaped(title),
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": title[:150]}},
            {"type": "section", "text": {"type": "plain_text", "text": text[:LONGEST_TEXT]}},
        ],
    }


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _teams(title: str, text: str, message: Message) -> dict[str, Any]:
    paragraphs = [part for part in text[:LONGEST_TEXT].split("\n") if part]
    blocks: list[dict[str, Any]] = [
        {"type": "TextBlock", "text": title, "weight": "Bolder", "size": "Medium", "wrap": True}
    ]
    blocks += [{"type": "TextBlock", "text": _plain(part), "wrap": True, "spacing": "None"} for part in paragraphs]
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    }
    if message.links.page:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "狼煙", "url": message.links.page}]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _plain(text: str) -> str:
    """A text block of a card reads Markdown: what begins a line there as a list or is emphasis stays a sign."""
    return re.sub(r"([\\*_\[\]`#])", r"\\\1", text) if "http" not in text else text


def _line_works(title: str, text: str, message: Message, language: str) -> dict[str, Any]:
    form: dict[str, Any] = {"title": title[:100], "body": {"text": text[:LONGEST_LINE_WORKS]}}
    if message.links.page:
        label = Bilingual("画面を開く", "Open the page").to(language)
        form["button"] = {"label": label, "url": message.links.page}
    return form
