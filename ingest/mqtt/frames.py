"""Bytes off the wire -> MQTT 5 packets, whatever pieces they arrive in. No socket, no clock."""

import mqtt5


class Frames:
    """Cuts a byte stream into packets and keeps the beginning of an unfinished one.

    A packet that arrives in many pieces is joined once, when its last byte is there.
    """

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._have = 0
        self._wanted = 0

    def feed(self, data: bytes) -> list[mqtt5.Packet]:
        """All packets that are complete with `data`. Raises ValueError on bytes that are not MQTT 5."""
        if self._pieces:
            self._pieces.append(data)
            self._have += len(data)
            if self._have < self._wanted:
                return []
            data = b"".join(self._pieces)
            self._pieces.clear()
        packets: list[mqtt5.Packet] = []
        append, read, view = packets.append, mqtt5.read, memoryview(data)
        at, size = 0, len(data)
        try:
            while at < size:
                packet, length = read(view[at:])
                append(packet)
                at += length
        except IndexError:  # the codec's word for "the rest is still missing"
            self._keep(data[at:])
        return packets

    def _keep(self, rest: bytes) -> None:
        self._have = len(rest)
        self._wanted = packet_length(rest) or self._have + 1
        self._pieces.append(rest)


def packet_length(beginning: bytes) -> int:
    """Length in bytes of the packet that begins so; 0 while its fixed header is incomplete."""
    length, shift = 0, 0
    for position, byte in enumerate(beginning[1:5], start=2):
        length |= (byte & 0x7F) << shift
        if byte < 0x80:
            return position + length
        shift += 7
    return 0
