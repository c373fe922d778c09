"""The 30 real examples from their bytes alone, without what the vendor's codec made of them."""

import pytest

from ingest.decode import chirpstack, raw, things_stack
from ingest.decode.limits import Limits
from ingest.errors import Undecodable
from ingest.validate import ClockPolicy, Validated, validate
from schemas.profile import Profile
from schemas.profiles import shipped_profiles
from schemas.uplink import Uplink
from tests.decode.envelopes import Example, chirpstack_up, examples, things_stack_up
from tests.decode.expected_examples import EXPECTED, Expected
from tests.decode.test_real_examples import RECEIVED_US, by_quantity

NOT_LINEAR = {23: ("light_illuminance", 0)}
"""Illuminance of this one is the larger of two formulas over two words."""


def expected_from_bytes(example_id: int) -> Expected:
    expected = EXPECTED[example_id]
    missing = NOT_LINEAR.get(example_id)
    return expected._replace(values={key: value for key, value in expected.values.items() if key != missing})


def undecoded(example_id: int) -> Example:
    return {**examples()[example_id], "decoded": None, "normalized": None}


def decoded(server: str, example_id: int, profile: Profile) -> Uplink:
    if server == "chirpstack":
        return chirpstack.decode(chirpstack_up(undecoded(example_id)), "up", profile, Limits())
    return things_stack.decode(things_stack_up(undecoded(example_id)), "up", profile, Limits())


def judged(uplink: Uplink) -> Validated:
    return validate(uplink, 1, RECEIVED_US, ClockPolicy())


def test_all_but_one_of_the_examples_are_whole_from_their_bytes() -> None:
    assert len(EXPECTED) - len(NOT_LINEAR) == 29


@pytest.mark.parametrize("server", ["chirpstack", "things_stack"])
@pytest.mark.parametrize("example_id", sorted(EXPECTED))
def test_bytes_alone_are_stored_as_the_codec_would_have_it(server: str, example_id: int) -> None:
    expected = expected_from_bytes(example_id)
    profile = shipped_profiles()[expected.profile]
    if expected.message is not None:
        with pytest.raises(Undecodable) as refusal:
            decoded(server, example_id, profile)
        assert refusal.value.reason == expected.message
        return
    found = judged(decoded(server, example_id, profile))
    assert by_quantity(found) == pytest.approx(expected.values, rel=1e-9)
    assert tuple(refused.reason for refused in found.refused) == expected.reasons


def test_the_codec_s_output_is_preferred_unless_the_profile_trusts_only_the_bytes() -> None:
    lying = {**examples()[56], "decoded": {"battery": 1}}
    usual = shipped_profiles()["milesight-em500-smt"]
    own = usual.model_copy(update={"decode": "raw"})
    values = [
        [row[1] for row in chirpstack.decode(chirpstack_up(lying), "up", profile, Limits()).measured]
        for profile in (usual, own)
    ]
    assert values == [[1.0], [100, 56.5]]


def test_a_frame_without_port_or_bytes_measures_nothing() -> None:
    profile = shipped_profiles()["milesight-em500-smt"]
    assert raw.readings(profile, None, "AXVk", 0, None) == ([], [])
    assert raw.readings(profile, None, None, 85, None) == ([], [])


def test_bytes_that_are_not_base64_have_a_reason() -> None:
    with pytest.raises(Undecodable, match="base64"):
        raw.readings(shipped_profiles()["milesight-em500-smt"], None, "A*==", 85, None)


def test_answers_to_configuration_commands_measure_nothing() -> None:
    netvox = shipped_profiles()["netvox-r718ab"]
    assert raw.read(bytes.fromhex("8113000000000000000000"), 7, netvox, None) == ([], [])


def test_a_report_of_the_same_product_is_read_with_signs_and_without_its_flag() -> None:
    netvox = shipped_profiles()["netvox-r718ab"]
    measured, refused = raw.read(bytes.fromhex("0113019fff381a0a000000"), 6, netvox, None)
    assert [one.value for one in measured] == [3.1, -2.0, 66.66]
    assert refused == []
