"""The parsing loop gives the same packets however the network cuts the stream."""

from itertools import pairwise

import mqtt5
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.mqtt.frames import Frames, packet_length


def publish(topic: str, payload: bytes, packet_id: int) -> bytes:
    return mqtt5.PublishPacket(topic, payload, qos=mqtt5.QoS.AT_LEAST_ONCE, packet_id=packet_id).write()


OTHERS = [
    mqtt5.ConnAckPacket(reason_str="hello").write(),
    mqtt5.PingRespPacket().write(),
    mqtt5.SubAckPacket(1, [mqtt5.SubAckReasonCode.GRANTED_QOS_AT_LEAST_ONCE]).write(),
    mqtt5.DisconnectPacket(reason_code=mqtt5.DisconnectReasonCode.SERVER_SHUTTING_DOWN).write(),
]
PACKETS = st.one_of(
    st.builds(
        publish, st.sampled_from(["a", "noroshi/v1/kochi/水位計/up"]), st.binary(max_size=400), st.integers(1, 9)
    ),
    st.sampled_from(OTHERS),
)


def told(packets: list[mqtt5.Packet]) -> list[str]:
    return [repr(packet) for packet in packets]


@given(st.lists(PACKETS, max_size=8), st.lists(st.integers(0, 3500), max_size=12))
def test_any_split_of_a_stream_gives_the_same_packets(packets: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(packets)
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    frames = Frames()
    pieces = [stream[start:end] for start, end in pairwise(edges)]
    cut = [packet for piece in pieces if piece for packet in frames.feed(piece)]
    assert told(cut) == told(Frames().feed(stream))
    assert len(cut) == len(packets)


@given(st.lists(PACKETS, min_size=1, max_size=4))
def test_a_stream_may_come_byte_by_byte(packets: list[bytes]) -> None:
    frames = Frames()
    slowly = [packet for byte in b"".join(packets) for packet in frames.feed(bytes([byte]))]
    assert len(slowly) == len(packets)


@pytest.mark.parametrize("packet", [*OTHERS, publish("a/b", b"payload", 7)])
def test_no_beginning_of_a_packet_is_taken_for_one(packet: bytes) -> None:
    for end in range(1, len(packet)):
        assert Frames().feed(packet[:end]) == []


@pytest.mark.timeout(15)
def test_a_large_packet_in_many_pieces_is_joined_once() -> None:
    """Joined again with every piece, this would copy 400 GB, for which there is no time."""
    packet = publish("camera", bytes(40_000_000), 1)
    frames = Frames()
    packets = [found for at in range(0, len(packet), 2000) for found in frames.feed(packet[at : at + 2000])]
    assert [len(found.payload) for found in packets if isinstance(found, mqtt5.PublishPacket)] == [40_000_000]


def test_a_length_that_points_behind_the_packet_is_an_error_not_a_wait() -> None:
    with pytest.raises(ValueError, match="length"):
        Frames().feed(b"\x32\x04\xff\xffab")


@given(st.sampled_from([0x20, 0x30, 0x32, 0x34, 0x40, 0x90, 0xD0, 0xE0]), st.lists(st.integers(0, 127), max_size=100))
def test_a_complete_packet_is_never_waited_for(first: int, body: list[int]) -> None:
    """Whatever is in it: a packet, or an error, but not a wait for bytes that will never come."""
    frames = Frames()
    try:
        assert len(frames.feed(bytes([first, len(body), *body]))) == 1
    except ValueError:
        return


def test_bytes_that_are_not_mqtt_are_an_error() -> None:
    with pytest.raises(ValueError, match="PacketType"):
        Frames().feed(b"\x00\x00 HTTP/1.1 400")


@given(st.integers(0, 268_435_455))
def test_the_length_is_read_from_the_fixed_header(remaining: int) -> None:
    header, left = bytearray([0x30]), remaining
    while True:
        left, digit = divmod(left, 128)
        header.append(digit | (0x80 if left else 0))
        if not left:
            break
    assert packet_length(bytes(header)) == len(header) + remaining
    assert packet_length(bytes(header[:-1])) == 0
