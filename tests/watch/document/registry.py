"""A registry for checks of documents: a river, a rain gauge, a trap, and a project beside."""

from ingest.watch.document.database import DeviceRow, QuantityRow
from ingest.watch.document.registered import Registered
from schemas.quantity import BY_CODE, CATALOGUE

TEA, RICE = 1, 2


def device(code: str, *seen: str, project: int = TEA, interval_s: int = 600, enabled: bool = True) -> DeviceRow:
    """A device that has measured these quantities on channel 0."""
    pairs = [[BY_CODE[each].id, 0] for each in seen]
    name = "tea" if project == TEA else "rice"
    number = sum(ord(letter) for letter in code)
    return DeviceRow(number, project, name, code, enabled, interval_s, None, None, None, None, pairs)


def registered(*more: DeviceRow) -> Registered:
    """The registry with further devices."""
    own = QuantityRow(10_001, RICE, "mud", "cm", "gauge", None, 0, 100, {})
    quantities = [
        QuantityRow(q.id, None, q.code, q.unit, q.kind.value, q.greatest_per_hour, q.flag_low, q.flag_high, q.states)
        for q in CATALOGUE
    ]
    devices = (
        device("river", "river_level", "battery_voltage"),
        device("rain", "rain_total", "rain_amount"),
        device("trap", "trap_state"),
        device("elsewhere", "river_level", project=RICE),
    )
    return Registered((*devices, *more), (*quantities, own))
