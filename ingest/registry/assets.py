"""Checks that assets are of things of their own project, and that a thing has one line that counts."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from ingest.registry.catalogue import no_device
from ingest.registry.columns import label
from ingest.registry.problem import Kind, Problem, Subject, key_of
from schemas.asset import Asset
from schemas.bilingual import Bilingual
from schemas.misfit import misfit

Row = Mapping[str, Any]
Rows = Mapping[Kind, Mapping[str, Row]]
Wanted = Mapping[Kind, Mapping[str, BaseModel]]


def check_assets(final: Rows, wanted: Wanted, broken: frozenset[Subject]) -> list[Problem]:
    """Every problem of this kind. Things in `broken` have their problem already and get no second one."""
    unread = {subject.key for subject in broken}
    if not wanted[Kind.ASSET]:
        return []
    return [*_misfits(final, wanted), *_of_the_project(final, wanted, unread), *_twice(final, wanted)]


def _misfits(final: Rows, wanted: Wanted) -> Iterator[Problem]:
    """What fits by itself and does not fit what the registry has already, as a day before that of the acquisition."""
    for key in wanted[Kind.ASSET]:
        row = {name: value for name, value in final[Kind.ASSET][key].items() if name != "id"}
        try:
            Asset.model_validate(row)
        except ValidationError as error:
            for item in error.errors():
                yield Problem(misfit(item), subject=Subject(Kind.ASSET, key))


def _of_the_project(final: Rows, wanted: Wanted, unread: set[str]) -> Iterator[Problem]:
    for key, asset in wanted[Kind.ASSET].items():
        row = final[Kind.ASSET][key]
        device = key_of(Kind.DEVICE, {"project": row["project"], "code": row["device"]})
        # A device that the files do not name was found when the line was written; it need not have been read now.
        named = "device" in asset.model_fields_set and row["device"] is not None
        if named and device not in final[Kind.DEVICE] and device not in unread:
            yield _problem(key, "device", no_device(device))
        gateway = final[Kind.GATEWAY].get(row["gateway"])
        network = final[Kind.NETWORK].get(gateway["network"]) if gateway else None
        if network and network["project"] != row["project"]:
            message = Bilingual(
                f"基地局「{row['gateway']}」は事業「{network['project']}」のものです。"
                "その事業の台帳に書くか、基地局を空にしてください",
                f"the gateway {row['gateway']!r} is of the project {network['project']!r}: write the line there, or"
                " leave the gateway empty",
            )
            yield _problem(key, "gateway", message)


def _twice(final: Rows, wanted: Wanted) -> Iterator[Problem]:
    """Two lines of one device or gateway that are both there: it would be open which one is meant."""
    for field in ("device", "gateway"):
        owners: dict[tuple[str, str], str] = {}
        for key, row in final[Kind.ASSET].items():
            if row[field] is None or row["disposed_on"] is not None:
                continue
            owner = owners.setdefault((row["project"], row[field]), key)
            if owner != key and (key in wanted[Kind.ASSET] or owner in wanted[Kind.ASSET]):
                message = Bilingual(
                    f"「{row[field]}」は資産 {owner} にもあります。取り替えたときは、古い方の状態を 処分済 にして"
                    "処分日を書いてください",
                    f"the asset {owner} is {row[field]!r} too: if it was replaced, write state disposed and disposed_on"
                    " into the old one",
                )
                yield _problem(key, field, message)


def _problem(key: str, field: str, message: Bilingual) -> Problem:
    return Problem(message, column=label(Kind.ASSET, field), subject=Subject(Kind.ASSET, key))
