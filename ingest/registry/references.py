"""Checks that everything a document names exists, and that unique values are unique."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from ingest.registry.columns import label
from ingest.registry.problem import Kind, Problem, Subject
from schemas.bilingual import Bilingual

REFERENCES: Mapping[Kind, tuple[tuple[str, Kind], ...]] = {
    Kind.QUANTITY: (("project", Kind.PROJECT),),
    Kind.RANGE: (("project", Kind.PROJECT),),
    Kind.NETWORK: (("project", Kind.PROJECT),),
    Kind.GATEWAY: (("network", Kind.NETWORK),),
    Kind.DEVICE: (
        ("project", Kind.PROJECT),
        ("network", Kind.NETWORK),
        ("gateway", Kind.GATEWAY),
        ("profile", Kind.PROFILE),
    ),
    Kind.BINDING: (("profile", Kind.PROFILE),),
    Kind.ASSET: (("project", Kind.PROJECT), ("gateway", Kind.GATEWAY)),
}
IDENTITIES: Mapping[Kind, tuple[str, ...]] = {
    Kind.GATEWAY: ("gateway_id",),
    Kind.DEVICE: ("dev_eui", "things_stack_id", "sparkplug_id", "client_id"),
}

NEAR_AMONG = 500
"""Most codes that are searched for the nearest one. The search is slow, and a hint need not be complete."""

Rows = Mapping[Kind, Mapping[str, Mapping[str, Any]]]
Wanted = Mapping[Kind, Mapping[str, BaseModel]]


def check_references(final: Rows, wanted: Wanted, shipped: frozenset[str], broken: frozenset[Subject]) -> list[Problem]:
    """A problem for each code that is neither in the document nor in the database (nor, for profiles, shipped)."""
    exists = {kind: set(rows) for kind, rows in final.items()}
    exists[Kind.PROFILE] |= shipped
    for subject in broken:
        exists[subject.kind].add(subject.key)
    messages: dict[tuple[Kind, str], Bilingual] = {}
    problems: list[Problem] = []
    for kind, references in REFERENCES.items():
        for key in wanted[kind]:
            for name, target in references:
                code = final[kind][key][name]
                if code is not None and code not in exists[target]:
                    message = messages.get((target, code)) or _unknown(target, code, exists[target])
                    messages[target, code] = message
                    problems.append(Problem(message, column=label(kind, name), subject=Subject(kind, key)))
    return problems + list(_strangers(final, wanted))


def _unknown(target: Kind, code: str, exists: set[str]) -> Bilingual:
    near = difflib.get_close_matches(code, sorted(exists)[:NEAR_AMONG], n=1, cutoff=0.6)
    hint = Bilingual("先に登録してください", "register it first")
    if near:
        hint = Bilingual(f"「{near[0]}」ではありませんか", f"did you mean {near[0]}?")
    return Bilingual(
        f"{target.label.ja}「{code}」は台帳にもファイルにもありません。{hint.ja}",
        f"the {target.label.en} {code!r} is neither in the registry nor in the files: {hint.en}",
    )


def _strangers(final: Rows, wanted: Wanted) -> Iterator[Problem]:
    """A device must not name a gateway of another network: silence is grouped by the network of the gateway."""
    for key in wanted[Kind.DEVICE]:
        row = final[Kind.DEVICE][key]
        gateway = final[Kind.GATEWAY].get(row["gateway"])
        if gateway and gateway["network"] != row["network"]:
            message = Bilingual(
                f"基地局「{row['gateway']}」は通信網「{gateway['network']}」のもので、"
                f"機器の通信網「{row['network']}」と合いません。どちらかを直してください",
                f"the gateway {row['gateway']!r} is of the network {gateway['network']!r}, not of the network"
                f" {row['network']!r} of the device: correct one of them",
            )
            yield Problem(message, column=label(Kind.DEVICE, "gateway"), subject=Subject(Kind.DEVICE, key))


def check_identities(final: Rows, wanted: Wanted) -> list[Problem]:
    """A problem for each id that two gateways or two devices would have."""
    problems: list[Problem] = []
    for kind, names in IDENTITIES.items():
        for name in names:
            problems += _twice(kind, name, final[kind], wanted[kind])
    return problems


def _twice(
    kind: Kind, name: str, rows: Mapping[str, Mapping[str, Any]], wanted: Mapping[str, BaseModel]
) -> Iterator[Problem]:
    owners: dict[str, str] = {row[name]: key for key, row in rows.items() if row[name] and key not in wanted}
    for key in wanted:
        value = rows[key][name]
        if not value:
            continue
        owner = owners.setdefault(value, key)
        if owner != key:
            message = Bilingual(
                f"「{value}」は{kind.label.ja} {owner} と同じです。どちらかを直してください",
                f"the {kind.label.en} {owner} has {value!r} too: correct one of them",
            )
            yield Problem(message, column=label(kind, name), subject=Subject(kind, key))
