"""Checks that periods of retention (保存期間) outlast the duty to report, as the subsidy demands."""

from collections.abc import Iterator
from datetime import datetime

from ingest.registry.changes import ChangeSet, Item
from ingest.registry.columns import label
from ingest.registry.problem import Kind, Problem
from schemas.bilingual import Bilingual
from schemas.retention import DUTY, DUTY_MONTHS, RetentionKind, duty_ends, too_short


def check_retention(plan: ChangeSet, now: datetime) -> Iterator[Problem]:
    """A problem for each new period that would delete what a project must still be able to show."""
    part = plan.parts[Kind.PROJECT]
    for item in (*part.created, *part.changed):
        for kind, months in _new_periods(item).items():
            if too_short(months, item.values["completed_on"], now):
                yield _refused(item, RetentionKind(kind), months)


def _new_periods(item: Item) -> dict[RetentionKind, int]:
    """The periods that are not in force already. One that was forced before stays as it is."""
    wanted = item.values["retention"] or {}
    if item.id is None:
        return dict(wanted)
    change = next((change for change in item.changes if change.field == "retention"), None)
    before = change.old if change and isinstance(change.old, dict) else {}
    return {} if change is None else {kind: months for kind, months in wanted.items() if before.get(kind) != months}


def _refused(item: Item, kind: RetentionKind, months: int) -> Problem:
    completed_on = item.values["completed_on"]
    end = Bilingual("完了日が決まり、その義務が終わるまで", "until completed_on is known and its duty has ended")
    if completed_on:
        day = duty_ends(completed_on)
        end = Bilingual(f"{day:%Y年%-m月%-d日}まで", f"until {day:%Y-%m-%d}")
    message = Bilingual(
        f"{kind.label.ja}({kind})の保存期間 {months} か月は短すぎます。{DUTY.ja}。"
        f"{end.ja}は {DUTY_MONTHS} か月以上にしてください。"
        "どうしても短くするときは noroshi retention set --force を使います",
        f"{months} months for {kind} are too short: {DUTY.en}. Write {DUTY_MONTHS} months at least {end.en};"
        " `noroshi retention set --force` records whose decision less is",
    )
    return Problem(message, column=label(Kind.PROJECT, "retention"), subject=item.subject)
