"""What people write into reports (記入欄): taken from what came back, else from the reviews of the plan.

The keys are stable: `topic` about the whole report, `topic.KPI` about a KPI of the plan.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from ingest.plan.check.review import Review, reviews
from ingest.plan.check.spans import PeriodKind
from ingest.report.source.base import Asked, Source, WrittenRead
from ingest.report.source.body import Line, keep, period_body
from ingest.report.source.database import TextRow, texts_of
from schemas.japan import to_jst
from schemas.report_document import WrittenCell

TOPICS: Mapping[str, str] = {
    "factors": "要因分析", "issues": "課題", "improvement": "次年度の改善", "opinion": "外部有識者の意見",
    "direction": "今後の方針",
}  # fmt: skip
"""What a review of the plan says, by its fields; a report has the same under the same keys."""

SECURITY: Mapping[str, str] = {
    "rules": "情報セキュリティ規程(名称・改正日)", "incidents": "事故・不正アクセスの件数と内容",
    "accounts": "アカウントの棚卸し(実施日・実施者)", "updates": "機器・ソフトウェアの更新状況",
}  # fmt: skip
SPREAD: Mapping[str, str] = {
    "inquiries": "問合せ(件数・相手)", "visits": "視察(件数・相手)", "others": "他団体での利用・共同利用",
    "publications": "公表・発表(広報、学会、報道)",
}  # fmt: skip
USERS: Mapping[str, str] = {
    "users": "職員以外の利用者(農業者・住民など)の登録数と利用の状況", "voices": "利用者の声",
}  # fmt: skip
_KINDS = {"month": PeriodKind.MONTH, "year": PeriodKind.YEAR}


def cell_of(asked: Asked, key: str, label: str) -> WrittenCell:
    """A cell with what holds under this key: what was written into this kind of report last, else the review's."""
    found = _texts(asked).get(key)
    if found is not None:
        return WrittenCell(
            key=key, label=label, text=found.text, author=found.author, written_at=to_jst(found.written_at)
        )
    topic, _, kpi = key.partition(".")
    review = _reviews(asked).get(kpi)
    text = getattr(review.text, topic, "") if review and topic in TOPICS else ""
    if review is None or not text:
        return WrittenCell(key=key, label=label)
    return WrittenCell(key=key, label=label, text=text, author=review.entered_by, written_at=to_jst(review.entered_at))


def _texts(asked: Asked) -> dict[str, TextRow]:
    read = partial(texts_of, asked.connection, asked.project_id, asked.kind.value, asked.first_day)
    return keep(asked, "texts", read)


def _reviews(asked: Asked) -> dict[str, Review]:
    if asked.period.span not in _KINDS:
        return {}
    read = partial(reviews, asked.connection, asked.project_id, _KINDS[asked.period.span], asked.first_day)
    return keep(asked, "reviews", read)


def read_labelled(prefix: str, labels: Mapping[str, str]) -> Callable[[Asked], WrittenRead]:
    """A reader of a fixed list of cells; their keys are `prefix_name`."""

    def read(asked: Asked) -> WrittenRead:
        return WrittenRead(tuple(cell_of(asked, f"{prefix}_{name}", label) for name, label in labels.items()))

    return read


def read_topic(topic: str) -> Callable[[Asked], WrittenRead]:
    """A reader of one topic: a cell about the whole, and one for each KPI that asks for words."""

    def read(asked: Asked) -> WrittenRead:
        cells = [cell_of(asked, topic, "全体")]
        cells += [cell_of(asked, f"{topic}.{kpi['code']}", kpi["label"]) for kpi in _in_question(asked, topic)]
        return WrittenRead(tuple(cells))

    return read


def read_verification(asked: Asked) -> WrittenRead:
    """The grid of an effect sheet: a row for each KPI and one for the whole, a column for each topic."""
    rows = [("", "全体"), *((f".{kpi['code']}", kpi["label"]) for kpi in period_body(asked).kpis)]
    return WrittenRead(tuple(
        cell_of(asked, f"{topic}{ending}", f"{row}: {label}").model_copy(update={"row": row, "column": label})
        for ending, row in rows for topic, label in TOPICS.items()
    ))  # fmt: skip


def _in_question(asked: Asked, topic: str) -> Iterator[Line]:
    """KPIs that missed their target or could not be told, and those about which something was written."""
    for kpi in period_body(asked).kpis:
        missed = kpi["rate"] is None or float(kpi["rate"]) < 100
        if missed or cell_of(asked, f"{topic}.{kpi['code']}", "").text:
            yield kpi


WORDS: tuple[Source, ...] = (
    *(Source(topic, "written", read_topic(topic)) for topic in TOPICS),
    Source("verification", "written", read_verification),
    Source("remarks", "written", read_labelled("remarks", {"month": "所見"})),
    Source("security_words", "written", read_labelled("security", SECURITY)),
    Source("spread_words", "written", read_labelled("spread", SPREAD)),
    Source("user_words", "written", read_labelled("users", USERS)),
    Source(
        "selection_words", "written", read_labelled("technology", {"selection": "選定理由", "outlook": "今後の方針"})
    ),
)
