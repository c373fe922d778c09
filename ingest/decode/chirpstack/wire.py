"""ChirpStack's protobuf messages, as far as they are read: a table of fields, and the classes made from it.

Numbers and types are those of the published definitions. There is no generated code that would have to fit the
version of the protobuf runtime; what is not in the table is skipped by the parser. Enumerations are read as numbers:
on the wire they are the same.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from google.protobuf import descriptor_pb2, timestamp_pb2
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.json_format import MessageToDict, SerializeToJsonError
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClassesForFiles

from ingest.decode.common.limits import Limits
from ingest.errors import Undecodable
from schemas.rejection import RejectionReason

_PACKAGE = "noroshi.chirpstack"

# message: number, name and type of each field; a * means repeated, a fourth word names the oneof that the
# field belongs to. Types with a capital are messages of this table, or Timestamp.
_TABLE: Mapping[str, str] = {
    "DeviceInfo": "8 dev_eui string",
    "Location": "1 latitude double, 2 longitude double, 3 altitude double, 5 accuracy float",
    "Lora": "1 bandwidth uint32, 2 spreading_factor uint32, 3 code_rate_legacy string, 5 code_rate int32",
    "Fsk": "2 datarate uint32",
    "LrFhss": "1 operating_channel_width uint32",
    "Modulation": "3 lora Lora, 4 fsk Fsk, 5 lr_fhss LrFhss",
    "UplinkTxInfo": "1 frequency uint32, 2 modulation Modulation",
    "DownlinkTxInfo": "1 frequency uint32, 2 power int32, 3 modulation Modulation",
    "UplinkRxInfo": "1 gateway_id string, 3 gw_time Timestamp, 17 ns_time Timestamp, 6 rssi int32, 7 snr float",
    "Relay": "1 dev_eui string, 2 frequency uint32, 3 dr uint32, 4 snr int32, 5 rssi int32, 6 wor_channel uint32",
    "JoinServerContext": "1 session_key_id string",
    # google.protobuf.Struct, with its map as the list of entries it is on the wire: half the price.
    "Struct": "1 fields *Entry",
    "Entry": "1 key string, 2 value Value",
    "Value": "1 null_value int32 kind, 2 number_value double kind, 3 string_value string kind, 4 bool_value bool kind,"
    " 5 struct_value Struct kind, 6 list_value List kind",
    "List": "1 values *Value",
    # Parts of an uplink that are nearly always the same, or nearly never there, stay bytes until needed.
    "up": "2 time Timestamp, 3 device_info DeviceInfo, 4 dev_addr string, 6 dr uint32, 7 f_cnt uint32,"
    " 8 f_port uint32, 9 confirmed bool, 10 data bytes, 11 object Struct, 12 rx_info *UplinkRxInfo,"
    " 13 tx_info bytes, 14 relay_rx_info bytes, 15 join_server_context bytes",
    "join": "2 time Timestamp, 3 device_info DeviceInfo, 4 dev_addr string, 5 relay_rx_info Relay,"
    " 6 join_server_context JoinServerContext",
    "ack": "2 time Timestamp, 3 device_info DeviceInfo, 4 queue_item_id string, 5 acknowledged bool,"
    " 6 f_cnt_down uint32",
    "txack": "2 time Timestamp, 3 device_info DeviceInfo, 4 queue_item_id string, 5 f_cnt_down uint32,"
    " 6 gateway_id string, 7 tx_info DownlinkTxInfo",
    "Context": "1 key string, 2 value string",
    "log": "1 time Timestamp, 2 device_info DeviceInfo, 3 level int32, 4 code int32, 5 description string,"
    " 6 context *Context",
    "status": "2 time Timestamp, 3 device_info DeviceInfo, 5 margin int32, 6 external_power_source bool,"
    " 7 battery_level_unavailable bool, 8 battery_level float",
    "location": "2 time Timestamp, 3 device_info DeviceInfo, 4 location Location",
    "integration": "2 time Timestamp, 3 device_info DeviceInfo, 4 integration_name string, 5 event_type string",
    "PerFrequency": "1 key uint32, 2 value uint32",
    "PerStatus": "1 key string, 2 value uint32",
    "gateway_stats": "17 gateway_id string, 2 time Timestamp, 3 location Location, 5 rx_packets_received uint32,"
    " 6 rx_packets_received_ok uint32, 7 tx_packets_received uint32, 8 tx_packets_emitted uint32,"
    " 13 rx_packets_per_frequency *PerFrequency, 16 tx_packets_per_status *PerStatus",
    "gateway_conn": "3 gateway_id string, 2 state int32",
    "gateway_up": "1 phy_payload bytes, 4 tx_info UplinkTxInfo, 5 rx_info UplinkRxInfo",
    "AckItem": "1 status int32",
    "DownLora": "1 bandwidth uint32, 2 spreading_factor uint32, 3 code_rate_legacy string, 5 code_rate int32,"
    " 6 preamble uint32, 7 no_crc bool",
    "DownModulation": "3 lora DownLora, 4 fsk Fsk",
    "DownTxInfo": "1 frequency uint32, 3 modulation DownModulation",
    "DownItem": "1 phy_payload bytes, 3 tx_info DownTxInfo",
    "gateway_down": "7 gateway_id string, 3 downlink_id uint32, 5 items *DownItem",
    "gateway_ack": "6 gateway_id string, 2 downlink_id uint32, 5 items *AckItem",
}
_FIRST_TAGS = frozenset(bytes([number << 3 | kind]) for number in (1, 2, 3) for kind in (0, 2))
"""Field 1, 2 or 3 as a number or as a length: every event has at least one of them, and fields go in order."""
_BLANK_STARTS = frozenset({b"\n"} | {bytes((10, byte)) for byte in b" \t\r\n{["})
_TIMESTAMP = ".google.protobuf.Timestamp"


def parse(payload: bytes, name: str, limits: Limits) -> Any:
    """The message of the table called `name`. Raises Undecodable if the bytes are not such a message."""
    if len(payload) > limits.max_bytes:
        raise Undecodable(RejectionReason.TOO_LARGE, f"{len(payload)} bytes, at most {limits.max_bytes}")
    try:
        return _PARSERS[name](payload)
    except DecodeError:
        raise Undecodable(RejectionReason.WRONG_SHAPE, "neither JSON nor a protobuf message of ChirpStack") from None


def as_json(message: Any, *, defaults: bool) -> dict[str, Any]:
    """The message by the JSON mapping of protobuf. Raises Undecodable for values that JSON cannot express."""
    try:
        plain: dict[str, Any] = MessageToDict(message, always_print_fields_with_no_presence=defaults)
    except (SerializeToJsonError, ValueError, OverflowError) as error:
        raise Undecodable(RejectionReason.WRONG_SHAPE, str(error)[:200]) from None
    return plain


def known(name: str) -> bool:
    """Whether the table has a message called `name`."""
    return name in _CLASSES


def is_protobuf(payload: bytes) -> bool:
    """Whether these bytes are protobuf, which begins with one of the first fields, where JSON begins with a bracket.

    The one byte that can begin both is the line feed, as a blank before JSON and as field 1. Anything else is
    left to the JSON parser, whose errors explain more.
    """
    start = payload[:2]
    if start[:1] not in _FIRST_TAGS:
        return False
    return start not in _BLANK_STARTS or payload.lstrip(b" \t\r\n")[:1] not in (b"{", b"[", b"")


def _descriptors() -> Iterator[descriptor_pb2.DescriptorProto]:
    for name, fields in _TABLE.items():
        message = descriptor_pb2.DescriptorProto(name=name)
        for field in fields.split(","):
            number, field_name, kind, *one_of = field.split()
            entry = message.field.add(name=field_name, number=int(number))
            entry.label = entry.LABEL_REPEATED if kind.startswith("*") else entry.LABEL_OPTIONAL
            kind = kind.removeprefix("*")
            if kind[0].isupper():
                entry.type = entry.TYPE_MESSAGE
                entry.type_name = _TIMESTAMP if kind == "Timestamp" else f".{_PACKAGE}.{kind}"
            else:
                entry.type = getattr(entry, f"TYPE_{kind.upper()}")
            if one_of:
                entry.oneof_index = 0
                message.oneof_decl or message.oneof_decl.add(name=one_of[0])
        yield message


def _classes() -> Mapping[str, type[Message]]:
    pool = DescriptorPool()
    pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
    ours = descriptor_pb2.FileDescriptorProto(
        name="noroshi/chirpstack.proto",
        package=_PACKAGE,
        syntax="proto3",
        dependency=["google/protobuf/timestamp.proto"],
        message_type=list(_descriptors()),
    )
    pool.AddSerializedFile(ours.SerializeToString())
    made = GetMessageClassesForFiles([ours.name], pool)
    return {name: made[f"{_PACKAGE}.{name}"] for name in _TABLE}


_CLASSES = _classes()
_PARSERS = {name: made.FromString for name, made in _CLASSES.items()}
