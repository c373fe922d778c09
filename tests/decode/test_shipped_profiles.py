import pytest
from pydantic import ValidationError

from schemas.profile import Profile
from schemas.profiles import shipped_profiles
from schemas.quantity import BY_CODE, Kind


def test_every_profile_has_a_name_and_stands_under_its_code() -> None:
    for code, profile in shipped_profiles().items():
        assert profile.code == code
        assert profile.name


def test_they_are_read_once() -> None:
    assert shipped_profiles() is shipped_profiles()


@pytest.mark.parametrize("code", sorted(shipped_profiles()))
def test_no_field_is_both_measured_and_ignored(code: str) -> None:
    profile = shipped_profiles()[code]
    assert not profile.ignore & profile.fields.keys()


@pytest.mark.parametrize("code", sorted(shipped_profiles()))
def test_a_numeric_state_is_named_by_the_profile_never_by_our_numbering(code: str) -> None:
    for binding in shipped_profiles()[code].fields.values():
        if BY_CODE[binding.quantity].kind is Kind.STATE and binding.states:
            assert set(binding.states.values()) <= set(BY_CODE[binding.quantity].states)


def test_a_shipped_profile_names_quantities_of_the_catalogue_only() -> None:
    assert {code for code, profile in shipped_profiles().items() if profile.own_quantities()} == set()


def test_an_ignore_list_may_contain_lists() -> None:
    profile = Profile.model_validate({"code": "x", "fields": {}, "ignore": [["a", "b"], "c"]})
    assert profile.ignore == {"a", "b", "c"}


@pytest.mark.parametrize(
    "binding",
    [
        "No such quantity",
        {"quantity": "air_temperature", "unit": "mm"},
        {"quantity": "leak", "states": {"1": "wet"}},
        {"quantity": "own_one", "states": {"1": "wet"}},
    ],
)
def test_a_binding_that_cannot_work_is_refused(binding: object) -> None:
    with pytest.raises(ValidationError):
        Profile.model_validate({"code": "x", "fields": {"a": binding}})
