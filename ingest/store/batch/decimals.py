"""How finely values are laid down: digits behind the point that sensors of a quantity usually give.

Where they are enough a value takes the least room; a finer one takes more and loses nothing (see `pack.lay_down`).
"""

from schemas.quantity import CATALOGUE, Kind

USUAL = 2

_BY_DIGITS = {
    0: (
        "soil_nitrogen", "soil_phosphorus", "soil_potassium", "air_co2", "air_voc", "light_illuminance",
        "battery_level", "link_margin", "gate_opening", "valve_opening", "device_uptime", "device_reboot_count",
    ),
    1: (
        "soil_moisture", "soil_temperature", "air_humidity", "air_pressure", "air_pm2_5", "air_pm10",
        "radiation_solar", "radiation_par", "leaf_wetness", "wind_speed", "wind_gust", "wind_direction", "rain_amount",
        "rain_total", "rain_intensity", "paddy_water_level", "paddy_water_temperature", "water_temperature",
        "water_total", "snow_depth", "seismic_intensity",
    ),
    3: (
        "soil_ec", "air_vpd", "river_level", "water_flow", "water_ec", "distance", "battery_voltage", "panel_voltage",
        "panel_current", "input_voltage",
    ),
    4: ("position_latitude", "position_longitude"),
}  # fmt: skip
_DIGITS = {code: digits for digits, codes in _BY_DIGITS.items() for code in codes}

PER = {
    quantity.id: 10 ** (0 if quantity.kind in (Kind.STATE, Kind.EVENT) else _DIGITS.get(quantity.code, USUAL))
    for quantity in CATALOGUE
}
"""Quantity id -> how many parts of the unit are counted: 1, 10, 100, ..."""
