"""Write a registry document as YAML that `apply` reads again, and its devices as a table for Excel."""

import csv
import io
import re
from collections.abc import Mapping
from datetime import date

import yaml
from pydantic import BaseModel

from ingest.registry.columns import COLUMNS
from ingest.registry.problem import Kind
from schemas.device import Device
from schemas.foreign import UNSEEN, kept_cell
from schemas.registry import RegistryDocument

BYTE_ORDER_MARK = "\ufeff"
_TITLE = "# 狼煙 台帳。書き換えて `noroshi registry apply` で反映します。書かれていないものは変わりません。\n"


class _Dumper(yaml.CSafeDumper):
    """Without anchors: two devices with the same date are two dates."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the signature is PyYAML's
        """Part of the Dumper protocol of PyYAML; True makes it write every value out."""
        return True


def _text(dumper: yaml.CSafeDumper, text: str) -> yaml.ScalarNode:
    """A text with invisible characters is quoted: only there YAML can escape them."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if UNSEEN.search(text) else None)


_Dumper.add_representer(str, _text)


def _escaped(found: re.Match[str]) -> str:
    return f"\\U{ord(found[0]):08x}"


def as_yaml(document: RegistryDocument) -> str:
    """The document as YAML, without empty fields and defaults."""
    body = {str(kind): [_item(thing) for thing in getattr(document, str(kind))] for kind in Kind}
    filled = {kind: items for kind, items in body.items() if items}
    return _TITLE + dump_yaml(filled)


def dump_yaml(body: object) -> str:
    """A body of lists and mappings as YAML for people: in its order, in Japanese, with invisible characters escaped."""
    return UNSEEN.sub(_escaped, yaml.dump(body, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120))


def _item(thing: BaseModel) -> Mapping[str, object]:
    values = thing.model_dump(mode="json", exclude_none=True, exclude_defaults=not isinstance(thing, Device))
    if "ignore" in values:
        values["ignore"] = sorted(values["ignore"])  # a set has no order, a file under version control needs one
    return values


def devices_csv(document: RegistryDocument) -> str:
    """The devices as a table for Excel: byte order mark, CRLF, Japanese headings, empty for unknown."""
    # The first column of each field: seconds, not minutes.
    columns = {column.field: column.heading for column in reversed(COLUMNS[Kind.DEVICE])}
    fields = list(reversed(columns))
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(columns[field] for field in fields)
    for device in document.devices:
        writer.writerow(_cell(field, getattr(device, field)) for field in fields)
    return BYTE_ORDER_MARK + target.getvalue()


def _cell(field: str, value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "○" if value else "×"
        case date():
            return value.isoformat()
        case str() if field == "dev_eui":
            # In pairs, so that Excel cannot take it for a number: 7000000000000e12 would be one.
            return "-".join(value[start : start + 2] for start in range(0, len(value), 2)).upper()
        case str():
            return kept_cell(value)
        case _:
            return str(value)
