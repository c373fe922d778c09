"""Simulates the three radios: which gateways hear a station how well, and the link records of each technology."""

import math
from random import Random
from typing import NamedTuple

from ingest.simulator.town import Mast

_FLOOR_DB = {7: -7.5, 8: -10.0, 9: -12.5, 10: -15.0}
"""Demodulation floor by spreading factor; AS923 with its dwell time limit leaves SF7..SF10 to uplinks."""

_NOISE_DBM = -117.0


class Heard(NamedTuple):
    """One gateway that heard a LoRa frame."""

    mast: Mast
    rssi_dbm: int
    snr_db: float


def lora_snr_db(distance_m: float) -> float:
    """Signal to noise at a distance in a wooded valley, before fading; receivers report 13 dB at most."""
    return min(13.0, 30.0 - 36.0 * math.log10(max(0.15, distance_m / 1000) / 0.4))


def spreading_factor(best_snr_db: float) -> int:
    """The spreading factor that ADR gives a device: the fastest that leaves 6 dB of margin."""
    return next((sf for sf, floor in _FLOOR_DB.items() if best_snr_db >= floor + 6), 10)


def hear(gateways: tuple[tuple[Mast, float], ...], sf: int, rng: Random) -> list[Heard]:
    """Which gateways decode this frame. The nearest always does; `station` decides about losses."""
    heard: list[Heard] = []
    for index, (mast, distance) in enumerate(gateways):
        snr = min(13.8, lora_snr_db(distance) + rng.gauss(0, 2.2))
        if index == 0:
            snr = max(snr, _FLOOR_DB[sf] + 0.5)
        if snr >= _FLOOR_DB[sf]:
            snr = round(snr * 4) / 4
            heard.append(Heard(mast, round(_NOISE_DBM + max(snr, 10 * math.log10(1 + 10 ** (snr / 10)))), snr))
    return heard


def halow_link(mast: Mast, distance_m: float, rng: Random) -> dict[str, object]:
    """The link record of Wi-Fi HaLow at 920 MHz, as an access point's station table gives it."""
    rssi = round(-52 - 30 * math.log10(max(20.0, distance_m) / 50) + rng.gauss(0, 2))
    snr = max(3, rssi + 101)
    mcs = max(0, min(7, (snr - 6) // 4))
    return {
        "rssi": rssi,
        "snr": snr,
        "gateway": mast.external_id,
        "mcs": mcs,
        "bandwidth_mhz": 1 if snr < 18 else 2,
        "freq_khz": 923_500,
        "retries": rng.randrange(0, 3 + (mcs < 3) * 9),
    }


def local5g_link(mast: Mast, distance_m: float, rng: Random) -> dict[str, object]:
    """The link record of local 5G (n79, stand-alone), as a modem gives it."""
    rsrp = round(-72 - 34 * math.log10(max(50.0, distance_m) / 200) + rng.gauss(0, 1.8))
    sinr = round((max(-4.0, min(30.0, rsrp + 118)) + rng.gauss(0, 1)) * 2) / 2
    return {
        "gateway": mast.external_id,
        "ss_rsrp": max(-120, rsrp),
        "ss_rsrq": round((-10.5 - max(0, -95 - rsrp) * 0.12) * 2) / 2,
        "ss_sinr": sinr,
        "pci": 300 + int(mast.external_id[-2:], 16),
        "band": "n79",
        "rtt_ms": round(rng.gauss(14, 2.5), 1),
    }
