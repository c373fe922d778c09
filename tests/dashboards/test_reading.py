"""What a reader sees: numbers whole and in a unit that stays, columns in sight, no alarm where nothing is wrong."""

import re
from typing import Any

import pytest

from ingest.web.text.states_ja import STATE_NAMES
from schemas.quantity import BY_CODE, CATALOGUE, Kind
from tests.alerts.documents import ALERTS
from tests.dashboards.documents import FILES, FOLDER, REPOSITORY, Json, load, panels, properties, variables

EVERY = [(file.stem, panel) for file in FILES for panel in panels(load(file))]
TABLES = [pair for pair in EVERY if pair[1]["type"] == "table"]
SERIES = [pair for pair in EVERY if pair[1]["type"] == "timeseries"]
ALARMS = {"red", "dark-red", "semi-dark-red", "orange"}

STEADY = {"celsius", "percent", "percentunit", "locale", "none", "dateTimeAsIso", "dtdhms", "Bps", "bytes"}
"""Units that do not change with the size of the value, and bytes. Not among them: `short` makes 24 K of 23,767 and 12
of the code 0012, `lengthm` makes 300 mm of 0.30 m, `dtdurations` makes a day of 47 hours, `dBm` is written dbm."""
STEADY_TOO = re.compile(r"suffix:\S|time:YYYY-MM-DD HH:mm$")

WINDOW_PX, COLUMNS, GAP_PX, EDGE_PX, LEAST_PX = 1568, 24, 8, 2, 150
"""A window of 1600 pixels; Grafana's grid; a column of a table that has no width takes so much at least."""


def ids(pair: tuple[str, Json]) -> str:
    return f"{pair[0]}: {pair[1]['title']}" if isinstance(pair, tuple) else str(pair)


each_panel = pytest.mark.parametrize("pair", EVERY, ids=ids)
each_table = pytest.mark.parametrize("pair", TABLES, ids=ids)
each_series = pytest.mark.parametrize("pair", SERIES, ids=ids)


def rules(panel: Json) -> list[tuple[str, str, Json]]:
    """(matcher, what it matches, settings) of each override."""
    found = panel["fieldConfig"]["overrides"]
    return [(rule["matcher"]["id"], rule["matcher"]["options"], properties(rule)) for rule in found]


def queries(panel: Json) -> list[str]:
    return [target["rawSql"] for target in panel["targets"] if "rawSql" in target]


@each_panel
def test_a_unit_is_the_same_for_a_small_and_a_large_value(pair: tuple[str, Json]) -> None:
    _, panel = pair
    units = [settings["unit"] for _, _, settings in rules(panel) if "unit" in settings]
    units += [panel["fieldConfig"]["defaults"][key] for key in ("unit",) if key in panel["fieldConfig"]["defaults"]]
    assert [unit for unit in units if unit not in STEADY and not STEADY_TOO.match(unit)] == []


@each_table
def test_a_code_that_looks_like_a_number_stays_a_code_and_a_number_is_shown_whole(pair: tuple[str, Json]) -> None:
    _, panel = pair
    assert "unit" not in panel["fieldConfig"]["defaults"]  # it would be the unit of texts too
    assert rules(panel)[0] == ("byType", "number", {"unit": "locale"})  # first, so that a column may have its own


def test_lengths_have_the_decimals_of_their_gauges() -> None:
    decimals = {"suffix:m": 2, "suffix:mm": 1}
    found = set()
    for _, panel in EVERY:
        defaults = panel["fieldConfig"]["defaults"]
        named = [defaults, *(settings for matcher, _, settings in rules(panel) if matcher == "byName")]
        for settings in named:
            if settings.get("unit") in decimals:
                assert settings.get("decimals", defaults["decimals"]) == decimals[settings["unit"]], panel["title"]
                found.add(settings["unit"])
    assert found == decimals.keys()


def shown(panel: Json) -> list[Json]:
    """The settings of each column that is to be seen."""
    named = [settings for matcher, _, settings in rules(panel) if matcher == "byName"]
    return [settings for settings in named if not settings.get("custom.hideFrom", {}).get("viz")]


def width_px(panel: Json) -> int:
    """How wide a panel is within, in a window of 1600 pixels."""
    width: int = panel["gridPos"]["w"]
    return round((WINDOW_PX - (COLUMNS - 1) * GAP_PX) / COLUMNS * width + GAP_PX * (width - 1)) - EDGE_PX


@each_table
def test_every_column_of_a_table_is_in_sight_at_1600_pixels(pair: tuple[str, Json]) -> None:
    _, panel = pair
    taken = [column.get("custom.width") or column.get("custom.minWidth", LEAST_PX) for column in shown(panel)]
    assert sum(taken) <= width_px(panel)


@each_table
def test_codes_are_there_for_links_only_and_a_name_has_room_for_its_number(pair: tuple[str, Json]) -> None:
    _, panel = pair
    for matcher, column, settings in rules(panel):
        if matcher == "byName" and settings.get("displayName", "").endswith("コード"):
            assert settings["custom.hideFrom"] == {"viz": True}, column
        if column in {"title", "device_name"}:
            room = settings.get("custom.width") or settings["custom.minWidth"]
            assert room >= 175, column  # 上谷 水田水位計 042


def first_step(settings: Json) -> str:
    steps = settings.get("thresholds", {}).get("steps", [{"color": "text"}])
    return str(steps[0]["color"])


@each_table
def test_what_is_not_known_has_no_colour_of_an_alarm(pair: tuple[str, Json]) -> None:
    _, panel = pair
    for _, column, settings in rules(panel):
        if first_step(settings) in ALARMS and "noValue" in settings:
            specials = [m["options"] for m in settings.get("mappings", []) if m["type"] == "special"]
            of_null = [special["result"]["color"] for special in specials if special["match"] == "null+nan"]
            assert of_null == ["text"], column


@each_table
def test_a_healthy_false_has_no_colour_of_an_alarm(pair: tuple[str, Json]) -> None:
    _, panel = pair
    for _, column, settings in rules(panel):
        for mapping in settings.get("mappings", []):
            if {"true", "false"} & mapping["options"].keys():
                colours = {value: word.get("color") for value, word in mapping["options"].items()}
                assert colours["false"] == "text", column  # without a colour Grafana takes red
                assert colours["true"] in ALARMS, column


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_all_of_a_variable_that_has_no_values_is_an_empty_list(file: Any) -> None:
    document = load(file)
    several = {name for name, variable in variables(document).items() if variable.get("multi")}
    texts = [text for panel in panels(document) for text in queries(panel)]
    texts += [v["query"] for v in variables(document).values() if v["type"] == "query" and isinstance(v["query"], str)]
    for text in texts:
        for name in re.findall(r"\$\{(\w+):sqlstring\}", text):
            if name in several:
                bare = text.replace(f"array[${{{name}:sqlstring}}]::text[]", "")
                assert f"${{{name}:sqlstring}}" not in bare, text


def test_a_link_to_another_dashboard_keeps_the_period_and_the_project() -> None:
    for _, panel in EVERY:
        for _, _, settings in rules(panel):
            for link in settings.get("links", []):
                if link["url"].startswith("/d/"):
                    assert link["url"].endswith("&${__url_time_range}"), panel["title"]
    for file in FILES:
        document = load(file)
        for link in document["links"]:
            if link["url"].startswith("/d/"):
                assert link["keepTime"] is True
                assert link["url"].endswith("?${project:queryparam}") == ("project" in variables(document))


def test_the_pages_are_where_one_setting_says() -> None:
    for file in FILES:
        pages = variables(load(file))["pages"]
        assert pages["query"] == "select figure_pages_url() as __text, figure_pages_url() as __value"
        assert pages["hide"] == 2


@each_series
def test_a_line_of_devices_is_joined_over_hours_and_a_chart_of_nothing_says_so_once(pair: tuple[str, Json]) -> None:
    _, panel = pair
    custom = panel["fieldConfig"]["defaults"]["custom"]
    for text in queries(panel):
        if custom.get("drawStyle", "line") == "line":
            # A bucket in which another series has a value and this one has none is a null.
            assert custom["spanNulls"] is True or 7_200_000 <= custom["spanNulls"] <= 10_800_000
        if "figure_link" in text or ("figure_radio" in text and "received as value" not in text):
            assert "is not null" in text  # a series of nulls would repeat the sentence for each of its sums


@each_series
def test_bars_of_several_series_hide_none(pair: tuple[str, Json]) -> None:
    _, panel = pair
    custom = panel["fieldConfig"]["defaults"]["custom"]
    if custom.get("drawStyle") == "bars":
        stacked = custom.get("stacking", {}).get("mode") == "normal"
        assert stacked or (custom["lineWidth"] > 0 and custom["fillOpacity"] <= 30)


def titled(stem: str, title: str) -> Json:
    (found,) = [panel for panel in panels(load(FOLDER / f"{stem}.json")) if panel["title"] == title]
    return found


def test_each_quantity_of_a_device_stands_on_an_axis_with_its_unit() -> None:
    patterns = [
        (re.compile(matched.strip("/")), settings["unit"])
        for matcher, matched, settings in rules(titled("device", "測定値"))
        if matcher == "byRegexp" and "unit" in settings
    ]
    for quantity in CATALOGUE:
        if quantity.unit_ja:
            name = f"{quantity.label_ja} #2 最低 ({quantity.unit_ja})"
            units = [unit for pattern, unit in patterns if pattern.search(name)]
            assert units == ["percent" if quantity.unit_ja == "%" else f"suffix:{quantity.unit_ja}"], name


def test_a_running_total_does_not_flatten_what_is_measured_in_its_unit() -> None:
    (pattern,) = [
        re.compile(matched.strip("/"))
        for _, matched, settings in rules(titled("device", "測定値"))
        if settings.get("custom.axisLabel") == "積算"
    ]
    found = {quantity.code for quantity in CATALOGUE if pattern.search(f"{quantity.label_ja} (mm)")}
    assert found == {quantity.code for quantity in CATALOGUE if quantity.kind == Kind.COUNTER}


def test_levels_of_rivers_and_snow_are_drawn_at_their_highest() -> None:
    for stem, title in (("overview", "河川水位"), ("disaster", "水位の推移"), ("disaster", "積雪深")):
        assert "coalesce(r.high, r.value) as value" in queries(titled(stem, title))[0]


@each_panel
def test_no_line_of_measured_values_is_a_mean_alone(pair: tuple[str, Json]) -> None:
    for query in queries(pair[1]):
        if "figure_several(" in query:
            assert "r.high" in query


def test_valves_and_gates_have_the_words_of_the_pages() -> None:
    (mapping,) = titled("farming", "バルブとゲート")["fieldConfig"]["defaults"]["mappings"]
    for code in ("valve_state", "gate_state"):
        states: dict[str, str] = {}
        for name, value in BY_CODE[code].states.items():  # of several names for a value the first is shown
            states.setdefault(str(value), STATE_NAMES.get(name, name))
        assert {value: word["text"] for value, word in mapping["options"].items()} == states


def test_states_and_remarks_are_asked_for_by_their_japanese_words() -> None:
    for _, panel in EVERY:
        for text in queries(panel):
            chosen = re.split(r"\sfrom\s", text)[0]
            shown_raw = re.sub(
                r"figure_state_word\(state_name\)|state_name is null|figure_flag_words\(flags\) as flags", "", chosen
            )
            assert not re.search(r"state_name|flags", shown_raw), panel["title"]


JOB = re.compile(r"""\bJob\(\s*"(\w+)\"""")


def jobs() -> set[str]:
    """The names of the jobs of the housekeeping, as the program writes them."""
    sources = (REPOSITORY / "ingest").rglob("*.py")
    return {name for source in sources for name in JOB.findall(source.read_text(encoding="utf-8"))}


def test_every_job_of_the_housekeeping_has_a_japanese_name_on_the_screen_and_in_the_alert() -> None:
    assert {"rollups", "retention", "silence", "outlook"} <= jobs()
    panel = titled("ingest", "後片付けの最後の成功から")
    words = {matched: settings["displayName"] for _, matched, settings in rules(panel)}
    summary = ALERTS["HousekeepingLate"]["annotations"]["summary"]
    for name in jobs():
        assert f'eq . "{name}" }}}}{words[f"/^{name}$/"]}{{{{' in summary
