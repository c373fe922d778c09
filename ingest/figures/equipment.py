"""The lines of the ledger of equipment: assets, and devices and gateways that have none."""

from dataclasses import dataclass
from datetime import date, datetime

from ingest.figures.fetch import Database, fetch
from schemas.asset import MANAGED_FROM_YEN


@dataclass(frozen=True, slots=True)
class EquipmentLine:
    """A row of `figure_equipment`; its comment defines every field."""

    key: str
    what: str
    asset: str | None
    device: str | None
    gateway: str | None
    name: str
    use: str | None
    area: str | None
    network: str | None
    network_name: str | None
    technology: str | None
    model: str | None
    serial: str | None
    quantity: int
    unit_price_yen: int | None
    price_yen: int | None
    subsidised_yen: int | None
    subsidy_yen: int | None
    acquired_on: date | None
    service_life_years: int | None
    disposal_until: date | None
    latitude: float | None
    longitude: float | None
    place: str | None
    technical_conformity: str | None
    jc_star: str | None
    support_until: date | None
    label_attached_on: date | None
    photo: str | None
    verification_number: str | None
    verification_until: date | None
    jma_notified_on: date | None
    state: str | None
    gone: bool
    disposed_on: date | None
    note: str | None
    enabled: bool | None
    published: bool
    installed_on: date | None
    measures_weather: bool
    first_day: date | None
    last_day: date | None

    @property
    def managed(self) -> bool:
        """Whether its disposal needs a permission: one of it cost 500,000 yen or more."""
        return self.unit_price_yen is not None and self.unit_price_yen >= MANAGED_FROM_YEN

    @property
    def kind(self) -> str:
        """The kind under which it is counted: what the ledger calls it, else the use of the device."""
        if self.asset is not None:
            return self.name
        return "基地局" if self.what == "gateway" else self.use or "(分野の記載なし)"


def equipment(connection: Database, project_code: str, day: date, now: datetime) -> list[EquipmentLine]:
    """The lines as at the end of a day of Japan: those that are gone come last, before them those without an asset.

    `now` (aware): messages that are not summed up yet are looked for in the 400 days before it.
    """
    query = "select * from figure_equipment(%(project)s, %(day)s, %(now)s)"
    return fetch(connection, EquipmentLine, query, {"project": project_code, "day": day, "now": now})
