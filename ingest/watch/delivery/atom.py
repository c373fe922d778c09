"""A feed (Atom, RFC 4287) of events, each with a link to its CAP alert."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

from ingest.watch.delivery.cap import MEDIA_TYPE, cap_time, identifier_of, written
from ingest.watch.delivery.model import Fact
from ingest.watch.delivery.wording import DISCLAIMER, DRILL, headline
from schemas.bilingual import Bilingual, Language

NAMESPACE = "http://www.w3.org/2005/Atom"
MEDIA_TYPE_OF_FEED = "application/atom+xml"


class Entry(NamedTuple):
    """An event in the feed. `link`: where its CAP alert is; `stored`: when the event was stored."""

    fact: Fact
    stored: datetime
    link: str


class Remark(NamedTuple):
    """An entry about the watch itself. `urn`: its name, which stays the same; `since`: when it was said again last."""

    urn: str
    text: Bilingual
    since: datetime
    link: str


def atom_feed(
    title: Bilingual, own: str, entries: Sequence[Entry], updated: datetime, language: Language = "ja",
    remarks: Sequence[Remark] = (),
) -> bytes:  # fmt: skip
    """The feed in UTF-8. `own`: its own address. `updated`: where it has no entry. `remarks` stand first."""
    feed = Element("feed", {"xmlns": NAMESPACE, "xml:lang": language})
    _add(feed, "id", own)
    _add(feed, "title", title.to(language))
    _add(feed, "subtitle", DISCLAIMER.to(language))
    _add(
        feed,
        "updated",
        cap_time(max((*(each.stored for each in entries), *(each.since for each in remarks)), default=updated)),
    )
    SubElement(feed, "link", rel="self", href=own)
    _add(SubElement(feed, "author"), "name", title.to(language))
    for remark in remarks:
        _remark(feed, remark, language)
    for each in entries:
        _entry(feed, each, language)
    return written(feed)


def _remark(feed: Element, remark: Remark, language: Language) -> None:
    entry = SubElement(feed, "entry")
    _add(entry, "id", f"urn:noroshi:{remark.urn}")
    _add(entry, "title", remark.text.to(language))
    _add(entry, "updated", cap_time(remark.since))
    _add(entry, "summary", remark.text.to(language))
    SubElement(entry, "link", rel="alternate", type="text/html", href=remark.link)


def _entry(feed: Element, each: Entry, language: Language) -> None:
    fact = each.fact
    mark = DRILL.to(language) if fact.is_drill else ""
    entry = SubElement(feed, "entry")
    _add(entry, "id", f"urn:noroshi:{identifier_of(fact.project, fact.event_id)}")
    _add(entry, "title", mark + headline(fact, fact.at).to(language))
    _add(entry, "updated", cap_time(each.stored))
    _add(entry, "summary", mark + DISCLAIMER.to(language))
    SubElement(entry, "link", rel="alternate", type=MEDIA_TYPE, href=each.link)


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = "".join(sign for sign in text if sign in "\n\t" or sign.isprintable())
