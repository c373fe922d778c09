"""The report of a change to the registry, done or only tried: counts of each kind, then each changed field."""

from collections.abc import Iterator

from ingest.registry.changes import ChangeSet, FieldChange, Item
from ingest.registry.columns import label
from ingest.registry.problem import Kind
from ingest.registry.questions import questions
from schemas.bilingual import Bilingual, joined, quoted
from schemas.lacking import Lacking, cautions

CHANGES_SHOWN = 50

ONLY_ASKED = Bilingual("確認だけを行いました。書き込みはしていません。", "This was a dry run: nothing was written.")
DONE = Bilingual("台帳に反映しました。", "The registry is changed.")
AS_IT_WAS = Bilingual(
    "台帳はファイルのとおりです。変更はありません。", "The registry is as the files say. Nothing changes."
)


def report(plan: ChangeSet, *, dry_run: bool) -> Bilingual:
    """The whole report. `dry_run`: nothing was written."""
    title = ONLY_ASKED if dry_run else DONE if plan.changes_something else AS_IT_WAS
    return joined((title, *_counts(plan), *_changes(plan), *_cautions(plan), *_questions(plan)))


def _cautions(plan: ChangeSet) -> Iterator[Bilingual]:
    """Cautions about new and changed rows only."""
    projects = {item.values["code"]: item.values for item in plan.parts[Kind.PROJECT].items}
    devices = [item.values for item in plan.parts[Kind.DEVICE].items]
    for project in dict.fromkeys([*projects, *(device["project"] for device in devices)]):
        head = projects.get(project, {"organisation_name": "-", "grant_number": "-"})
        mine = [device for device in devices if device["project"] == project]
        lacking = Lacking(
            project,
            not head["organisation_name"],
            not head["grant_number"],
            [device["code"] for device in mine if not device["enabled"]],
            [device["code"] for device in mine if device["enabled"] and device["installed_on"] is None],
        )
        for caution in cautions(lacking):
            yield Bilingual(f"  注意 {caution.ja}", f"  note: {caution.en}")


def _questions(plan: ChangeSet) -> Iterator[Bilingual]:
    for question in (*questions(plan), *plan.doubts):
        yield Bilingual(f"  注意 {question.ja}", f"  note: {question.en}")


def _counts(plan: ChangeSet) -> Iterator[Bilingual]:
    for kind, part in plan.parts.items():
        created, changed, unchanged = len(part.created), len(part.changed), part.unchanged
        if created or changed or unchanged:
            yield Bilingual(
                f"  {kind.label.ja}: 新規 {created} 件、変更 {changed} 件、変更なし {unchanged} 件",
                f"  {kind.label.en}: {created} new, {changed} changed, {unchanged} as before",
            )


def _changes(plan: ChangeSet) -> Iterator[Bilingual]:
    changed = [item for part in plan.parts.values() for item in part.changed]
    for item in changed[:CHANGES_SHOWN]:
        what, subject = joined((_change(item, change) for change in item.changes), "、", ", "), item.subject.said
        yield Bilingual(f"  変更 {subject.ja}: {what.ja}", f"  changed {subject.en}: {what.en}")
    if len(changed) > CHANGES_SHOWN:
        more = len(changed) - CHANGES_SHOWN
        yield Bilingual(f"  変更 ほか {more} 件", f"  changed: {more} more")


def _change(item: Item, change: FieldChange) -> Bilingual:
    if item.subject.kind is Kind.PROFILE:
        return Bilingual("内容", "what it says")
    name, old, new = label(item.subject.kind, change.field), _shown(change.old), _shown(change.new)
    return Bilingual(f"{name.ja} {old.ja} → {new.ja}", f"{name.en} {old.en} → {new.en}")


def _shown(value: object) -> Bilingual:
    match value:
        case None:
            return Bilingual("(空)", "(empty)")
        case bool():
            return Bilingual("○", "true") if value else Bilingual("×", "false")
        case dict():
            pairs = [f"{name} {each}" for name, each in value.items()]
            return Bilingual("、".join(pairs), ", ".join(pairs))
        case _:
            return quoted(value)
