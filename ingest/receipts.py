"""The time of receipt of a message is the time of its *first* receipt.

A message without a time of its own is stored under the time it arrived. If the service dies after
the COMMIT and before the PUBACK, the broker delivers it again, under the same packet id and with
the duplicate flag: remembering packet id, bytes and first arrival makes it the same message again.
"""


class FirstReceipts:
    """Packet id -> (message_id, received_us) of messages whose identity hangs on their time of receipt."""

    def __init__(self, known: dict[int, tuple[int, int]] | None = None) -> None:
        self._known = known or {}

    def note(self, packet_id: int, message_id: int, received_us: int) -> None:
        """Remember a first receipt. A packet id is reused only after its message was acknowledged."""
        self._known[packet_id] = (message_id, received_us)

    def earlier(self, packet_id: int, message_id: int) -> int | None:
        """When these bytes first came under this packet id, if they did."""
        found = self._known.get(packet_id)
        return found[1] if found is not None and found[0] == message_id else None
