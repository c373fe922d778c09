"""Which birth a message is read by: as it comes, out of order, again after a restart, and out of quarantine."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decode.sparkplug.births import Births
from ingest.decode.sparkplug.limits import USUAL, weigh
from ingest.decode.sparkplug.session import KEPT_SESSIONS
from ingest.message import Received
from ingest.pipeline.build import birth_limits, build_interpreter
from ingest.pipeline.first_receipts import FirstReceipts
from ingest.pipeline.interpret import Interpreter
from ingest.registry.index import DeviceEntry, Directory
from ingest.rows import MessageRows, ReadingRow
from ingest.settings.model import Settings
from ingest.settings.sparkplug import SparkplugSettings
from schemas.profile import Profile
from schemas.quantity import BY_CODE
from schemas.reading import Quality
from schemas.rejection import RejectionReason as R
from tests.decode.sparkplug import (
    DBIRTH,
    DDATA,
    DDATA_32_BITS,
    DEVICE,
    FIELDS,
    NBIRTH,
    NDEATH,
    NODE,
    T0_MS,
    nbirth,
    payload,
)

NOW_US = (T0_MS + 61_000) * 1000
OWN = {"air/temperature": "air_temperature", "soil/moisture": "soil_moisture"}
SLOPE = DeviceEntry(1, 7, "farm", "slope-3", True, Profile.model_validate({"code": "slope", "fields": FIELDS | OWN}))
DIRECTORY = Directory(1, projects={"farm": 7}, sparkplug={DEVICE: SLOPE})
TEMPERATURE, MOISTURE = BY_CODE["air_temperature"].id, BY_CODE["soil_moisture"].id


class Line:
    """A service that hears one message after the other."""

    def __init__(self, births: Births | None = None, directory: Directory = DIRECTORY) -> None:
        self.interpret: Interpreter = build_interpreter(Settings(), directory, FirstReceipts(), births)
        self.at_us = NOW_US

    def hears(self, event: str, message: bytes, *, duplicate: bool = False) -> MessageRows:
        self.at_us += 1
        return self.interpret.interpret(received(event, message, self.at_us, duplicate=duplicate))


def received(event: str, message: bytes, at_us: int, who: str | None = None, *, duplicate: bool = False) -> Received:
    group, node, *device = (who or (NODE if event[0] == "N" else DEVICE)).split("/")
    return Received("/".join(("spBv1.0", group, event, node, *device)), message, at_us, duplicate=duplicate)


def reason(interpreted: MessageRows) -> R | None:
    return None if interpreted.uplink is not None else interpreted.quarantined[0].reason


def rows(interpreted: MessageRows) -> list[ReadingRow]:
    return sorted(interpreted.readings)


def announced(name: str, *, at_ms: int, alias: int = 1) -> bytes:
    return payload({"name": name, "alias": alias, "datatype": 10, "double_value": 1.0}, at_ms=at_ms, seq=1)


def value(number: float, *, at_ms: int, alias: int = 1) -> bytes:
    return payload({"alias": alias, "double_value": number}, at_ms=at_ms, seq=2)


def begins(line: Line, name: str, *, at_ms: int, bd_seq: int = 0) -> None:
    line.hears("NBIRTH", nbirth(bd_seq=bd_seq, at_ms=at_ms))
    line.hears("DBIRTH", announced(name, at_ms=at_ms + 5))


def test_a_doubted_value_is_stored_and_flagged_and_history_keeps_its_time() -> None:
    line = Line()
    line.hears("NBIRTH", NBIRTH)
    line.hears("DBIRTH", DBIRTH)
    interpreted = line.hears("DDATA", DDATA)
    flags = {row[3]: row[5] for row in interpreted.readings}
    assert flags[BY_CODE["gate_state"].id] == Quality.PUBLISHER
    level = next(row for row in interpreted.readings if row[3] == BY_CODE["paddy_water_level"].id)
    assert (level[0], round(level[1], 9), level[5]) == ((T0_MS + 30_000) * 1000, 11.8, None)


def test_the_number_of_a_message_is_its_nodes_and_counts_no_loss_of_a_device() -> None:
    line = Line()
    line.hears("NBIRTH", NBIRTH)
    line.hears("DBIRTH", DBIRTH)
    uplink = line.hears("DDATA", DDATA).uplink
    assert uplink is not None
    assert (uplink.counter, uplink.link) == (None, b'{"seq":2}')


def test_births_are_learnt_from_a_node_that_is_not_registered_itself() -> None:
    line = Line()
    birth = line.hears("NBIRTH", NBIRTH)
    assert reason(birth) == R.UNKNOWN_DEVICE
    assert birth.certificate is not None, "and kept"
    line.hears("DBIRTH", DBIRTH)
    assert line.hears("DDATA", DDATA).uplink is not None


def test_made_up_nodes_fill_no_memory() -> None:
    line = Line()
    strange = line.interpret.interpret(received("NBIRTH", NBIRTH, NOW_US, who="Hokuto/edge-2"))
    assert strange.certificate is None
    assert reason(strange) == R.UNKNOWN_DEVICE


def in_order(*messages: tuple[str, bytes]) -> list[list[ReadingRow]]:
    line = Line()
    return [rows(line.hears(*one)) for one in messages]


def test_data_before_its_birth_gives_the_same_rows_when_it_is_replayed() -> None:
    *_, expected, last = in_order(("NBIRTH", NBIRTH), ("DBIRTH", DBIRTH), ("DDATA", DDATA), ("DDATA", DDATA_32_BITS))
    line = Line()
    line.hears("NBIRTH", NBIRTH)
    early = line.hears("DDATA", DDATA)
    assert reason(early) == R.NOT_BORN
    line.hears("DBIRTH", DBIRTH)
    assert rows(line.hears("DDATA", DDATA_32_BITS)) == last
    assert rows(line.interpret.interpret(early.message)) == expected, (
        "as `quarantine replay` judges it: by its first receipt"
    )


@given(order=st.permutations(range(4)))
def test_any_order_of_arrival_gives_the_same_rows_in_the_end(order: list[int]) -> None:
    told = [("NBIRTH", NBIRTH), ("DBIRTH", DBIRTH), ("DDATA", DDATA), ("DDATA", DDATA_32_BITS)]
    expected = in_order(*told)
    line = Line()
    heard = {number: line.hears(*told[number]) for number in order}
    for number, interpreted in heard.items():
        again = line.interpret.interpret(interpreted.message) if reason(interpreted) == R.NOT_BORN else interpreted
        assert rows(again) == expected[number]


def test_what_came_before_the_first_birth_of_all_is_read_by_a_birth_that_was_asked_for() -> None:
    line = Line()
    early = line.hears("DDATA", value(18.4, at_ms=T0_MS + 1_000))
    assert reason(early) == R.NOT_BORN
    begins(line, "air/temperature", at_ms=T0_MS + 5_000)
    assert [row[1] for row in line.interpret.interpret(early.message).readings] == [18.4]


def test_what_came_before_a_death_is_not_read_by_the_birth_after_it() -> None:
    line = Line()
    early = line.hears("DDATA", value(18.4, at_ms=T0_MS + 1_000))
    assert line.hears("NDEATH", NDEATH).certificate is not None, "kept, though no birth is known"
    begins(line, "soil/moisture", at_ms=T0_MS + 5_000, bd_seq=8)
    assert reason(line.interpret.interpret(early.message)) == R.NOT_BORN


def test_nothing_is_read_by_a_session_that_has_ended() -> None:
    line = Line()
    begins(line, "air/temperature", at_ms=T0_MS, bd_seq=7)
    line.hears("NDEATH", NDEATH)
    orphan = line.hears("DDATA", value(18.4, at_ms=T0_MS + 1_000))
    assert reason(orphan) == R.NOT_BORN, "the node died; who speaks now has not said what it means"
    begins(line, "soil/moisture", at_ms=T0_MS + 5_000, bd_seq=8)
    assert line.hears("DDATA", value(30.0, at_ms=T0_MS + 6_000)).readings[0][3] == MOISTURE


def test_a_late_death_of_an_earlier_session_ends_nothing() -> None:
    line = Line()
    begins(line, "air/temperature", at_ms=T0_MS, bd_seq=8)
    late = line.hears("NDEATH", NDEATH)
    assert late.certificate is None
    assert line.hears("DDATA", value(18.4, at_ms=T0_MS + 1_000)).readings[0][3] == TEMPERATURE


def test_a_new_birth_of_the_node_invalidates_its_devices_until_theirs() -> None:
    line = Line()
    begins(line, "air/temperature", at_ms=T0_MS)
    line.hears("NBIRTH", nbirth(bd_seq=1, at_ms=T0_MS + 5_000))
    assert reason(line.hears("DDATA", value(18.4, at_ms=T0_MS + 6_000))) == R.NOT_BORN


def test_a_redelivery_is_read_by_the_birth_that_was_in_force_when_it_was_sent() -> None:
    """After a crash the broker delivers again what an earlier session of the node sent: its aliases were others."""
    line = Line()
    begins(line, "air/temperature", at_ms=T0_MS, bd_seq=0)
    begins(line, "soil/moisture", at_ms=T0_MS + 10_000, bd_seq=1)
    old = line.hears("DDATA", value(18.4, at_ms=T0_MS + 5_000), duplicate=True)
    assert [row[3] for row in old.readings] == [TEMPERATURE]
    new = line.hears("DDATA", value(31.0, at_ms=T0_MS + 15_000), duplicate=True)
    assert [row[3] for row in new.readings] == [MOISTURE]


def test_a_node_whose_clock_was_set_back_is_read_by_its_newest_birth() -> None:
    line = Line()
    begins(line, "air/temperature", at_ms=T0_MS)
    begins(line, "soil/moisture", at_ms=T0_MS + 60_000)
    assert line.hears("DDATA", value(31.0, at_ms=T0_MS + 5_000)).readings[0][3] == MOISTURE


def test_a_birth_that_is_delivered_again_is_no_news() -> None:
    line = Line()
    assert line.hears("NBIRTH", NBIRTH).certificate is not None
    assert line.hears("NBIRTH", NBIRTH, duplicate=True).certificate is None


def test_a_device_may_be_born_again_within_a_session() -> None:
    line = Line()
    begins(line, "air/temperature", at_ms=T0_MS)
    line.hears("DBIRTH", announced("soil/moisture", at_ms=T0_MS + 10_000))
    assert line.hears("DDATA", value(31.0, at_ms=T0_MS + 11_000)).readings[0][3] == MOISTURE
    old = line.hears("DDATA", value(18.4, at_ms=T0_MS + 9_000), duplicate=True)
    assert [row[3] for row in old.readings] == [TEMPERATURE]


def test_a_node_that_flaps_keeps_only_its_last_sessions() -> None:
    line = Line()
    for number in range(3 * KEPT_SESSIONS):
        begins(line, "air/temperature", at_ms=T0_MS + number * 100, bd_seq=number)
    (node,) = line.interpret.births._nodes.values()
    assert len(node.sessions) == KEPT_SESSIONS
    old = line.hears("DDATA", value(18.4, at_ms=T0_MS + 50), duplicate=True)
    assert reason(old) == R.NOT_BORN, "not read by a birth it does not belong to"


@pytest.mark.parametrize("event", ["NBIRTH", "DBIRTH", "NDEATH", "NDATA", "DDATA", "DDEATH"])
@given(message=st.binary(max_size=120))
def test_any_bytes_become_rows_or_a_quarantine_row(event: str, message: bytes) -> None:
    line: Any = Line()
    interpreted = line.hears(event, message)
    assert (interpreted.uplink is None) == (reason(interpreted) is not None)
    assert reason(interpreted) != R.DECODER_DEFECT


def test_a_birth_over_a_limit_is_set_aside_whole_with_its_reason_and_nothing_is_read_by_it() -> None:
    settings = Settings(sparkplug=SparkplugSettings(max_metrics=100))
    line = Line(Births(limits=birth_limits(settings.sparkplug)))
    line.hears("NBIRTH", NBIRTH)
    metrics = [{"name": f"air/{nth}", "alias": 20 + nth, "datatype": 10, "double_value": 1.0} for nth in range(100)]
    birth = line.hears("DBIRTH", payload(*metrics, at_ms=T0_MS + 10, seq=1))
    assert (reason(birth), birth.certificate) == (R.TOO_MANY_ELEMENTS, None)
    (row,) = birth.quarantined
    assert row.detail.startswith("birth not accepted: node Hokuto/edge-1 announces more than 100 metrics")
    assert row.payload, "with its bytes, for a replay when the setting says more"
    assert reason(line.hears("DDATA", value(1.0, at_ms=T0_MS + 20, alias=21))) == R.NOT_BORN
    line.hears("DBIRTH", DBIRTH)
    assert line.hears("DDATA", DDATA).uplink is not None, "the node goes on within its limits"


def test_a_birth_with_a_name_that_is_no_name_is_set_aside_whole() -> None:
    line = Line()
    line.hears("NBIRTH", NBIRTH)
    birth = line.hears("DBIRTH", announced("x" * 200_000, at_ms=T0_MS + 10))
    assert (reason(birth), birth.certificate) == (R.TOO_LARGE, None)
    assert len(birth.quarantined[0].detail) < 200
    assert line.interpret.births.gauges["sparkplug_births_refused"] == 1


def test_births_of_devices_that_do_not_exist_are_set_aside_and_remembered_no_more_than_a_few_times() -> None:
    line = Line()
    line.hears("NBIRTH", NBIRTH)
    for number in range(300):
        message = announced("air/temperature", at_ms=T0_MS + 10 + number)
        interpreted = line.interpret.interpret(
            received("DBIRTH", message, NOW_US + 10 + number, f"{NODE}/made-up-{number}")
        )
        assert reason(interpreted) == R.UNKNOWN_DEVICE
        assert (interpreted.certificate is not None) == (number < USUAL.unregistered)
    assert line.interpret.births.take_refused()[NODE][0] == 250
    line.interpret.interpret(received("DBIRTH", b"not read at all", NOW_US + 400, f"{NODE}/made-up-300"))
    assert line.interpret.births.take_refused()[NODE][0] == 1, "refused by its topic, for reading a birth is dear"
    line.hears("DBIRTH", DBIRTH)
    assert line.hears("DDATA", DDATA).uplink is not None, "a registered one is not kept out by them"


def test_values_of_templates_and_files_in_a_birth_are_not_remembered() -> None:
    line = Line()
    big: dict[str, Any] = {"name": "a", "alias": 7, "datatype": 18, "bytes_value": b"x" * 200_000}
    birth = line.hears("NBIRTH", nbirth(big))
    assert birth.certificate is not None
    assert weigh(birth.certificate) == 4 + 2
