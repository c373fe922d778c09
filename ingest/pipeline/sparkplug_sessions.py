"""Sparkplug on the path: what a message means by the births before it, and what it changes about them."""

from functools import partial

from ingest.decode.common.limits import Limits
from ingest.decode.sparkplug import sparkplug
from ingest.decode.sparkplug.births import Births
from ingest.decode.sparkplug.limits import check_lengths
from ingest.errors import Undecodable
from ingest.message import Received
from ingest.pipeline.route import Destination
from schemas.certificate import Certificate
from schemas.profile import Profile
from schemas.rejection import RejectionReason
from schemas.uplink import Link, Uplink


class Sessions:
    """Reads Sparkplug messages by the sessions of their nodes, as far as `births` knows them."""

    def __init__(self, births: Births, limits: Limits) -> None:
        self.births = births
        self._limits = limits

    def read(self, message: Received, to: Destination, profile: Profile | None, received_us: int) -> Uplink:
        """What the message says. Raises Undecodable (not_born among others). Reading it twice changes nothing."""
        births = self.births
        look_up = partial(births.view, to.sender, received_us=received_us, again=message.duplicate)
        try:
            uplink = sparkplug.decode(message.payload, to.event, profile, self._limits, look_up)
        except Undecodable as bad:
            if bad.reason is RejectionReason.NOT_BORN:
                births.missed(to.sender)
            raise
        if any(refused.reason is RejectionReason.NOT_BORN for refused in uplink.refused):
            births.missed(to.sender)
        if uplink.counter is None:
            return uplink
        if not message.duplicate:
            births.heard(to.sender, uplink.counter, received_us)
        # A node and all its devices share this number, and it turns round at 256: no gap of it is a loss of a device.
        return uplink._replace(counter=None, link=Link(more={"seq": uplink.counter}))

    def certificate(
        self, message: Received, to: Destination, message_id: int, received_us: int, *, registered: bool
    ) -> Certificate | None:
        """A birth or death that changes what later messages mean. Raises Undecodable for a birth over a limit."""
        if to.event == "DBIRTH" and not registered:
            # Devices can be invented by the thousand, and reading a large birth takes tens of milliseconds.
            self.births.check_stranger(node_of(to.sender), to.sender.rpartition("/")[2])
        try:
            certificate = sparkplug.certificate(
                message.payload, to.event, to.sender, message_id, received_us, self._limits
            )
        except Undecodable:
            return None  # reading it will say so again
        if certificate is None:
            return None
        try:
            check_lengths(certificate)
        except Undecodable as over:
            self.births.note_refused(certificate.node, over.detail)
            raise
        return certificate if self.births.add(certificate, registered=registered) else None


def node_of(sender: str) -> str:
    """group/edge node of group/edge node[/device]."""
    return "/".join(sender.split("/")[:2])
