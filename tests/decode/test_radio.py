"""The link record of every radio: one form for what is clear, and nothing guessed about what is not."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decode.common.limits import Limits
from ingest.decode.native import decode
from schemas.native import NATIVE_PAYLOAD
from schemas.rejection import RejectionReason
from schemas.uplink import Link

HALOW = {
    "bssid": "0C:BF:74:00:11:22", "freq_khz": 923500, "bw_mhz": 1, "mcs": 2, "rssi": -84, "noise": -101,
    "tx_kbps": 450, "rx_kbps": 900, "retries": 1881, "failed": 12, "lost_beacons": 4, "duty_pct": 3.1,
}  # fmt: skip
NR = {
    "mode": "SA", "plmn": "999002", "tac": "0001a4", "nci": "000f4240a", "pci": 321, "arfcn": 713334, "band": "n79",
    "scs_khz": 30, "bw_mhz": 100, "ss_rsrp": -97, "ss_rsrq": -11.5, "ss_sinr": 14.0,
}  # fmt: skip
LOCAL_5G = {
    "nr": NR, "handover_total": 18, "rtt_ms": {"min": 9.8, "avg": 14.2, "max": 61.0}, "loss_pct": 0.0,
    "thr_bps": {"up": 41200000, "down": 312000000}, "modem_temp": 46,
}  # fmt: skip


def read(link: object) -> Link:
    found = decode(json.dumps({"ts": 1781471112421, "readings": {}, "link": link}).encode(), "", None, Limits()).link
    assert found is not None
    return found


def more(link: object) -> Any:
    return read(link).more


def test_a_halow_station_has_level_noise_distance_and_access_point() -> None:
    link = read({"halow": HALOW, "rtt_ms": 48, "airtime_ms": 12.5})
    assert (link.rssi_dbm, link.snr_db, link.gateway, link.airtime_ms) == (-84, 17, "0c:bf:74:00:11:22", 12.5)
    assert link.more == {"halow": HALOW, "rtt_ms": 48}


def test_a_local_5g_modem_has_level_interference_and_cell() -> None:
    link = read(LOCAL_5G)
    assert (link.rssi_dbm, link.snr_db, link.gateway) == (-97, 14.0, "000f4240a")
    assert link.more == {
        "nr": NR, "handover_total": 18, "rtt_min_ms": 9.8, "rtt_ms": 14.2, "rtt_max_ms": 61.0, "loss_pct": 0.0,
        "thr_up_bps": 41200000, "thr_down_bps": 312000000, "modem_temp": 46,
    }  # fmt: skip


def test_what_the_link_says_itself_comes_before_its_parts() -> None:
    link = read({"rssi": -70, "snr": 3, "gateway": "ap-1", "halow": HALOW})
    assert link[:3] == (-70, 3, "ap-1")


def test_an_index_is_never_stored_as_decibel() -> None:
    nr = more({"nr": {"ss_rsrp": 59, "ss_rsrq": 63, "ss_sinr": 30}})["nr"]
    assert nr == {"ss_rsrp": -97, "ss_rsrq": -11.5, "ss_sinr": -8.0}, "an RSRP index makes its neighbours indices"
    alone = more({"nr": {"ss_rsrp": -97, "ss_rsrq": 63, "ss_sinr": 74}})["nr"]
    assert alone == {"ss_rsrp": -97, "ss_rsrq": -11.5, "ss_sinr": 14.0}
    assert more({"nr": {"ss_rsrp": -97, "ss_rsrq": -11, "ss_sinr": 30}})["nr"]["ss_sinr"] == 30
    assert read({"nr": {"ss_rsrp": 59}}).rssi_dbm == -97


@pytest.mark.parametrize("code", [-32768, 255, 99, 65535, -1, "-", "", None])
def test_a_code_for_no_value_is_no_value(code: object) -> None:
    link = read({"nr": {"ss_rsrp": code, "pci": 321}, "handover_total": code if code not in (255, 99, 65535) else None})
    assert (link.rssi_dbm, link.more) == (None, {"nr": {"pci": 321}})


def test_a_number_that_is_a_code_elsewhere_is_a_number_where_it_can_be_one() -> None:
    nr = {"pci": 255, "arfcn": 65535, "ss_sinr": -1, "ss_rsrq": -1}
    assert more({"nr": nr})["nr"] == nr


def test_a_cell_id_of_36_bits_is_text_with_its_leading_zeros() -> None:
    assert more({"nr": {"nci": 2**36 - 1, "tac": 420, "plmn": "00101"}})["nr"] == {
        "nci": "fffffffff", "tac": "0001a4", "plmn": "00101",
    }  # fmt: skip
    assert more({"nr": {"nci": "0xF4240A"}})["nr"]["nci"] == "000f4240a"
    assert more({"nr": {"nci": 2**36}})["unclear"] == {"nr.nci": 2**36}
    assert more({"lte": {"eci": 123456, "rsrp": -101}})["lte"] == {"eci": "001e240", "rsrp": -101}


def test_lte_and_nr_stay_apart() -> None:
    assert more({"lte": {"rsrp": -150}})["unclear"] == {"lte.rsrp": -150}
    assert more({"nr": {"ss_rsrp": -150}})["nr"] == {"ss_rsrp": -150}


@pytest.mark.parametrize("rssi", [72, 100, 1])
def test_a_positive_rssi_is_a_percentage_or_an_index_and_no_dbm(rssi: int) -> None:
    link = read({"rssi": rssi})
    assert (link.rssi_dbm, link.more) == (None, {"unclear": {"rssi": rssi}})


def test_mcs_10_exists_at_one_megahertz_only() -> None:
    assert more({"halow": {"mcs": 10, "bw_mhz": 1}})["halow"]["mcs"] == 10
    assert more({"halow": {"mcs": 10, "bw_mhz": 4}}) == {"halow": {"bw_mhz": 4}, "unclear": {"halow.mcs": 10}}


def test_what_is_unclear_is_kept_and_hurts_nothing_else() -> None:
    said = {"nr": {"ss_rsrp": "-97dBm", "pci": -5, "band": 79}, "rtt_ms": {"avg": -3}, "loss_pct": True, "own": [1]}
    assert more(said) == {
        "nr": {"band": "79"},
        "own": [1],
        "unclear": {"nr.ss_rsrp": "-97dBm", "nr.pci": -5, "rtt_ms.avg": -3, "loss_pct": True},
    }


def test_keys_nobody_knows_are_kept() -> None:
    assert more({"rssi": -98, "mcs": 2, "halow": {"twt": "on"}}) == {"mcs": 2, "halow": {"twt": "on"}}


def test_a_part_of_another_shape_is_refused() -> None:
    message = json.dumps({"ts": 1781471112421, "readings": {}, "link": {"nr": [1]}}).encode()
    uplink = decode(message, "", None, Limits())
    assert uplink.link is None, "the readings do not hang on it"
    assert [one.reason for one in uplink.refused] == [RejectionReason.WRONG_SHAPE]


def test_the_published_model_takes_both_examples() -> None:
    for link in ({"halow": HALOW, "rtt_ms": 48}, LOCAL_5G):
        NATIVE_PAYLOAD.validate_json(json.dumps({"readings": {}, "link": link}))


VALUES = (
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8) | st.sampled_from([59, 99, 127, -97, "0001a4", "-"]) | st.lists(st.integers(), max_size=2)
)  # fmt: skip
KEYS = st.sampled_from([*HALOW, *NR, "rsrp", "eci", "snr", "min", "avg", "x"])
BLOCKS = st.dictionaries(KEYS, VALUES, max_size=8)


@given(
    link=st.dictionaries(st.sampled_from(["halow", "nr", "lte", "rtt_ms", "thr_bps"]), BLOCKS, max_size=5),
    extra=st.dictionaries(st.sampled_from(["handover_total", "loss_pct", "airtime_ms", "own"]), VALUES, max_size=4),
)
def test_any_link_record_is_read_and_its_levels_fit_their_columns(link: dict[str, Any], extra: dict[str, Any]) -> None:
    found = read(link | extra)
    for level in (found.rssi_dbm, found.snr_db):
        assert level is None or -1000 < level < 1000
    assert found.airtime_ms is None or 0 <= found.airtime_ms <= 3_600_000
    json.dumps(found.more, allow_nan=False)
