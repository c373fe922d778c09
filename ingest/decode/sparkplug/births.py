"""What Sparkplug nodes said about themselves, and which of it holds for a message.

A message that comes as it is published is read by the newest birth of its node. One that comes again (a redelivery,
a replay from quarantine) may be older than that: it is read by the birth that was in force when it was sent, by the
clock of the node, which stamps both.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress

from ingest.decode.sparkplug.limits import USUAL, BirthLimits, refuse, refuse_strangers, weigh
from ingest.decode.sparkplug.session import KEPT_SESSIONS, Session, View
from ingest.errors import Undecodable
from schemas.certificate import Certificate

SEQ = 256
OVERTAKING_US = 5_000_000
ORPHANS = 64
"""Births of devices kept without that of their node: theirs may have been overtaken."""
HEARD = 2_048
"""Births of a node that are known when they come again, though they are forgotten themselves."""


class Node:
    """The sessions of a node in the order of their receipt."""

    def __init__(self) -> None:
        self.sessions: list[Session] = []
        self.newest_us = 0
        self._deaths: list[int] = []
        self._last_seq: int | None = None
        self._missing: set[int] = set()
        self._missing_since_us = 0
        self._heard: dict[tuple[str, int, int | None], None] = {}
        self._orphans: list[Certificate] = []
        self._orphan_weight = 0

    @property
    def weight(self) -> int:
        """Of everything that is kept of it, as `weigh` counts."""
        return sum(session.weight for session in self.sessions) + self._orphan_weight

    def has_heard(self, told: Certificate) -> bool:
        """Whether this birth came before."""
        if (told.device, told.message_id, told.said_ms) in self._heard:
            return True
        same = (told.message_id, told.said_ms)
        held = (one for session in self.sessions for one in (session.birth, *session.births_of(told.device)))
        return any((one.message_id, one.said_ms) == same and one.device == told.device for one in held)

    def in_force_with(self, told: Certificate) -> int:
        """The weight of what is in force once this birth is."""
        session = self.at(told.said_ms) if told.device else None
        return weigh(told) + (0 if session is None else session.in_force(told.device))

    def check_room(self, told: Certificate, limits: BirthLimits, *, registered: bool) -> None:
        """Raises Undecodable if what would be in force with this birth is more than a node may announce."""
        session = self.at(told.said_ms) if told.device else None
        if self.in_force_with(told) > limits.node_weight:
            most = limits.node_weight
            raise refuse(f"node {told.node[:100]} announces more than {most} metrics, its devices included")
        if session is None or not told.device or session.births_of(told.device):
            return
        if not registered and len(session.unregistered) >= limits.unregistered:
            raise refuse_strangers(told.node, limits)
        if session.devices >= limits.devices + limits.unregistered:
            raise refuse(f"more than {limits.devices} devices behind node {told.node[:100]}")

    def is_full_of_strangers(self, device: str, limits: BirthLimits) -> bool:
        """Whether no further device that is not registered may be born behind it now."""
        if not self.sessions:
            return len(self._orphans) >= min(ORPHANS, limits.unregistered)
        session = self.sessions[-1]
        return len(session.unregistered) >= limits.unregistered and not session.births_of(device)

    def add(self, told: Certificate, limits: BirthLimits = USUAL, *, registered: bool = True) -> bool:
        """Whether it is news: the same again changes nothing. For a birth there is room: `check_room` was asked."""
        if told.event == "NDEATH":
            return self._die(told)
        self._heard[(told.device, told.message_id, told.said_ms)] = None
        if len(self._heard) > HEARD:
            del self._heard[next(iter(self._heard))]
        self.newest_us = max(self.newest_us, told.received_us)
        if told.device:
            self._add_device(told, registered=registered)
        else:
            self._add_session(told, limits)
        self.forget_older(self.weight - limits.node_weight)
        return True

    def forget_older(self, weight: int) -> None:
        """Forget what is in force no longer, the oldest first, until so much weight is gained or nothing is left."""
        until = self.weight - weight
        while self.weight > until and len(self.sessions) > 1:
            del self.sessions[0]
        while self.weight > until and self._orphans:
            self._keep_orphans(self._orphans[1:])
        if self.weight > until and self.sessions:
            self.sessions[-1].forget_older(self.weight - until)

    def _add_session(self, birth: Certificate, limits: BirthLimits) -> None:
        session = Session(birth)
        if birth.said_ms is not None:
            overtaking = [one for one in self._orphans if (one.said_ms or 0) >= birth.said_ms]
            self._keep_orphans([one for one in self._orphans if (one.said_ms or 0) < birth.said_ms])
            for earlier in self.sessions:
                if earlier.birth.received_us < birth.received_us:
                    overtaking += earlier.give_up_from(birth.said_ms)
            for one in overtaking:
                if session.in_force(one.device) + weigh(one) <= limits.node_weight:
                    session.add(one)
        self._last_seq = None
        self._missing.clear()
        self.sessions.append(session)
        self.sessions.sort(key=lambda one: one.birth.received_us)
        del self.sessions[:-KEPT_SESSIONS]

    def _add_device(self, birth: Certificate, *, registered: bool) -> None:
        session = self.at(birth.said_ms)
        if session is None:
            self._keep_orphans([*self._orphans, birth][-ORPHANS:])
            return
        session.add(birth)
        if registered:
            session.unregistered.discard(birth.device)
        else:
            session.unregistered.add(birth.device)

    def _keep_orphans(self, orphans: list[Certificate]) -> None:
        self._orphans = orphans
        self._orphan_weight = sum(map(weigh, orphans))

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
    """All nodes. Certificates of the database and of the wire go in by `add`, in any order, as far as `limits` allow.

    `fetch`: what is known of a node, asked for when it is first needed; then no more nodes stay than the limits allow.
    """

    def __init__(
        self,
        told: Iterable[Certificate] = (),
        limits: BirthLimits = USUAL,
        fetch: Callable[[str], Iterable[tuple[Certificate, bool]]] | None = None,
    ) -> None:
        self.limits = limits
        self.weight = 0
        self.refused_total = 0
        self._fetch = fetch
        self._nodes: dict[str, Node] = {}
        self._news: set[str] = set()
        self._unread: set[str] = set()
        self._refused: dict[str, tuple[int, str]] = {}
        for one in told:
            self.add(one)

    def add(self, told: Certificate, *, registered: bool = True) -> bool:
        """Take a certificate in; whether it was news. `registered`: the device is. Raises Undecodable at a limit."""
        node = self._node(told.node) or self._nodes.setdefault(told.node, Node())
        if told.event != "NDEATH":
            if node.has_heard(told):
                return False
            try:
                node.check_room(told, self.limits, registered=registered)
                self._check_room_in_all(node, told)
            except Undecodable as over:
                self.note_refused(told.node, over.detail)
                raise
        before = node.weight
        news = node.add(told, self.limits, registered=registered)
        self.weight += node.weight - before
        self._make_room(0)
        if news and told.event != "NDEATH":
            self._news.add(told.node)
        return news

    def check_stranger(self, node: str, device: str) -> None:
        """Raises Undecodable if no birth of this device, which is not registered, would be kept: before it is read."""
        known = self._node(node)
        if known is not None and known.is_full_of_strangers(device, self.limits):
            over = refuse_strangers(node, self.limits)
            self.note_refused(node, over.detail)
            raise over

    @property
    def gauges(self) -> dict[str, float]:
        """What the catalogue of metrics says of it."""
        return {"sparkplug_births_kept": self.weight, "sparkplug_births_refused": self.refused_total}

    def offer(self, told: Iterable[tuple[Certificate, bool]]) -> None:
        """Take in what was accepted before, by the limits of that time; what does not fit is noted, not raised."""
        for one, registered in told:
            with suppress(Undecodable):
                self.add(one, registered=registered)

    def note_refused(self, node: str, detail: str, births: int = 1) -> None:
        """Births of this node were over a limit."""
        self.refused_total += births
        self._refused[node] = (self._refused.get(node, (0, ""))[0] + births, detail)

    def take_refused(self) -> dict[str, tuple[int, str]]:
        """Births over a limit since this was last asked: node -> how many, and why the last one."""
        taken, self._refused = self._refused, {}
        return taken

    def _check_room_in_all(self, node: Node, told: Certificate) -> None:
        """What is old makes room first, that of the heaviest nodes. A node within an equal share is never refused."""
        self._make_room(weigh(told))
        over = self.weight + weigh(told) > self.limits.weight_in_all
        if over and node.in_force_with(told) > self.limits.weight_in_all // len(self._nodes):
            most = self.limits.weight_in_all
            raise refuse(f"node {told.node[:100]} announces more than its share of {most} metrics")

    def _make_room(self, more: int) -> None:
        while self.weight + more > self.limits.weight_in_all:
            heaviest = max(self._nodes.values(), key=lambda one: one.weight if len(one.sessions) > 1 else 0)
            before = heaviest.weight
            heaviest.forget_older(self.weight + more - self.limits.weight_in_all)
            self.weight -= before - heaviest.weight
            if before == heaviest.weight:
                return

    def _node(self, name: str) -> Node | None:
        """Also one that has to be fetched first."""
        node = self._nodes.get(name)
        if node is not None or self._fetch is None:
            return node
        while self._nodes and self.weight > self.limits.weight_in_all - self.limits.node_weight:
            self.weight -= self._nodes.pop(next(iter(self._nodes))).weight
        self._nodes[name] = Node()
        self.offer(self._fetch(name))
        return self._nodes[name]

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
        node = self._node(f"{group}/{name}")
        if node is None or not node.sessions:
            return None
        of = device[0] if device else ""
        if not again and received_us >= node.newest_us:
            session: Session | None = node.sessions[-1]
            return session.view(of) if session is not None and session.ended_us is None else None
        session = node.at(said_ms, None if again else received_us) if said_ms is not None else None
        session = session or (None if again else node.after(received_us))
        return None if session is None else session.view_at(of, said_ms)
