"""Words and numbers: both languages complete, durations and values as a clerk reads them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.routing import iter_route_contexts

from ingest.figures.model import State
from ingest.web.app import create_app
from ingest.web.openapi import without_a_database
from ingest.web.render import HERE
from ingest.web.rules import rule_of
from ingest.web.text import CATALOGUES, Language, language_of
from ingest.web.text.en import TEXTS as EN
from ingest.web.text.ja import TEXTS as JA
from ingest.web.text.states_ja import STATE_NAMES
from ingest.web.text.writer import Writer
from schemas.device import NetworkKind
from schemas.quantity import BY_CODE, CATALOGUE
from schemas.reading import Quality
from schemas.rejection import RejectionReason

NOW = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
RESERVED = ("警報", "注意報", "予報")


def test_both_languages_have_the_same_texts_with_the_same_places_to_fill() -> None:
    assert JA.keys() == EN.keys()
    for key, text in JA.items():
        assert set(re.findall(r"{(\w+)}", text)) == set(re.findall(r"{(\w+)}", EN[key])), key


def test_no_text_is_left_over() -> None:
    sources = [
        *HERE.rglob("*.html"),
        *(path for path in HERE.rglob("*.py") if path.parent.name != "text" or path.stem == "writer"),
    ]
    used = " ".join(path.read_text(encoding="utf-8") for path in sources)
    composed = (
        "state_",
        "health_",
        "verdict_",
        "advice_",
        "range_",
        "kind_",
        "flag_",
        "wind_",
        "correction_",
        "api_",
        "lane_",
        "outages_level_",
        "done_",
        "changed_",
        "may_",
        "person_",
        "token_",
        "scope_",
        "signal_",
        "page_",
        "said_",
        "field_",
        "measure_to_",
        "plan_sector_",
        "plan_basis_",
        "plan_review_",
        "plan_income_",
        "plan_level_",
        "plan_against_",
        "plan_stage_",
        "plan_means_",
        "who_",
        "report_due_",
        "delivery_",
        "schedule_about_",
        "report_span_",
        "report_state_",
        "report_step_",
        "watch_kind_",
        "chronology_origin_",
        "chronology_silence_",
        "chronology_blind_",
        "chronology_airtime_",
        "chronology_quality_",
        "chronology_missed_",
        "watch_list_",
        "watch_delivery_",
        "watch_withheld_",
        "watch_channel_",
        "watch_action_",
        "watch_origin_",
        "watch_way_",
        "watch_mark_",
        "watch_hazard_",
        "watch_done_",
        "phone_done_",
    )
    left = [
        key
        for key in JA
        if not key.startswith(composed) and not key.endswith("_more") and not re.search(rf"\b{key}\b", used)
    ]
    assert left == []


@pytest.mark.parametrize("language", list(Language))
def test_every_state_reason_network_and_flag_has_words(language: Language) -> None:
    texts, writer = CATALOGUES[language], Writer(language, NOW)
    assert all(f"state_{state}" in texts for state in State)
    assert all(f"advice_{reason}" in texts for reason in RejectionReason)
    assert all(writer.reason(reason) != str(reason) for reason in RejectionReason)
    assert all(writer.network_kind(kind) != str(kind) for kind in NetworkKind)
    assert len(writer.flags(sum(Quality))) == len(Quality)


def test_every_state_of_the_catalogue_has_a_japanese_name() -> None:
    writer = Writer(Language.JA, NOW)
    for quantity in CATALOGUE:
        for number in set(quantity.states.values()):
            assert writer.state_name(quantity, number) in STATE_NAMES.values(), (quantity.code, number)


def test_no_text_uses_the_words_reserved_for_the_meteorological_agency() -> None:
    assert [text for text in (*JA.values(), *STATE_NAMES.values()) if any(word in text for word in RESERVED)] == []


@pytest.mark.parametrize(
    ("seconds", "ja", "en"),
    [
        (None, "—", "—"),
        (0, "0秒", "0 s"),
        (59.9, "59秒", "59 s"),
        (60, "1分", "1 min"),
        (3600, "1時間", "1 h"),
        (3 * 3600 + 300, "3時間5分", "3 h 5 min"),
        (2 * 86400 + 4 * 3600, "2日4時間", "2 d 4 h"),
        (3 * 86400, "3日", "3 days"),
        (40.5 * 86400, "40日", "40 days"),
    ],
)
def test_a_duration_has_two_units_at_most(seconds: float | None, ja: str, en: str) -> None:
    assert Writer(Language.JA, NOW).duration(seconds) == ja
    assert Writer(Language.EN, NOW).duration(seconds) == en


def test_a_moment_is_as_short_as_it_stays_clear() -> None:
    writer = Writer(Language.JA, NOW)
    assert writer.moment(NOW) == "09:30:00"
    assert writer.moment(NOW - timedelta(days=1)) == "11月23日 09:30"
    assert writer.moment(NOW - timedelta(days=400)) == "2025年10月20日"
    assert Writer(Language.EN, NOW).moment(NOW - timedelta(days=1)) == "Nov 23 09:30"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (18.4, "18.4"),
        (0.1234, "0.123"),
        (-0.0001, "0"),
        (1013.25, "1,013"),
        (100.0, "100"),
        (20.0, "20"),
        (-3.456, "-3.46"),
    ],
)
def test_a_value_has_about_four_digits_and_no_exponent(value: float, text: str) -> None:
    assert Writer(Language.JA, NOW).number(value) == text


def test_units_are_japanese_for_japanese_readers_only() -> None:
    assert Writer(Language.JA, NOW).value(BY_CODE["people_count"], 3) == "3 人"
    assert Writer(Language.EN, NOW).value(BY_CODE["people_count"], 3) == "3"
    assert Writer(Language.EN, NOW).value(BY_CODE["air_temperature"], 3) == "3 °C"
    assert Writer(Language.JA, NOW).value(BY_CODE["gate_state"], 1) == "開"
    assert BY_CODE["air_temperature"].unit_ja == "℃"


def test_the_first_language_we_have_is_taken_and_japanese_without_a_wish() -> None:
    assert language_of("fr", "en") is Language.EN
    assert language_of(None, None) is Language.JA


def test_every_page_has_a_name_in_the_audit_log() -> None:
    app = create_app(without_a_database())
    pages = {
        route.endpoint.__name__
        for route in iter_route_contexts(app.routes)
        if route.endpoint is not None
        and "GET" in (route.methods or ())
        and (rule := rule_of(route.endpoint)) is not None
        and rule.verb is not None
        and not str(route.path).startswith(("/api/", "/metrics"))
    }
    assert {name for name in pages if f"page_{name}" not in JA} == set()
    assert "overview" in pages
