"""What an inspection would find missing (検査の前に): of each line of the ledger of equipment. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ingest.figures.equipment import EquipmentLine
from schemas.labelled import Labelled

SOON = timedelta(days=90)
"""So long before its end a verification is said to expire."""
DISASTER_USE = "防災"


class Finding(Labelled):
    """What is missing or wrong, in the order in which it is listed."""

    NO_ASSET = "no_asset", "資産の行がない", "no line in the ledger"
    NO_LABEL = "no_label", "ラベル貼付日がない", "no day of the label"
    NO_CONFORMITY = "no_conformity", "技適番号がない", "no radio certificate"
    NO_PHOTO = "no_photo", "写真IDがない", "no picture"
    NO_PLACEMENT = "no_placement", "設置場所がない", "no place"
    NO_FIRST_DATA = "no_first_data", "データが届いていない", "no data yet"
    NO_SERIAL = "no_serial", "製造番号がない", "no serial number"
    NO_INSTALLED_ON = "no_installed_on", "設置日がない", "no day of installation"
    NO_PRICE = "no_price", "単価がない", "no price"
    NO_ACQUIRED_ON = "no_acquired_on", "取得日がない", "no day of acquisition"
    NO_DISPOSAL_UNTIL = "no_disposal_until", "処分制限期限が決まらない", "no end of the restriction on disposal"
    BEFORE_GRANT = "before_grant", "交付決定日より前の取得", "acquired before the grant"
    NO_VERIFICATION = "no_verification", "検定番号がない", "no verification"
    VERIFICATION_OVER = "verification_over", "検定の期限切れ", "verification expired"
    VERIFICATION_SOON = "verification_soon", "検定の期限まで90日以内", "verification ends within 90 days"
    NO_NOTIFICATION = "no_notification", "気象庁届出日がない", "weather service not notified"
    SUPPORT_OVER = "support_over", "サポート期限切れ", "support ended"


@dataclass(frozen=True, slots=True)
class Inspected:
    """A line with what is missing of it; nothing is missing of most."""

    line: EquipmentLine
    findings: tuple[Finding, ...]


def inspect(lines: Sequence[EquipmentLine], day: date, granted_on: date | None) -> list[Inspected]:
    """Every line that is still there, in its order, with its findings as on a day."""
    return [Inspected(line, tuple(_findings(line, day, granted_on))) for line in lines if not line.gone]


def count_findings(inspected: Sequence[Inspected]) -> dict[Finding, int]:
    """How many lines have each finding; those that no line has are left out."""
    counts = {finding: sum(finding in each.findings for each in inspected) for finding in Finding}
    return {finding: count for finding, count in counts.items() if count}


def _findings(line: EquipmentLine, day: date, granted_on: date | None) -> Iterator[Finding]:
    """What the ledger would say of a line without an asset is one finding, not ten."""
    if line.asset is None:
        yield Finding.NO_ASSET
    else:
        yield from _of_the_asset(line)
    if line.latitude is None and line.place is None:
        yield Finding.NO_PLACEMENT
    if line.what == "device":
        if line.first_day is None:
            yield Finding.NO_FIRST_DATA
        if line.installed_on is None:
            yield Finding.NO_INSTALLED_ON
    if line.asset is not None:
        yield from _of_its_days(line, day, granted_on)


def _of_the_asset(line: EquipmentLine) -> Iterator[Finding]:
    if line.label_attached_on is None:
        yield Finding.NO_LABEL
    if line.what != "other":  # what measures nothing sends nothing
        if line.technical_conformity is None:
            yield Finding.NO_CONFORMITY
        if line.serial is None:
            yield Finding.NO_SERIAL
    if line.photo is None:
        yield Finding.NO_PHOTO
    if line.unit_price_yen is None:
        yield Finding.NO_PRICE


def _of_its_days(line: EquipmentLine, day: date, granted_on: date | None) -> Iterator[Finding]:
    if line.acquired_on is None:
        yield Finding.NO_ACQUIRED_ON
    elif granted_on is not None and line.acquired_on < granted_on:
        yield Finding.BEFORE_GRANT
    if line.managed and line.disposal_until is None:
        yield Finding.NO_DISPOSAL_UNTIL
    yield from _of_the_weather(line, day)
    if line.support_until is not None and line.support_until < day:
        yield Finding.SUPPORT_OVER


def _of_the_weather(line: EquipmentLine, day: date) -> Iterator[Finding]:
    """The law asks for both where weather is observed to be published, or against disasters."""
    if line.measures_weather and (line.published or line.use == DISASTER_USE):
        if line.verification_number is None:
            yield Finding.NO_VERIFICATION
        if line.jma_notified_on is None:
            yield Finding.NO_NOTIFICATION
    if line.verification_until is not None:
        if line.verification_until < day:
            yield Finding.VERIFICATION_OVER
        elif line.verification_until <= day + SOON:
            yield Finding.VERIFICATION_SOON
