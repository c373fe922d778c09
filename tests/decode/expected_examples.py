"""What is stored of the 30 real examples, in units of the catalogue, and why the rest is not.

Read beside tests/data/lorawan_examples.jsonl. The same table is expected from every network server.
"""

from typing import NamedTuple

from schemas.quantity import BY_CODE
from schemas.rejection import RejectionReason

Values = dict[tuple[str, int], float]
NOTHING: Values = {}


class Expected(NamedTuple):
    """`values`: (quantity, channel) -> value. `reasons`: of the parts set aside.

    `message`: why the message as a whole is set aside, if it is.
    """

    profile: str
    values: Values = NOTHING
    reasons: tuple[RejectionReason, ...] = ()
    message: RejectionReason | None = None


def _values(**by_code: float | str) -> Values:
    """Channel 0 for all; a state by its name."""
    return {
        (code, 0): BY_CODE[code].states[value] if isinstance(value, str) else value for code, value in by_code.items()
    }


NOT_DECODED = RejectionReason.NOT_DECODED
SENTINEL = RejectionReason.SENTINEL
UNKNOWN_QUANTITY = RejectionReason.UNKNOWN_QUANTITY

EXPECTED: dict[int, Expected] = {
    # Decentlab: value/unit objects; kPa and Pa become hPa, m³⋅m⁻³ becomes percent.
    1: Expected(
        "decentlab-dl-atm41",
        _values(
            battery_voltage=3.061, air_temperature=26.4, air_humidity=52.4, air_pressure=959.6, wind_speed=0.09,
            wind_gust=0.2, wind_direction=29.9, rain_amount=0, radiation_solar=10, device_temperature=26.5,
        ),
    ),
    3: Expected(  # a probe in air: below zero, stored and flagged
        "decentlab-dl-5tm",
        _values(battery_voltage=3.168, soil_permittivity=1.1, soil_temperature=22.5, soil_moisture=-2.15397767),
    ),
    15: Expected("decentlab-dl-par", _values(battery_voltage=3.168, radiation_par=48.065185546875)),
    17: Expected("decentlab-dl-pyr", _values(battery_voltage=3.168, radiation_solar=48.065185546875)),
    20: Expected(  # the CO2 block is absent
        "decentlab-dl-lp8p",
        _values(
            battery_voltage=3.109, air_temperature=24.35660461425781, air_humidity=41.63221740722656,
            air_pressure=968, device_temperature=24.05,
        ),
    ),
    23: Expected(
        "decentlab-dl-iam",
        _values(
            battery_voltage=2.962, air_temperature=27.67833981841764, air_humidity=36.438544289311054,
            air_pressure=964.12, light_illuminance=678.76512, air_voc=273, motion_count=11,
        ),
    ),
    27: Expected(
        "decentlab-dl-atm22",
        _values(battery_voltage=3.061, air_temperature=26.4, wind_speed=0.09, wind_gust=0.2, wind_direction=29.9),
    ),
    34: Expected("decentlab-dl-dws", _values(battery_voltage=3.168)),  # a battery-only frame
    41: Expected("decentlab-dl-lid", _values(battery_voltage=2.749, distance=4.51)),  # the median of nine statistics
    43: Expected(  # one turbidity, not three
        "decentlab-dl-ntu", _values(battery_voltage=2.832, water_temperature=21.81, water_turbidity=31.8)
    ),
    51: Expected(
        "decentlab-dl-pm",
        _values(
            battery_voltage=3.109, air_temperature=24.35660461425781, air_humidity=41.63221740722656,
            air_pressure=968,
        ),
    ),
    # Milesight: percent for the battery, millimetres, states as texts.
    56: Expected("milesight-em500-smt", _values(battery_level=100, soil_moisture=56.5)),  # sent as `humidity`
    59: Expected("milesight-em310-udl", _values(battery_level=92, distance=2.116, tilt_detected="tilt")),
    60: Expected(
        "milesight-em400-mud",
        _values(battery_level=92, device_temperature=25.7, distance=2.116, tilt_detected="tilt"),
    ),
    74: Expected(
        "milesight-wts506",
        _values(
            battery_level=100, air_temperature=27.2, air_humidity=56.5, air_pressure=1015.4, wind_direction=25.6,
            wind_speed=40.2, rain_total=50.6,
        ),
    ),
    79: Expected("milesight-at101"),  # a start-up frame
    # Dragino: numbers as texts; µS/cm becomes dS/m.
    80: Expected(
        "dragino-lse01",
        _values(
            battery_voltage=3.625, air_temperature=24.1, soil_temperature=24.59, soil_moisture=19.57, soil_ec=28.2
        ),
    ),
    81: Expected("dragino-lse01", message=NOT_DECODED),
    89: Expected("dragino-ldds75", message=NOT_DECODED),
    # Records, here none that measures.
    95: Expected("sensecap-s2120"),
    97: Expected(  # CO2 is there although the normalized payload drops it
        "elsys-ers-co2",
        _values(air_temperature=22.6, air_humidity=41, light_illuminance=39, motion_count=6, air_co2=776),
    ),
    102: Expected(
        "tektelic-t00059xx",
        _values(air_temperature=17.3, air_humidity=82.5, light_illuminance=3415)
        | {("input_frequency", 1): 1390, ("input_voltage", 2): 0.86},
    ),
    105: Expected("teneo-iot-filling-degree", _values(battery_voltage=3.2, distance=0.3)),
    108: Expected(  # `precipitation` comes without a scale
        "pessl-imetos-lorain",
        _values(battery_voltage=2.45, panel_voltage=1.825, air_temperature=15.62, air_humidity=72.3, air_vpd=0.95),
        (UNKNOWN_QUANTITY,),
    ),
    110: Expected(  # no probe: a permittivity of 0 is none
        "tinovi-pm-io-5-sm",
        _values(
            battery_level=77, soil_ec=0, soil_temperature=0, soil_moisture=0, leak="noleak", valve_state="closed"
        ),
        (SENTINEL,),
    ),
    112: Expected("talkpool-oy1110", _values(air_temperature=-5.2, air_humidity=72.3)),
    114: Expected(
        "xignal-rattrap", _values(battery_voltage=2.9, device_temperature=12.5, trap_state="occupied")
    ),
    118: Expected("ellenex-pls2-l", message=NOT_DECODED),
    125: Expected("netvox-r718ab"),  # a version report
    127: Expected(  # 32 knots from "N"
        "example-windsensor", _values(wind_speed=32 * 1852 / 3600, wind_direction=0)
    ),
}  # fmt: skip
