"""The births of Sparkplug nodes, and which birth holds for a message (decision 015).

A message that arrives for the first time is read by the newest birth of its node. A redelivery or a replay from
quarantine may be older than that birth. It is read by the birth that was in force when the message was sent, by the
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
"""Births of devices that are kept before the birth of their node: they may have overtaken it."""
HEARD = 2_048
"""Births of a node that are recognized when they come again, even if their metrics are forgotten."""


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
        """The weight of all births kept of this node, as `weigh` counts."""
        return sum(session.weight for session in self.sessions) + self._orphan_weight

    def has_heard(self, certificate: Certificate) -> bool:
        """Whether this birth was added before."""
        if (certificate.device, certificate.message_id, certificate.said_ms) in self._heard:
            return True
        same = (certificate.message_id, certificate.said_ms)
        held = (birth for session in self.sessions for birth in (session.birth, *session.births_of(certificate.device)))
        return any((birth.message_id, birth.said_ms) == same and birth.device == certificate.device for birth in held)

    def in_force_with(self, certificate: Certificate) -> int:
        """The weight of all births in force if this one is added."""
        session = self.at(certificate.said_ms) if certificate.device else None
        return weigh(certificate) + (0 if session is None else session.in_force(certificate.device))

    def check_room(self, certificate: Certificate, limits: BirthLimits, *, registered: bool) -> None:
        """Raises Undecodable if the node would announce more than it may with this birth in force."""
        session = self.at(certificate.said_ms) if certificate.device else None
        if self.in_force_with(certificate) > limits.node_weight:
            most = limits.node_weight
            raise refuse(f"node {certificate.node[:100]} announces more than {most} metrics, its devices included")
        if session is None or not certificate.device or session.births_of(certificate.device):
            return
        if not registered and len(session.unregistered) >= limits.unregistered:
            raise refuse_strangers(certificate.node, limits)
        if session.devices >= limits.devices + limits.unregistered:
            raise refuse(f"more than {limits.devices} devices behind node {certificate.node[:100]}")

    def is_full_of_strangers(self, device: str, limits: BirthLimits) -> bool:
        """Whether the limit of unregistered devices behind this node is reached, and this device is not among them."""
        if not self.sessions:
            return len(self._orphans) >= min(ORPHANS, limits.unregistered)
        session = self.sessions[-1]
        return len(session.unregistered) >= limits.unregistered and not session.births_of(device)

    def add(self, certificate: Certificate, limits: BirthLimits = USUAL, *, registered: bool = True) -> bool:
        """Take in a birth that `check_room` has let pass, or a death. False for a death that changes nothing."""
        if certificate.event == "NDEATH":
            return self._die(certificate)
        # Kept apart from the sessions: a birth that is forgotten for its weight must not be new when it comes again.
        self._heard[(certificate.device, certificate.message_id, certificate.said_ms)] = None
        if len(self._heard) > HEARD:
            del self._heard[next(iter(self._heard))]
        self.newest_us = max(self.newest_us, certificate.received_us)
        if certificate.device:
            self._add_device(certificate, registered=registered)
        else:
            self._add_session(certificate, limits)
        # `check_room` counted only what is in force. What this birth has put out of force may be too much to keep.
        self.forget_older(self.weight - limits.node_weight)
        return True

    def forget_older(self, weight: int) -> None:
        """Forget births that are no longer in force, the oldest first, until `weight` is freed or none is left."""
        until = self.weight - weight
        while self.weight > until and len(self.sessions) > 1:
            del self.sessions[0]
        while self.weight > until and self._orphans:
            self._keep_orphans(self._orphans[1:])
        if self.weight > until and self.sessions:
            self.sessions[-1].forget_older(self.weight - until)

    def _add_session(self, birth: Certificate, limits: BirthLimits) -> None:
        # A broker may deliver the birth of a device before that of its node. Such births, by the clock of the node not
        # older than this one, are waiting as orphans or stand in an earlier session: both move to the new session.
        session = Session(birth)
        if birth.said_ms is not None:
            overtaking = [orphan for orphan in self._orphans if (orphan.said_ms or 0) >= birth.said_ms]
            self._keep_orphans([orphan for orphan in self._orphans if (orphan.said_ms or 0) < birth.said_ms])
            for earlier in self.sessions:
                if earlier.birth.received_us < birth.received_us:
                    overtaking += earlier.give_up_from(birth.said_ms)
            for device_birth in overtaking:
                if session.in_force(device_birth.device) + weigh(device_birth) <= limits.node_weight:
                    session.add(device_birth)
        # A birth begins the numbers anew, so what was missing before it can no longer be told.
        self._last_seq = None
        self._missing.clear()
        self.sessions.append(session)
        self.sessions.sort(key=lambda kept: kept.birth.received_us)
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

    def _die(self, certificate: Certificate) -> bool:
        """End the session that this death names. A late death of an earlier session ends nothing: False.

        Without a known session its time is kept all the same: `after` must not reach across a death.
        """
        session = self.sessions[-1] if self.sessions else None
        if session is not None:
            if session.ended_us is not None or not _same_session(session.birth, certificate):
                return False
            session.ended_us = certificate.received_us
        self._deaths = [*self._deaths, certificate.received_us][-KEPT_SESSIONS:]
        self.newest_us = max(self.newest_us, certificate.received_us)
        return True

    def count(self, seq: int, received_us: int) -> None:
        """Note the number of a message. A node numbers all messages, its devices included, 0 to 255 and round again."""
        ahead = 0 if self._last_seq is None else (seq - self._last_seq) % SEQ
        if ahead > SEQ // 2:
            self._missing.discard(seq)  # more than half a round ahead is behind: it was overtaken
            return
        if ahead > 1 and not self._missing:
            self._missing_since_us = received_us
        self._missing.update((seq - back) % SEQ for back in range(1, ahead))
        self._last_seq = seq

    def gave_up_waiting(self, now_us: int) -> bool:
        """Whether a message has been missing for longer than OVERTAKING_US; true once for each gap."""
        late = bool(self._missing) and now_us - self._missing_since_us > OVERTAKING_US
        if late:
            self._missing.clear()
        return late

    def at(self, said_ms: int | None, alive_us: int | None = None) -> Session | None:
        """The newest session born at `said_ms` or before, by the clock of the node, that was alive at `alive_us`."""
        for session in reversed(self.sessions):
            begun = session.birth.said_ms
            alive = alive_us is None or session.ended_us is None or session.ended_us >= alive_us
            if alive and (said_ms is None or begun is None or begun <= said_ms):
                return session
        return None

    def after(self, received_us: int) -> Session | None:
        """The first session born after a message, unless the node died in between: it may answer a rebirth request."""
        session = next((one for one in self.sessions if one.birth.received_us > received_us), None)
        if session is None or any(received_us < at_us < session.birth.received_us for at_us in self._deaths):
            return None
        return session


def _same_session(birth: Certificate, death: Certificate) -> bool:
    return birth.bd_seq is None or death.bd_seq is None or birth.bd_seq == death.bd_seq


class Births:
    """The births of all nodes. `add` takes certificates of the database and of the wire in any order, within `limits`.

    `fetch`: reads what is known of a node, called when the node is first needed. With it, whole nodes are dropped from
    memory when the limits ask for it.
    """

    def __init__(
        self,
        certificates: Iterable[Certificate] = (),
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
        for certificate in certificates:
            self.add(certificate)

    def add(self, certificate: Certificate, *, registered: bool = True) -> bool:
        """Take a certificate in; True if it was new. `registered`: the device is. Raises Undecodable at a limit."""
        node = self._node(certificate.node) or self._nodes.setdefault(certificate.node, Node())
        if certificate.event != "NDEATH":
            if node.has_heard(certificate):
                return False
            try:
                node.check_room(certificate, self.limits, registered=registered)
                self._check_room_in_all(node, certificate)
            except Undecodable as over:
                self.note_refused(certificate.node, over.detail)
                raise
        before = node.weight
        news = node.add(certificate, self.limits, registered=registered)
        self.weight += node.weight - before
        self._make_room(0)
        if news and certificate.event != "NDEATH":
            self._news.add(certificate.node)
        return news

    def check_stranger(self, node: str, device: str) -> None:
        """Raises Undecodable if no birth of this unregistered device would be kept. Called before parsing it."""
        kept = self._node(node)
        if kept is not None and kept.is_full_of_strangers(device, self.limits):
            over = refuse_strangers(node, self.limits)
            self.note_refused(node, over.detail)
            raise over

    @property
    def gauges(self) -> dict[str, float]:
        """Gauges by their names in the catalogue of metrics."""
        return {"sparkplug_births_kept": self.weight, "sparkplug_births_refused": self.refused_total}

    def offer(self, certificates: Iterable[tuple[Certificate, bool]]) -> None:
        """Take in births that were accepted before. One that is over a limit now is counted as refused, not raised."""
        for certificate, registered in certificates:
            with suppress(Undecodable):
                self.add(certificate, registered=registered)

    def note_refused(self, node: str, detail: str, births: int = 1) -> None:
        """Count births of this node that were over a limit."""
        self.refused_total += births
        self._refused[node] = (self._refused.get(node, (0, ""))[0] + births, detail)

    def take_refused(self) -> dict[str, tuple[int, str]]:
        """Births over a limit since the last call: node -> (how many, why the last one)."""
        taken, self._refused = self._refused, {}
        return taken

    def _check_room_in_all(self, node: Node, certificate: Certificate) -> None:
        """Forget old births first, those of the heaviest nodes. A node within an equal share is never refused."""
        self._make_room(weigh(certificate))
        over = self.weight + weigh(certificate) > self.limits.weight_in_all
        if over and node.in_force_with(certificate) > self.limits.weight_in_all // len(self._nodes):
            most = self.limits.weight_in_all
            raise refuse(f"node {certificate.node[:100]} announces more than its share of {most} metrics")

    def _make_room(self, more: int) -> None:
        while self.weight + more > self.limits.weight_in_all:
            heaviest = max(self._nodes.values(), key=lambda node: node.weight if len(node.sessions) > 1 else 0)
            before = heaviest.weight
            heaviest.forget_older(self.weight + more - self.limits.weight_in_all)
            self.weight -= before - heaviest.weight
            if before == heaviest.weight:
                return

    def _node(self, name: str) -> Node | None:
        """The node, fetched if it is not in memory; None if it is unknown."""
        node = self._nodes.get(name)
        if node is not None or self._fetch is None:
            return node
        while self._nodes and self.weight > self.limits.weight_in_all - self.limits.node_weight:
            self.weight -= self._nodes.pop(next(iter(self._nodes))).weight
        self._nodes[name] = Node()
        self.offer(self._fetch(name))
        return self._nodes[name]

    def missed(self, sender: str) -> None:
        """Note that a message of `sender` could not be read without its birth."""
        self._unread.add("/".join(sender.split("/")[:2]))

    def heard(self, sender: str, seq: int, received_us: int) -> None:
        """Note the number of a first delivery. A missing number may be of a message on its way, or of a lost one."""
        node = self._nodes.get("/".join(sender.split("/")[:2]))
        if node is not None:
            node.count(seq, received_us)

    def take_news(self) -> tuple[set[str], set[str]]:
        """(nodes with new births, nodes whose messages could not be read) since the last call."""
        taken = self._news, self._unread
        self._news, self._unread = set(), set()
        return taken

    def incomplete(self, now_us: int) -> set[str]:
        """Nodes with a message missing for longer than OVERTAKING_US; each gap is reported once."""
        return {name for name, node in self._nodes.items() if node.gave_up_waiting(now_us)}

    def view(self, sender: str, said_ms: int | None, received_us: int, *, again: bool) -> View | None:
        """The view that a message of `sender` is read by; None if its birth is not known.

        `again`: the message may be older than its receipt says.
        """
        group, name, *device = sender.split("/", 2)
        node = self._node(f"{group}/{name}")
        if node is None or not node.sessions:
            return None
        device_name = device[0] if device else ""
        if not again and received_us >= node.newest_us:
            session: Session | None = node.sessions[-1]
            return session.view(device_name) if session is not None and session.ended_us is None else None
        session = node.at(said_ms, None if again else received_us) if said_ms is not None else None
        session = session or (None if again else node.after(received_us))
        return None if session is None else session.view_at(device_name, said_ms)
