"""How well a device is heard, in a word: for people on a ladder, to whom dBm say little."""

from ingest.figures.arrivals import Arrival

_WORDS = ("strong", "good", "weak", "faint")

# The lowest values of the first three words: (RSSI in dBm, SNR in dB). LoRa is understood far below the noise, down to
# about -20 dB and -137 dBm; HaLow down to about -105 dBm; the others need more.
_LEAST = {
    "lpwa": ((-100.0, -112.0, -120.0), (0.0, -7.5, -13.0)),
    "halow": ((-75.0, -86.0, -95.0), (20.0, 12.0, 5.0)),
}
_LEAST_OF_OTHERS = ((-65.0, -75.0, -85.0), (25.0, 15.0, 8.0))


def signal_word(arrival: Arrival) -> str | None:
    """`strong`, `good`, `weak` or `faint`: the worse of RSSI and SNR. None if neither was sent."""
    rssi, snr = _LEAST.get(arrival.network_kind, _LEAST_OF_OTHERS)
    ranks = [
        sum(value < bound for bound in least)
        for value, least in ((arrival.rssi_dbm, rssi), (arrival.snr_db, snr))
        if value is not None
    ]
    return _WORDS[max(ranks)] if ranks else None
