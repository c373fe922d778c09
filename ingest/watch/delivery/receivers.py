"""Turns the names in `to` of a document into receivers: people, those on duty, channels. Pure."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from ingest.watch.delivery.duty import on_duty
from ingest.watch.delivery.model import Receiver, Situation, Way, Withheld
from schemas.watch_notice import (
    BACKUP,
    DUTY,
    PERSON_CHANNEL,
    Channel,
    ChatChannel,
    MailChannel,
    PushChannel,
    WatchPerson,
    WebhookChannel,
)


def receivers(names: Iterable[str], situation: Situation) -> list[Receiver]:
    """Everybody that `names` mean at the moment, each once. Who cannot be read in the document is there with why."""
    people = {person.code: person for person in situation.notice.people}
    channels = {channel.code: channel for channel in situation.notice.channels}
    found: list[Receiver] = []
    for name in names:
        if name in channels:
            found += _of_channel(channels[name], situation)
            continue
        codes = _people_of(name, situation)
        if not codes:
            found.append(Receiver(name, Way.MAIL, "", "", Withheld.NOBODY))
        found += [_of_person(people[code], situation) if code in people else _nobody_readable(code) for code in codes]
    return list({(each.way, each.target, each.recipient): each for each in reversed(found)}.values())[::-1]


def _people_of(name: str, situation: Situation) -> tuple[str, ...]:
    duty = situation.notice.duty
    if name == DUTY:
        return on_duty(duty, situation.changed_duty, situation.now)
    if name == BACKUP:
        return () if duty.backup is None else (duty.backup,)
    return (name,)


def _nobody_readable(name: str) -> Receiver:
    return Receiver(name, Way.MAIL, "", "", Withheld.UNREADABLE)


def _of_person(person: WatchPerson, situation: Situation) -> Receiver:
    address = person.email or situation.addresses.get(person.login or "", "")
    why_not = Withheld.NO if address else Withheld.NO_ADDRESS
    return Receiver(PERSON_CHANNEL, Way.MAIL, address, person.code, why_not)


def _of_channel(channel: Channel, situation: Situation) -> Iterator[Receiver]:
    match channel:
        case MailChannel():
            yield from (Receiver(channel.code, Way.MAIL, address) for address in channel.to)
        case WebhookChannel():
            yield Receiver(channel.code, Way.WEBHOOK, shown_url(channel.url, channel.code))
        case ChatChannel():
            yield Receiver(channel.code, Way(channel.kind), shown_url(None, channel.code))
        case PushChannel():
            yield from _phones(channel, situation)


def shown_url(url: str | None, code: str) -> str:
    """The address as it may be shown: without its query; where it stands in a file, the name of the channel."""
    if url is None:
        return f"channel:{code}"
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _phones(channel: PushChannel, situation: Situation) -> Iterator[Receiver]:
    people = {person.code: person for person in situation.notice.people}
    for name in channel.to:
        for code in _people_of(name, situation):
            phones = situation.phones.get(people[code].login or "", ()) if code in people else ()
            if not phones:
                yield Receiver(channel.code, Way.WEB_PUSH, "", code, Withheld.NO_PHONE)
            yield from (Receiver(channel.code, Way.WEB_PUSH, endpoint, code) for endpoint in phones)
