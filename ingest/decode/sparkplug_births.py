"""What Sparkplug nodes said about themselves, and which of it holds for a message.

A message that comes as it is published is read by the newest birth of its node. One that comes again (a redelivery,
a replay from quarantine) may be older than that: it is read by the birth that was in force when it was sent, by the
clock of the node, which stamps both.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ingest.decode.names import in_catalogue
from schemas.profile import FieldBinding

SEQ = 256
OVERTAKING_US = 5_000_000
KEPT_SESSIONS = 8
"""Of one node. What is older than that is not read wrongly but set aside."""


class Known(NamedTuple):
    """A metric as its birth announced it. `time_ms`: the time it gave there."""

    name: str
    alias: int | None
    datatype: int
    unit: str | None
    time_ms: int | None


class Certificate(NamedTuple):
    """A birth or a death. `device` is empty for the node itself; `said_ms`: by the clock of the node."""

    node: str
    device: str
    event: str
    message_id: int
    received_us: int
    said_ms: int | None
    bd_seq: int | None
    metrics: tuple[Known, ...] = ()


class Meaning(NamedTuple):
    """A known metric, and the binding its name has in the catalogue."""

    known: Known
    binding: FieldBinding | None


class View:
    """What the metrics of one device's messages mean. `foreign`: aliases of others behind the same node."""

    __slots__ = ("by_alias", "by_name", "foreign", "prepared")

    def __init__(self, own: Iterable[Certificate], others: Mapping[str, Certificate]) -> None:
        meanings = [Meaning(known, in_catalogue(known.name)) for certificate in own for known in certificate.metrics]
        self.by_alias = {one.known.alias: one for one in meanings if one.known.alias is not None}
        self.by_name = {one.known.name.encode(): one for one in meanings}
        self.prepared: object = None  # what a reader has worked out from it, once
        self.foreign = {
            known.alias: device
            for device, certificate in others.items()
            for known in certificate.metrics
            if known.alias is not None
        }


class Session:
    """From one birth of a node to its death or its next birth."""

    def __init__(self, birth: Certificate) -> None:
        self.birth = birth
        self.ended_us: int | None = None
        self._devices: dict[str, list[Certificate]] = {}
        self._views: dict[str, View] = {}

    def add(self, birth: Certificate) -> None:
        """The birth of a device."""
        births = self._devices.setdefault(birth.device, [])
        births.append(birth)
        births.sort(key=lambda one: one.received_us)
        del births[:-KEPT_SESSIONS]
        self._views.clear()

    def give_up_from(self, said_ms: int) -> list[Certificate]:
        """Births of devices that belong to a later session: they overtook the birth of their node."""
        later = [one for births in self._devices.values() for one in births if (one.said_ms or 0) >= said_ms]
        for one in later:
            self._devices[one.device].remove(one)
        self._views.clear()
        return later

    def view(self, device: str) -> View | None:
        """By the newest births; None if the device was not born in this session."""
        found = self._views.get(device)
        if found is None and (not device or self._devices.get(device)):
            found = self._views[device] = self._view_at(device, None)
        return found

    def view_at(self, device: str, said_ms: int | None) -> View | None:
        """By the births in force at a time of the node's clock; the first one where the time lies before it."""
        return self._view_at(device, said_ms) if not device or self._devices.get(device) else None

    def _view_at(self, device: str, said_ms: int | None) -> View:
        at = {name: _in_force(births, said_ms) for name, births in self._devices.items() if births}
        own = (self.birth, at.pop(device)) if device else (self.birth,)
        return View(own, at)


def _in_force(births: list[Certificate], said_ms: int | None) -> Certificate:
    if said_ms is None:
        return births[-1]
    return next((one for one in reversed(births) if (one.said_ms or 0) <= said_ms), births[0])


class Node:
    """The sessions of a node in the order of their receipt."""

    def __init__(self) -> None:
        self.sessions: list[Session] = []
        self.newest_us = 0
        self._deaths: list[int] = []
        self._last_seq: int | None = None
        self._missing: set[int] = set()
        self._missing_since_us = 0
        self._heard: set[tuple[str, int, int | None]] = set()
        self._orphans: list[Certificate] = []

    def add(self, told: Certificate) -> bool:
        """Whether it is news: the same again changes nothing."""
        if told.event == "NDEATH":
            return self._die(told)
        key = (told.device, told.message_id, told.said_ms)
        if key in self._heard:
            return False
        self._heard.add(key)
        self.newest_us = max(self.newest_us, told.received_us)
        if told.device:
            self._add_device(told)
        else:
            self._add_session(told)
        return True

    def _add_session(self, birth: Certificate) -> None:
        session = Session(birth)
        if birth.said_ms is not None:
            overtaking = [one for one in self._orphans if (one.said_ms or 0) >= birth.said_ms]
            self._orphans = [one for one in self._orphans if one not in overtaking]
            for earlier in self.sessions:
                if earlier.birth.received_us < birth.received_us:
                    overtaking += earlier.give_up_from(birth.said_ms)
            for one in overtaking:
                session.add(one)
        self._last_seq = None
        self._missing.clear()
        self.sessions.append(session)
        self.sessions.sort(key=lambda one: one.birth.received_us)
        del self.sessions[:-KEPT_SESSIONS]

    def _add_device(self, birth: Certificate) -> None:
        session = self.at(birth.said_ms)
        if session is not None:
            session.add(birth)
        else:
            self._orphans = [*self._orphans, birth][-KEPT_SESSIONS * 8 :]

    def _die(self, told: Certificate) -> bool:
        """The end of the session it names; a late death of an earlier one ends nothing.

        Where no session is known it is remembered all the same: what came before has nothing to do with what follows.
        """
        session = self.sessions[-1] if self.sessions else None
        if session is not None:
            if session.ended_us is not None or not _same_session(session.birth, told):
                return False
            session.ended_us = told.received_us
        self._deaths = [*self._deaths, told.received_us][-KEPT_SESSIONS:]
        self.newest_us = max(self.newest_us, told.received_us)
        return True

    def count(self, seq: int, received_us: int) -> None:
        """All messages of a node and its devices are numbered, 0 to 255 and round again; a birth begins anew."""
        ahead = 0 if self._last_seq is None else (seq - self._last_seq) % SEQ
        if ahead > SEQ // 2:
            self._missing.discard(seq)  # it was overtaken
            return
        if ahead > 1 and not self._missing:
            self._missing_since_us = received_us
        self._missing.update((seq - back) % SEQ for back in range(1, ahead))
        self._last_seq = seq

    def gave_up_waiting(self, now_us: int) -> bool:
        """Whether a message is missing for good; says so once."""
        late = bool(self._missing) and now_us - self._missing_since_us > OVERTAKING_US
        if late:
            self._missing.clear()
        return late

    def at(self, said_ms: int | None, alive_us: int | None = None) -> Session | None:
        """The newest session whose birth is not later, by the clock of the node, and that lived at `alive_us`."""
        for session in reversed(self.sessions):
            begun = session.birth.said_ms
            alive = alive_us is None or session.ended_us is None or session.ended_us >= alive_us
            if alive and (said_ms is None or begun is None or begun <= said_ms):
                return session
        return None

    def after(self, received_us: int) -> Session | None:
        """The first session heard of after a message: a node that was asked who it is, unless it died in between."""
        session = next((one for one in self.sessions if one.birth.received_us > received_us), None)
        if session is None or any(received_us < at_us < session.birth.received_us for at_us in self._deaths):
            return None
        return session


def _same_session(birth: Certificate, death: Certificate) -> bool:
    return birth.bd_seq is None or death.bd_seq is None or birth.bd_seq == death.bd_seq


class Births:
    """All nodes. Certificates of the database and of the wire go in by `add`, in any order."""

    def __init__(self, told: Iterable[Certificate] = ()) -> None:
        self._nodes: dict[str, Node] = {}
        self._news: set[str] = set()
        self._unread: set[str] = set()
        for one in told:
            self.add(one)

    def add(self, told: Certificate) -> bool:
        """Take a certificate in; whether it was news."""
        node = self._nodes.get(told.node)
        if node is None:
            node = self._nodes[told.node] = Node()
        news = node.add(told)
        if news and told.event != "NDEATH":
            self._news.add(told.node)
        return news

    def missed(self, sender: str) -> None:
        """A message of `sender` could not be read for want of a birth."""
        self._unread.add("/".join(sender.split("/")[:2]))

    def heard(self, sender: str, seq: int, received_us: int) -> None:
        """A message as it came, by its number: what is missing may be on its way, or lost."""
        node = self._nodes.get("/".join(sender.split("/")[:2]))
        if node is not None:
            node.count(seq, received_us)

    def take_news(self) -> tuple[set[str], set[str]]:
        """Nodes that announced something, and nodes that could not be read, since this was last asked."""
        taken = self._news, self._unread
        self._news, self._unread = set(), set()
        return taken

    def incomplete(self, now_us: int) -> set[str]:
        """Nodes of which a message is missing for longer than messages overtake each other; each is named once."""
        return {name for name, node in self._nodes.items() if node.gave_up_waiting(now_us)}

    def view(self, sender: str, said_ms: int | None, received_us: int, *, again: bool) -> View | None:
        """What holds for a message of `sender`; None if its birth is not known.

        `again`: the message may be older than its receipt says.
        """
        group, name, *device = sender.split("/", 2)
        node = self._nodes.get(f"{group}/{name}")
        if node is None or not node.sessions:
            return None
        of = device[0] if device else ""
        if not again and received_us >= node.newest_us:
            session: Session | None = node.sessions[-1]
            return session.view(of) if session is not None and session.ended_us is None else None
        session = node.at(said_ms, None if again else received_us) if said_ms is not None else None
        session = session or (None if again else node.after(received_us))
        return None if session is None else session.view_at(of, said_ms)
