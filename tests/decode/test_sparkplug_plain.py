"""The quick way of a Sparkplug metric is no other way."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decode.common.limits import Limits
from ingest.decode.sparkplug import sparkplug
from ingest.decode.sparkplug.plain import Plain, plain_metrics
from ingest.decode.sparkplug.session import View
from schemas.certificate import Certificate, Known
from schemas.profile import Profile
from schemas.uplink import Uplink
from tests.decode.sparkplug import FIELDS, T0_MS, payload

PROFILE = Profile.model_validate({"code": "slope", "fields": FIELDS, "ignore": ["air/humidity"]})
OTHER = Profile.model_validate(
    {"code": "other", "fields": {"soil/temperature": "air_temperature", "air/humidity": "air_humidity"}}
)
NAMES = ("soil/temperature", "tilt/x_mdeg", "gate/open", "rain/total_tips", "air/humidity", "who_knows")
ANNOUNCED = st.tuples(
    st.sampled_from([2, 3, 4, 7, 8, 9, 10, 11, 12]), st.sampled_from([None, "K"]), st.sampled_from([None, T0_MS - 5])
)
VALUE = st.one_of(
    st.fixed_dictionaries({"int_value": st.integers(0, 2**32 - 1)}),
    st.fixed_dictionaries({"long_value": st.integers(0, 2**64 - 1)}),
    st.fixed_dictionaries({"float_value": st.floats(width=32, allow_nan=False)}),
    st.fixed_dictionaries({"double_value": st.floats(allow_nan=False)}),
    st.fixed_dictionaries({"boolean_value": st.booleans()}),
    st.just({}),
)
MORE = st.fixed_dictionaries(
    {},
    optional={
        "alias": st.integers(0, 7), "name": st.sampled_from(NAMES), "is_null": st.booleans(), "quality": st.just(500),
        "is_transient": st.booleans(), "is_historical": st.booleans(), "unit": st.just("mdeg"),
        "timestamp": st.sampled_from([0, T0_MS, T0_MS - 5, T0_MS - 900, 2**63]),
    },
)  # fmt: skip


def born(announced: list[tuple[int, str | None, int | None]]) -> View:
    metrics = tuple(
        Known(name, alias, datatype, unit, at_ms)
        for alias, (name, (datatype, unit, at_ms)) in enumerate(zip(NAMES, announced, strict=True))
    )
    return View((Certificate("g/n", "d", "DBIRTH", 1, 1, T0_MS - 5, None, metrics),), {})


def said(message: bytes, profile: Profile | None, view: View) -> Uplink:
    return sparkplug.decode(message, "DDATA", profile, Limits(), lambda _: view)


def nothing(_view: View | None, _profile: Profile | None) -> Mapping[int, Plain]:
    return {}


@given(
    announced=st.lists(ANNOUNCED, min_size=len(NAMES), max_size=len(NAMES)),
    metrics=st.lists(st.tuples(VALUE, MORE).map(lambda pair: {**pair[0], **pair[1]}), max_size=4),
    profile=st.sampled_from([None, PROFILE, OTHER]),
    at_ms=st.sampled_from([0, T0_MS]),
)
def test_the_quick_way_says_what_the_long_way_says(
    announced: Any, metrics: list[dict[str, Any]], profile: Profile | None, at_ms: int
) -> None:
    view, message = born(announced), payload(*metrics, at_ms=at_ms)
    quickly = said(message, profile, view)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sparkplug, "plain_metrics", nothing)
        assert said(message, profile, view) == quickly


def test_a_number_bound_as_it_is_goes_the_quick_way_and_a_new_profile_is_heeded() -> None:
    view = born([(9, None, None)] * len(NAMES))
    message = payload({"alias": 4, "float_value": 61.5})
    assert set(plain_metrics(view, None)) == {4}
    assert [row[:2] for row in said(message, None, view).measured] == [("air_humidity", 61.5)]
    assert said(message, PROFILE, view).measured == [], "this one ignores it"
    assert [row[0] for row in said(message, OTHER, view).measured] == ["air_humidity"]


@pytest.mark.parametrize(
    "more",
    [{"is_null": True}, {"is_transient": True}, {"quality": 0}, {"quality": 500}, {"name": "who_knows"}],
    ids=str,
)
def test_what_says_more_than_a_number_is_no_plain_number(more: dict[str, Any]) -> None:
    view = born([(9, None, None)] * len(NAMES))
    assert said(payload({"alias": 4, "float_value": 61.5, **more}), None, view).measured != [
        ("air_humidity", 61.5, None, 0, None)
    ]
