import pytest

from ingest.decode.chirpstack.lorawan import NO_MODULATION, Modulation, airtime_ms, by_data_rate, lora


@pytest.mark.parametrize(
    ("application_bytes", "spreading_factor", "bandwidth_hz", "expected_ms"),
    [
        (7, 9, 125_000, 185.344),
        (11, 10, 125_000, 370.688),
        (0, 7, 125_000, 46.336),
        (0, 7, 250_000, 23.168),
        (11, 12, 125_000, 1482.752),  # low data rate optimisation
        # What the published calculators give.
        (10, 7, 125_000, 61.696),
        (222, 7, 125_000, 368.896),
        (51, 12, 125_000, 2793.472),
    ],
)
def test_airtime_follows_the_formula(
    application_bytes: int, spreading_factor: int, bandwidth_hz: int, expected_ms: float
) -> None:
    assert airtime_ms(application_bytes, Modulation(spreading_factor, bandwidth_hz)) == expected_ms


@pytest.mark.parametrize(
    ("dr", "expected"),
    [
        (0, Modulation(12, 125_000)),
        (5, Modulation(7, 125_000)),
        (6, Modulation(7, 250_000)),
        (7, NO_MODULATION),
        (None, NO_MODULATION),
    ],
)
def test_a_data_rate_index_is_read_by_the_table_of_the_japanese_band(dr: int | None, expected: Modulation) -> None:
    assert by_data_rate(dr) == expected


def test_a_stronger_code_takes_longer() -> None:
    weak, strong = airtime_ms(7, lora(9, 125_000, "CR_4_5")), airtime_ms(7, lora(9, 125_000, "4/8"))
    assert weak is not None
    assert strong is not None
    assert strong > weak


@pytest.mark.parametrize(
    "modulation", [NO_MODULATION, Modulation(7, None), Modulation(7, 0), lora(None, 1, ""), lora(13, 1, "")]
)
def test_what_is_not_lora_has_no_lora_airtime(modulation: Modulation) -> None:
    assert airtime_ms(7, modulation) is None
