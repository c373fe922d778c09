"""What a measure may say, and when it may move on. Each refusal says what to do instead."""

from collections.abc import Iterator
from datetime import date

from ingest.access.authority import ChangeRefused
from ingest.plan.act import database
from ingest.plan.act.model import TRANSITIONS, Measure, MeasureDraft
from ingest.plan.act.series import SERIES
from ingest.store.database import Database
from schemas.bilingual import Bilingual
from schemas.foreign import unseen_in
from schemas.work import MeasureKind, MeasureState

LONGEST_TITLE = 200
MOST_KPIS, LONGEST_KPI = 100, 63
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2101, 3, 31)
"""Days of measures: outside of them there is no fiscal year of a plan, nor any data to compare."""

MOST_CHARACTERS = 2_000
SHORTEST_WINDOW = 7
LONGEST_WINDOW = 182
MOST_COST = 10_000_000_000


class MeasureRefused(ChangeRefused):
    """A measure that cannot be so. `field`: the field of `MeasureDraft` or of `Move` that is wrong."""

    def __init__(self, field: str, said: Bilingual) -> None:
        super().__init__(said)
        self.field = field


def check_draft(connection: Database, project_id: int, draft: MeasureDraft, was: Measure | None = None) -> None:
    """Raise MeasureRefused for the first thing of a measure that cannot be."""
    for field, said in draft_faults(draft):
        raise MeasureRefused(field, said)
    _check_things(connection, project_id, draft, was)


def draft_faults(draft: MeasureDraft) -> Iterator[tuple[str, Bilingual]]:
    """Everything that is wrong with what was written, each with its field; nothing is asked of the database."""
    yield from _wrong_words(draft)
    yield from _wrong_numbers(draft)
    if draft.figure not in SERIES:
        yield (
            "figure",
            Bilingual(f"効果の指標「{draft.figure}」はありません", f"there is no figure {draft.figure} for an effect"),
        )


def _wrong_words(draft: MeasureDraft) -> Iterator[tuple[str, Bilingual]]:
    for field in ("title", "detail", "owner", "result"):
        yield from _wrong_text(field, getattr(draft, field))
    if len(draft.kpis) > MOST_KPIS:
        yield "kpis", Bilingual(f"指標は{MOST_KPIS}個までです", f"at most {MOST_KPIS} KPIs")
    for code in draft.kpis:
        yield from _wrong_text("kpis", code, LONGEST_KPI)
    yield from _wrong_day("due", draft.due)
    if not draft.title.strip():
        yield "title", Bilingual("件名を入れてください", "enter a title")
    if len(draft.title) > LONGEST_TITLE:
        yield (
            "title",
            Bilingual(f"件名は{LONGEST_TITLE}文字までです", f"a title has at most {LONGEST_TITLE} characters"),
        )
    if not draft.owner.strip():
        yield "owner", Bilingual("担当を入れてください", "enter who is responsible")


def check_text(field: str, text: str, most: int = MOST_CHARACTERS) -> None:
    """Raise MeasureRefused for a text that is too long, or has characters that nobody sees or no table stores."""
    for wrong, said in _wrong_text(field, text, most):
        raise MeasureRefused(wrong, said)


def _wrong_text(field: str, text: str, most: int = MOST_CHARACTERS) -> Iterator[tuple[str, Bilingual]]:
    if len(text) > most:
        yield field, Bilingual(f"長すぎます。{most:,}字までです", f"it is longer than {most:,} characters")
    unseen = unseen_in(text.replace("\r\n", "\n"))
    if unseen is not None:
        yield (
            field,
            Bilingual(
                f"見えない文字({unseen})が入っています。その前後を消して、入力し直してください",
                f"there is a character that nobody sees ({unseen}): remove what is round it and enter it again",
            ),
        )


def _wrong_day(field: str, day: date) -> Iterator[tuple[str, Bilingual]]:
    if not FIRST_DAY <= day <= LAST_DAY:
        yield (
            field,
            Bilingual(f"{FIRST_DAY}から{LAST_DAY}までの日にしてください", f"a day from {FIRST_DAY} to {LAST_DAY}"),
        )


def _wrong_numbers(draft: MeasureDraft) -> Iterator[tuple[str, Bilingual]]:
    if not SHORTEST_WINDOW <= draft.window_days <= LONGEST_WINDOW:
        yield (
            "window_days",
            Bilingual(
                f"比べる日数は{SHORTEST_WINDOW}日から{LONGEST_WINDOW}日までにしてください",
                f"compare from {SHORTEST_WINDOW} to {LONGEST_WINDOW} days",
            ),
        )
    if not 0 <= draft.cost_yen <= MOST_COST:
        yield "cost_yen", Bilingual("費用は0円以上にしてください", "a cost is 0 yen or more")
    if not 0 <= draft.quota_used <= 1000:
        yield ("quota_used", Bilingual("回数・時間は0以上にしてください", "visits and hours are 0 or more"))
    if draft.kind is MeasureKind.IMPROVEMENT and draft.quota_used:
        yield (
            "quota_used",
            Bilingual(
                "回数・時間はアドバイザー派遣だけに入れてください", "only a visit of an adviser takes visits or hours"
            ),
        )
    if draft.kind is not MeasureKind.IMPROVEMENT and not draft.quota_used:
        yield (
            "quota_used",
            Bilingual(
                "アドバイザー派遣には回数または時間を入れてください", "a visit of an adviser takes visits or hours"
            ),
        )


def _check_things(connection: Database, project_id: int, draft: MeasureDraft, was: Measure | None) -> None:
    """What a measure named before may stay, even if a device has moved to another project since."""
    devices = set(draft.devices) - set(was.devices if was else ())
    if devices and not devices <= database.devices_of(connection, project_id).keys():
        raise MeasureRefused(
            "devices", Bilingual("この事業にない機器があります", "a device is not one of this project")
        )
    networks = set(draft.networks) - set(was.networks if was else ())
    if networks and not networks <= database.networks_of(connection, project_id).keys():
        raise MeasureRefused(
            "networks", Bilingual("この事業にないネットワークがあります", "a network is not one of this project")
        )


def check_move(measure: Measure, to: MeasureState, done_on: date | None, result: str, note: str, today: date) -> None:
    """Raise MeasureRefused if a measure cannot move to this state now. `result`: as it will be."""
    check_text("result", result)
    check_text("note", note)
    if to not in TRANSITIONS[measure.state]:
        raise MeasureRefused(
            "to",
            Bilingual(
                f"「{measure.state.label.ja}」から「{to.label.ja}」には移せません",
                f"a measure cannot go from {measure.state.label.en} to {to.label.en}",
            ),
        )
    if to is MeasureState.DONE:
        _check_done_on(done_on or measure.done_on, today)
    if to is MeasureState.EVALUATED and not result:
        raise MeasureRefused(
            "result", Bilingual("結果を書いてから評価済にしてください", "write the result before it is evaluated")
        )
    if to is MeasureState.DROPPED and not result:
        raise MeasureRefused(
            "result", Bilingual("中止の理由を結果に書いてください", "write as the result why it is dropped")
        )
    goes_back = to in (MeasureState.PROPOSED, MeasureState.UNDER_WAY) and measure.state in (
        MeasureState.DONE, MeasureState.DROPPED,
    )  # fmt: skip
    if (goes_back or measure.state is MeasureState.EVALUATED) and not note.strip():
        raise MeasureRefused("note", Bilingual("戻す理由を書いてください", "write why it goes back"))


def _check_done_on(done_on: date | None, today: date) -> None:
    if done_on is None:
        raise MeasureRefused("done_on", Bilingual("実施した日を入れてください", "enter the day on which it was done"))
    for field, said in _wrong_day("done_on", done_on):
        raise MeasureRefused(field, said)
    if done_on > today:
        raise MeasureRefused(
            "done_on", Bilingual("実施した日が先の日付です", "the day on which it was done is in the future")
        )
