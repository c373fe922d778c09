"""Entries that the registry lacks and that reports need, with what to write and where."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from schemas.bilingual import Bilingual

NAMED = 5
"""Most devices that are named; the others are only counted."""


class Lacking(NamedTuple):
    """The missing entries of one project. Devices by their codes: `stopped` are those with `enabled: false`."""

    project: str
    organisation_name: bool
    grant_number: bool
    stopped: Sequence[str]
    without_installed_on: Sequence[str]


def of_devices(lacking: Lacking) -> Lacking:
    """The same without missing entries of the project itself."""
    return lacking._replace(organisation_name=False, grant_number=False)


def cautions(lacking: Lacking) -> Iterator[Bilingual]:
    """One sentence for each kind of missing entry; none if nothing is missing."""
    project = lacking.project
    if lacking.organisation_name:
        yield _of_the_project(project, Bilingual("事業主体", "organisation_name"), "袋井市")
    if lacking.grant_number:
        yield _of_the_project(project, Bilingual("交付決定番号", "grant_number"), "6-123")
    if lacking.without_installed_on:
        yield _without_installed_on(project, lacking.without_installed_on)
    if lacking.stopped:
        yield _stopped(project, lacking.stopped)


def _of_the_project(project: str, field: Bilingual, example: str) -> Bilingual:
    how = f"noroshi registry set project {project} {field.en}={example}"
    return Bilingual(
        f"事業 {project} の{field.ja}が台帳になく、報告書で空になります。"
        f"台帳の「{field.ja}」に書いてください(例 {how})",
        f"the project {project} has no {field.en}, and reports leave it empty: write it into the registry, e.g."
        f" `{how}`",
    )


def _without_installed_on(project: str, codes: Sequence[str]) -> Bilingual:
    how = f"noroshi registry set device {project}/{codes[0]} installed_on=2026-04-01"
    names, count = _named(project, codes), len(codes)
    return Bilingual(
        f"設置日のない機器が {count} 台あります({names})。"
        "設置する前の日も「届くはず」に数え、データ取得率が低く出ます。"
        f"台帳の「設置日」に書いてください(例 {how})",
        f"{_devices(count)} without installed_on ({names}): the days before count as if something should have come, so"
        f" the completeness is too low. Write it into the registry, e.g. `{how}`",
    )


def _stopped(project: str, codes: Sequence[str]) -> Bilingual:
    how = f"noroshi registry set device {project}/{codes[0]} enabled=true"
    names, count = _named(project, codes), len(codes)
    return Bilingual(
        f"台帳で「有効」が×の機器が {count} 台あります({names})。届いたものは隔離され、どの数字にも入りません。"
        f"使う機器なら「有効」を○にしてください(例 {how})",
        f"{_devices(count)} with enabled: false ({names}): what is sent is set aside, and counts nowhere. To use"
        f" such a device, write `{how}`",
    )


def _devices(count: int) -> str:
    return "1 device" if count == 1 else f"{count} devices"


def _named(project: str, codes: Sequence[str]) -> str:
    more = f", …(+{len(codes) - NAMED})" if len(codes) > NAMED else ""
    return ", ".join(f"{project}/{code}" for code in codes[:NAMED]) + more
