"""The protobuf messages of Sparkplug B, as far as they are read: field numbers and types, no generated code.

Names are kept as bytes: they are compared far more often than they are shown.
"""

from collections.abc import Mapping
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message, message_factory

from ingest.decode.common.limits import Limits, check_parts
from ingest.errors import Undecodable
from schemas.rejection import RejectionReason

_Type = descriptor_pb2.FieldDescriptorProto
_TYPES = {
    "double": _Type.TYPE_DOUBLE, "float": _Type.TYPE_FLOAT, "uint64": _Type.TYPE_UINT64, "uint32": _Type.TYPE_UINT32,
    "bool": _Type.TYPE_BOOL, "bytes": _Type.TYPE_BYTES,
}  # fmt: skip

# field number -> name, type; a type with * is repeated, one with a capital letter is another message. proto2.
_MESSAGES: Mapping[str, Mapping[int, tuple[str, str]]] = {
    "PropertyValue": {
        1: ("type", "uint32"), 2: ("is_null", "bool"), 3: ("int_value", "uint32"), 4: ("long_value", "uint64"),
        5: ("float_value", "float"), 6: ("double_value", "double"), 7: ("boolean_value", "bool"),
        8: ("string_value", "bytes"),
    },
    "PropertySet": {1: ("keys", "bytes*"), 2: ("values", "PropertyValue*")},
    "Metric": {
        1: ("name", "bytes"), 2: ("alias", "uint64"), 3: ("timestamp", "uint64"), 4: ("datatype", "uint32"),
        5: ("is_historical", "bool"), 6: ("is_transient", "bool"), 7: ("is_null", "bool"),
        9: ("properties", "PropertySet"),
        10: ("int_value", "uint32"), 11: ("long_value", "uint64"), 12: ("float_value", "float"),
        13: ("double_value", "double"), 14: ("boolean_value", "bool"), 15: ("string_value", "bytes"),
        16: ("bytes_value", "bytes"), 17: ("dataset_value", "bytes"), 18: ("template_value", "bytes"),
    },
    "Payload": {1: ("timestamp", "uint64"), 2: ("metrics", "Metric*"), 3: ("seq", "uint64")},
}  # fmt: skip
_FIRST_VALUE = 10
"""From this number on the fields of a Metric are its value; one of them is set at most."""

Payload = Any
Metric = Any


def _make() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="sparkplug.proto", package="sparkplug", syntax="proto2")
    for name, fields in _MESSAGES.items():
        made = file.message_type.add(name=name)
        if name == "Metric":
            made.oneof_decl.add(name="value")
        for number, (field, kind) in fields.items():
            _add(made, number, field, kind)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("sparkplug.Payload"))


def _add(made: descriptor_pb2.DescriptorProto, number: int, field: str, kind: str) -> None:
    one = made.field.add(name=field, number=number)
    one.label = _Type.LABEL_REPEATED if kind.endswith("*") else _Type.LABEL_OPTIONAL
    kind = kind.removesuffix("*")
    if kind in _TYPES:
        one.type = _TYPES[kind]
    else:
        one.type, one.type_name = _Type.TYPE_MESSAGE, f".sparkplug.{kind}"
    if made.name == "Metric" and number >= _FIRST_VALUE:
        one.oneof_index = 0


PAYLOAD = _make()
_parse = PAYLOAD.FromString


def rebirth_request(now_ms: int) -> bytes:
    """The payload of an NCMD that asks a node for its births."""
    request: Any = PAYLOAD()
    request.timestamp = now_ms
    metric = request.metrics.add()
    metric.name, metric.timestamp, metric.datatype, metric.boolean_value = b"Node Control/Rebirth", now_ms, 11, True
    made: bytes = request.SerializeToString()
    return made


def parse(payload: bytes, limits: Limits) -> Payload:
    """The payload as a message. Raises Undecodable, never anything else."""
    size = len(payload)
    if size > limits.max_bytes:
        raise Undecodable(RejectionReason.TOO_LARGE, f"{size} bytes, at most {limits.max_bytes}")
    if not payload:
        raise Undecodable(RejectionReason.EMPTY_PAYLOAD)
    try:
        payload_message: Any = _parse(payload)
    except message.DecodeError as error:
        raise Undecodable(RejectionReason.MALFORMED, f"no Sparkplug payload: {error}"[:200]) from None
    count = len(payload_message.metrics)
    if count > limits.max_parts or count > limits.max_elements:
        check_parts(count, min(limits.max_elements, limits.max_parts), "metrics")
    return payload_message
