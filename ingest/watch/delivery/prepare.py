"""Makes a message ready: writes the words of what it is about, makes its link, and finds who sends it."""

from collections.abc import Callable, Sequence
from threading import Event as Stop

from ingest.access.secret import digest_of, new_secret
from ingest.store.database import Database
from ingest.watch.delivery.database.deciding import read_notice, read_notice_parts
from ingest.watch.delivery.database.sending import keep_link
from ingest.watch.delivery.database.telling import read_project
from ingest.watch.delivery.message import Message
from ingest.watch.delivery.model import Delivery, Effect, Fact, Fate, Outcome, Purpose, Way
from ingest.watch.delivery.wording import Links, words_of
from schemas.bilingual import Bilingual, Language
from schemas.watch_notice import PERSON_CHANNEL, Channel, WatchNotice

Send = Callable[[Stop], Outcome]
"""Sends one message, blocking."""

TAKEN_BACK = Outcome(
    Fate.NEVER,
    why=Bilingual("送る前に取り消されました", "it was taken back before it was sent"),
)
NO_CHANNEL = Outcome(
    Fate.NEVER,
    why=Bilingual("送り先がもう監視計画にありません", "its channel is no more in the document"),
)

UNREAD_CHANNEL = Outcome(
    Fate.LATER,
    why=Bilingual(
        "送り先が、このプログラムの版では監視計画から読めません",
        "this version of the program cannot read its channel in the document",
    ),
)

_LINKED = frozenset((Way.MAIL, Way.WEB_PUSH, Way.SLACK, Way.TEAMS, Way.LINE_WORKS))


def make_message(connection: Database, delivery: Delivery, about: Sequence[Fact], url: str) -> Message | Outcome:
    """The message of a delivery, or why there is none any more.

    `about`: the events of it, as they stand now. `url`: where people find the pages; may be empty.
    """
    facts = [fact for fact in about if fact.effect is not Effect.RISE or not fact.withdrawn]
    if not facts and delivery.purpose is not Purpose.TEST:
        return TAKEN_BACK
    known = [(fact.project, fact.project_name) for fact in facts]
    project, project_name = known[0] if known else read_project(connection, delivery.project_id)
    links = _links_of(connection, delivery, facts, url)
    return Message(delivery, project, project_name, facts, words_of(delivery, project_name, facts, links), links)


def _links_of(connection: Database, delivery: Delivery, facts: list[Fact], url: str) -> Links:
    """Links to the page, and one that takes the incident without signing in. Each attempt has a token of its own."""
    if not url or not facts:
        return Links()
    incidents = {fact.incident_id for fact in facts if fact.incident_id is not None}
    page = f"{url}/watch/incident/{incidents.pop()}" if len(incidents) == 1 else f"{url}/watch"
    to_take = any(fact.effect is Effect.RISE and fact.incident_id is not None for fact in facts)
    if delivery.way not in _LINKED or not to_take:
        return Links(page)
    token = new_secret()
    digest = digest_of(token)
    assert digest is not None  # it has just been made
    keep_link(connection, delivery.delivery_id, digest)
    return Links(page, f"{url}/watch/ack/{token}")


def channel_of(connection: Database, delivery: Delivery) -> tuple[Channel | None, Language]:
    """The channel of a message as the document has it now, and the language of its reader. None: a person himself."""
    notice = read_notice(connection, delivery.project_id)
    if delivery.channel == PERSON_CHANNEL:
        return None, _language_of(notice, delivery.recipient)
    channel = next((each for each in notice.channels if each.code == delivery.channel), None)
    language: Language = getattr(channel, "language", None) or _language_of(notice, delivery.recipient)
    return channel, language


def why_no_channel(connection: Database, delivery: Delivery) -> Outcome:
    """What becomes of a message whose channel is not there: it waits where a part of the document cannot be read."""
    unread = read_notice_parts(connection, delivery.project_id).unread
    return UNREAD_CHANNEL if any(place.startswith(("channels", "document")) for place in unread) else NO_CHANNEL


def _language_of(notice: WatchNotice, person: str) -> Language:
    return next((each.language for each in notice.people if each.code == person), "ja")
