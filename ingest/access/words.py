"""What was done to the accounts, or would be, for a clerk. Knows no password."""

from collections import Counter
from collections.abc import Iterator, Sequence

from ingest.access.plan import Deed, Plan, Step

SHOWN = 50


def report(plan: Plan, unfit: Sequence[str], *, dry_run: bool) -> str:
    """Counts of each deed, then each account."""
    return "\n".join((_title(plan, dry_run=dry_run), *_counts(plan), *_steps(plan), *_without(unfit)))


def _title(plan: Plan, *, dry_run: bool) -> str:
    if dry_run:
        return "確認だけを行いました。ブローカーは変えていません。"
    return "ブローカーに反映しました。" if plan.commands else "ブローカーは台帳のとおりです。変更はありません。"


def _counts(plan: Plan) -> Iterator[str]:
    counts = Counter(step.deed for step in plan.steps)
    yield "  口座: " + "、".join(f"{deed} {counts[deed]} 件" for deed in Deed) + f"、変更なし {plan.unchanged} 件"


def _steps(plan: Plan) -> Iterator[str]:
    for step in plan.steps[:SHOWN]:
        yield f"  {step.deed} {step.username}{_details(step)}"
    if len(plan.steps) > SHOWN:
        yield f"  ほか {len(plan.steps) - SHOWN} 件"


def _details(step: Step) -> str:
    if step.deed is Deed.REMOVE:
        return ": 台帳にありません"
    if step.deed is Deed.CREATE and step.account is not None:
        return f" ({step.account.kind.label_ja})"
    return f": {'、'.join(step.differences)}"


def _without(unfit: Sequence[str]) -> Iterator[str]:
    for name in unfit:
        yield (
            f"  口座なし {name}: sparkplug_id か things_stack_id に、トピックでは使えない字(+ # % $)や"
            "空の段があります。台帳を直してください"
        )
