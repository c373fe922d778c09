"""The report of a change to access, done or only tried: counts of each section, then each change."""

from collections.abc import Iterator, Sequence

from ingest.access.document.changes import AccessChanges, PersonChange, ReaderChange, ShareChange
from ingest.access.document.model import Section
from ingest.access.roles import Role
from schemas.bilingual import Bilingual, joined, quoted

CHANGES_SHOWN = 200

_ONLY_ASKED = Bilingual("確認だけを行いました。書き込みはしていません。", "This was a dry run: nothing was written.")
_DONE = Bilingual("反映しました。", "Applied.")
_AS_IT_WAS = Bilingual("ファイルのとおりです。変更はありません。", "All is as the files say. Nothing changes.")


def report(changes: AccessChanges, *, dry_run: bool) -> Bilingual:
    """The whole report. `dry_run`: nothing was written."""
    title = _ONLY_ASKED if dry_run else _DONE if changes.changes_something else _AS_IT_WAS
    lines = [*_lines(changes)]
    shown = lines[:CHANGES_SHOWN]
    if len(lines) > CHANGES_SHOWN:
        more = len(lines) - CHANGES_SHOWN
        shown.append(Bilingual(f"  ほか {more} 件", f"  {more} more"))
    return joined((title, *_counts(changes), *shown))


def _counts(changes: AccessChanges) -> Iterator[Bilingual]:
    parts: tuple[tuple[Section, Sequence[bool]], ...] = (
        (Section.ORGANISATIONS, [change.old is None for change in changes.organisations]),
        (Section.PEOPLE, [change.old is None for change in changes.people]),
        (Section.SHARES, [change.old is None for change in changes.shares]),
        (Section.READERS, [change.old is None for change in changes.readers]),
    )
    for section, new in parts:
        created, changed, unchanged = sum(new), len(new) - sum(new), changes.unchanged[section]
        if created or changed or unchanged:
            yield Bilingual(
                f"  {section.label.ja}: 新規 {created} 件、変更 {changed} 件、変更なし {unchanged} 件",
                f"  {section.label.en}: {created} new, {changed} changed, {unchanged} as before",
            )


def _lines(changes: AccessChanges) -> Iterator[Bilingual]:
    for each in changes.organisations:
        old = Bilingual("(新規)", "(new)") if each.old is None else quoted(each.old)
        yield _line(Section.ORGANISATIONS, each.code, _arrow(old, quoted(each.new)))
    for person in changes.people:
        yield _line(Section.PEOPLE, person.new.login, joined(_person(person), "、", ", "))
    for share in changes.shares:
        yield _share(share)
    for reader in changes.readers:
        yield _reader(reader)


def _line(section: Section, key: str, what: Bilingual) -> Bilingual:
    return Bilingual(f"  {section.label.ja} {key}: {what.ja}", f"  {section.label.en} {key}: {what.en}")


def _arrow(old: Bilingual, new: Bilingual) -> Bilingual:
    return Bilingual(f"{old.ja} → {new.ja}", f"{old.en} → {new.en}")


def _person(change: PersonChange) -> Iterator[Bilingual]:
    old, new = change.old, change.new
    if old is None:
        department = f" {new.department}" if new.department else ""
        yield Bilingual(f"新規 {new.name}{department}", f"new, {new.name}{department}")
    elif old.name != new.name:
        yield _field(Bilingual("氏名", "name"), old.name, new.name)
    if old is not None and old.department != new.department:
        yield _field(Bilingual("課", "department"), old.department, new.department)
    if old is not None and old.email != new.email:
        yield _field(Bilingual("メール", "e-mail"), old.email, new.email)
    if new.enabled != (old is None or old.enabled):
        yield Bilingual("有効", "enabled") if new.enabled else Bilingual("無効", "disabled")
    for grant in change.given:
        yield Bilingual(f"+{grant.said.ja}", f"+{grant.said.en}")
    for grant in change.taken:
        yield Bilingual(f"-{grant.said.ja}", f"-{grant.said.en}")


def _field(label: Bilingual, old: str, new: str) -> Bilingual:
    arrow = _arrow(_filled(old), _filled(new))
    return Bilingual(f"{label.ja} {arrow.ja}", f"{label.en} {arrow.en}")


def _filled(text: str) -> Bilingual:
    return quoted(text) if text else Bilingual("(空)", "(empty)")


def _share(change: ShareChange) -> Bilingual:
    key = f"{change.project} / {change.organisation}"
    return _line(Section.SHARES, key, _arrow(_role(change.old), _role(change.new)))


def _role(role: Role | None) -> Bilingual:
    return Bilingual("なし", "none") if role is None else role.label


def _reader(change: ReaderChange) -> Bilingual:
    return _line(Section.READERS, change.role_name, _arrow(_code(change.old), _code(change.new)))


def _code(code: str | None) -> Bilingual:
    return Bilingual("なし", "none") if code is None else quoted(code)
