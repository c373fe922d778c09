"""Client ids that devices may use. A broker gives a session to any client with its id, so nobody may have another's."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ingest.registry.columns import label
from ingest.registry.problem import Kind, Problem, Subject, key_of
from schemas.bilingual import Bilingual
from schemas.registry import RegistryDocument

OF_THE_PROGRAM = ("noroshi-", "server:", "gateway:", "node:")
"""Prefixes of the ids of the service, its workers, the doctor, network servers, gateways and Sparkplug nodes."""

NEIGHBOURS = frozenset({"noroshi", "simulator", "grafana", "telegraf", "mosquitto", "chirpstack", "prometheus"})
"""Client ids of programs that often use the same broker."""

Rows = Mapping[str, Mapping[str, Any]]


Reserved = frozenset[str]
"""Client ids of programs in the settings. Each also covers ids that continue it behind a hyphen."""


def owner_of(client_id: str, reserved: Reserved) -> Bilingual | None:
    """Who owns a client id that no device may have; None for any other."""
    folded = client_id.casefold()
    if folded.startswith(OF_THE_PROGRAM) or folded in NEIGHBOURS:
        return Bilingual("狼煙や、ブローカーを使うほかのプログラム", "Noroshi or another program at the broker")
    for name in reserved:
        if folded == name.casefold() or folded.startswith(f"{name.casefold()}-"):
            return Bilingual("設定にあるプログラム", "a program of the settings")
    return None


def check_client_ids(final: Mapping[Kind, Rows], wanted: Iterable[str], reserved: Reserved) -> list[Problem]:
    """A problem for each device of the document that would use the client id of another device or program."""
    devices, projects = final[Kind.DEVICE], final[Kind.PROJECT]
    named = dict.fromkeys(wanted)
    takers: dict[str, str] = {}  # devices of the document have a problem of their own
    for key, row in devices.items():
        if row["client_id"] and row["client_id"] != key and key not in named:
            takers.setdefault(row["client_id"], key)
    return [
        Problem(why, column=label(Kind.DEVICE, "client_id"), subject=Subject(Kind.DEVICE, key))
        for key in named
        for why in _wrong(key, devices[key]["client_id"], takers, projects, reserved)
    ]


def _wrong(
    key: str, own: str | None, takers: Mapping[str, str], projects: Rows, reserved: Reserved
) -> Iterator[Bilingual]:
    if own is None or own == key:
        if key in takers:
            yield Bilingual(
                f"「{key}」は機器 {takers[key]} がクライアントIDに使っています。{takers[key]} のほうを直してください",
                f"the device {takers[key]} has {key!r} as its client_id: correct that one",
            )
        return
    owner = owner_of(own, reserved)
    if owner is not None:
        yield Bilingual(
            f"「{own}」は{owner.ja}のクライアントIDです。別の値にするか、空({key} になります)にしてください",
            f"{own!r} is the client id of {owner.en}: choose another, or leave it empty (then it is {key})",
        )
        return
    project, slash, _ = own.partition("/")
    if slash and project in projects:
        yield Bilingual(
            f"「{own}」は事業 {project} の機器のクライアントIDです。別の値にするか、空({key} になります)にしてください",
            f"{own!r} is the client id of a device of the project {project}: choose another, or leave it empty"
            f" (then it is {key})",
        )


def check_whole(document: RegistryDocument, reserved: Reserved) -> list[Problem]:
    """`check_client_ids` for every device of a registry, which may be older than this check."""
    final: dict[Kind, Rows] = {
        Kind.DEVICE: {key_of(Kind.DEVICE, device.__dict__): device.__dict__ for device in document.devices},
        Kind.PROJECT: {project.code: project.__dict__ for project in document.projects},
    }
    return check_client_ids(final, final[Kind.DEVICE], reserved)
