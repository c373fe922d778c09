"""The time of receipt of a message is the time of its *first* receipt.

A message without a time of its own is stored under the time it arrived. If the service dies after
the COMMIT and before the PUBACK, the broker delivers it again, under the same packet id and with
the duplicate flag: remembering packet id, bytes and first arrival makes it the same message again.

Packet ids come round, and a device may say the same all day: only what lies within the last messages
(the broker's window, with a margin) can be a redelivery. Redeliveries are not counted for that: a service
that is killed again and again, each time before its PUBACKs are out, gets the same messages in each life.

Not every broker keeps packet ids: RabbitMQ numbers a redelivery anew, so another message may come under the id of one
that is stored. So nothing is recognised on a connection before it is known that ids were kept on the way to it
(service/recognition.py): what is not recognised is stored, at worst twice.
"""

WINDOW = 24_000
"""Twice the default receive maximum, and far less than the 65,535 packet ids."""

CONNECTIONS = 8
"""How many connections are remembered. Messages of more do not wait to be interpreted at the same time."""


class FirstReceipts:
    """Packet id -> (message_id, received_us, position) of messages whose identity hangs on their time of receipt.

    `position` counts the messages of the session that came for the first time, over all lives of the service as far
    as they were committed.
    """

    def __init__(
        self, known: dict[int, tuple[int, int, int]] | None = None, position: int = 0, window: int = WINDOW
    ) -> None:
        self._known = known or {}
        self._window = window
        self._kept: list[int] = []
        self.position = position

    def ids_were_kept(self, generation: int) -> None:
        """On the connection of this number, packet ids mean what they meant on those before it."""
        self._kept = [*self._kept[-CONNECTIONS:], generation]

    def note(self, packet_id: int, message_id: int, received_us: int) -> None:
        """Remember a first receipt. A packet id is reused only after its message was acknowledged."""
        self._known[packet_id] = (message_id, received_us, self.position)

    def earlier(self, packet_id: int, message_id: int, generation: int) -> int | None:
        """When these bytes first came under this packet id, if they did so lately and the id is the same still."""
        found = self._known.get(packet_id) if generation in self._kept else None
        if found is None or found[0] != message_id or self.position - found[2] > self._window:
            return None
        return found[1]

    def forget(self) -> int:
        """Forget every first receipt. Returns the position up to which nothing is recognised any more."""
        self._known.clear()
        self._kept.clear()
        self.position += 1
        return self.position - 1

    def forget_until(self, position: int) -> None:
        """Forget the first receipts up to this position, which an earlier life of the service had noted."""
        self._known = {packet_id: note for packet_id, note in self._known.items() if note[2] > position}
        self.position = max(self.position, position + 1)
