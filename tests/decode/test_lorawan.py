import pytest

from ingest.decode.lorawan import NO_MODULATION, Modulation, airtime_ms, lora


@pytest.mark.parametrize(
    ("application_bytes", "spreading_factor", "bandwidth_hz", "expected_ms"),
    [
        (7, 9, 125_000, 185.344),
        (11, 10, 125_000, 370.688),
        (0, 7, 125_000, 46.336),
        (0, 7, 250_000, 23.168),
        (11, 12, 125_000, 1482.752),  # low data rate optimisation
    ],
)
def test_airtime_follows_the_formula(
    application_bytes: int, spreading_factor: int, bandwidth_hz: int, expected_ms: float
) -> None:
    assert airtime_ms(application_bytes, Modulation(spreading_factor, bandwidth_hz)) == expected_ms


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
