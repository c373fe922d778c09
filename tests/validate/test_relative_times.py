"""A publisher without a clock says how long ago it measured: what it said hangs on the time of receipt."""

import orjson

from ingest.message import Received
from ingest.pipeline.first_receipts import FirstReceipts
from ingest.rows import MessageRows
from schemas.reading import Quality
from schemas.rejection import RejectionReason
from tests.pipeline.test_interpret import NOW_US, a_judge, whole_reason

TOPIC = "senml/farm/soil-1"
PACK = orjson.dumps(
    [{"n": "soil_moisture", "t": -600, "u": "/", "v": 0.3}, {"n": "soil_moisture", "u": "/", "v": 0.31}]
)


def received(at_us: int = NOW_US, **more: bool | int) -> Received:
    return Received(TOPIC, PACK, at_us, **more)  # type: ignore[arg-type]


def times(interpreted: MessageRows) -> list[int]:
    return [row[0] for row in interpreted.readings]


def test_each_reading_is_placed_from_the_time_of_receipt() -> None:
    interpreted = a_judge().interpret(received())
    assert times(interpreted) == [NOW_US - 600_000_000, NOW_US]
    assert interpreted.uplink is not None
    assert (interpreted.uplink.time_us, interpreted.uplink.quality) == (NOW_US, Quality.TIME_ABSENT)
    assert interpreted.by_receipt


def test_a_redelivery_is_placed_from_its_first_receipt() -> None:
    receipts = FirstReceipts()
    receipts.ids_were_kept(0)
    first = a_judge(receipts).interpret(received(packet_id=7))
    again = a_judge(receipts).interpret(received(NOW_US + 5_000_000, packet_id=7, duplicate=True))
    assert times(again) == times(first)
    assert again.uplink == first.uplink


def test_a_kept_message_is_of_no_time_at_all() -> None:
    assert whole_reason(a_judge().interpret(received(retain=True))) == RejectionReason.RETAINED_WITHOUT_TIME
