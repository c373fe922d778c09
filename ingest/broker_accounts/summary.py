"""Reports the changes of accounts, done or planned, to a clerk. Never shows a password."""

from collections import Counter
from collections.abc import Iterator, Sequence

from ingest.broker_accounts.changes import ChangeSet, Deed, Difference, Step
from schemas.bilingual import Bilingual, joined, quoted

SHOWN = 50

ONLY_ASKED = Bilingual(
    "確認だけを行いました。ブローカーは変えていません。", "This was a dry run: the broker is as it was."
)
DONE = Bilingual("ブローカーに反映しました。", "The broker is changed.")
AS_IT_WAS = Bilingual(
    "ブローカーは台帳のとおりです。変更はありません。", "The broker is as the registry says. Nothing changes."
)


def report(plan: ChangeSet, unfit: Sequence[str], *, dry_run: bool) -> Bilingual:
    """The report: counts of each deed, then each account."""
    title = ONLY_ASKED if dry_run else DONE if plan.commands else AS_IT_WAS
    return joined((title, _counts(plan), *_steps(plan), *_without(unfit)))


def _counts(plan: ChangeSet) -> Bilingual:
    counts = Counter(step.deed for step in plan.steps)
    each = joined((_count(deed, counts[deed]) for deed in Deed), "、", ", ")
    return Bilingual(
        f"  口座: {each.ja}、変更なし {plan.unchanged} 件", f"  accounts: {each.en}, as before {plan.unchanged}"
    )


def _count(deed: Deed, number: int) -> Bilingual:
    return Bilingual(f"{deed.said.ja} {number} 件", f"{deed.said.en} {number}")


def _steps(plan: ChangeSet) -> Iterator[Bilingual]:
    for step in plan.steps[:SHOWN]:
        deed, details = step.deed.said, _details(step)
        yield Bilingual(f"  {deed.ja} {step.username}{details.ja}", f"  {deed.en} {step.username}{details.en}")
    if len(plan.steps) > SHOWN:
        more = len(plan.steps) - SHOWN
        yield Bilingual(f"  ほか {more} 件", f"  {more} more")


def _details(step: Step) -> Bilingual:
    if step.deed is Deed.REMOVE:
        return Bilingual(": 台帳にありません", ": not in the registry")
    if step.deed is Deed.CREATE and step.account is not None:
        kind = step.account.kind.label
        return Bilingual(f" ({kind.ja})", f" ({kind.en})")
    found = joined((each.said for each in step.differences), "、", ", ")
    if Difference.CLIENT_ID in step.differences and step.account is not None:
        own = step.account.client_id
        now = quoted(own) if own else Bilingual("自由", "any")
        return Bilingual(f": {found.ja}(これからは {now.ja})", f": {found.en} (from now on {now.en})")
    return Bilingual(f": {found.ja}", f": {found.en}")


def _without(unfit: Sequence[str]) -> Iterator[Bilingual]:
    for name in unfit:
        yield Bilingual(
            f"  口座なし {name}: sparkplug_id か things_stack_id に、トピックでは使えない字(+ # % $)や"
            "空の段があります。台帳を直してください",
            f"  no account for {name}: its sparkplug_id or things_stack_id has signs that no topic may have (+ # % $),"
            " or an empty level. Correct the registry",
        )
