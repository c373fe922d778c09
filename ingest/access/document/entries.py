"""What a change to access writes into the audit log: one entry for each thing, under the organisation it is about."""

from collections.abc import Iterator, Mapping

from ingest.access.audit import Action, Entry
from ingest.access.document.changes import AccessChanges, PersonChange
from ingest.access.document.model import Grant, Known, KnownPerson, Where


def entries_of(changes: AccessChanges, known: Known, actor: str) -> Iterator[Entry]:
    """The entries of these changes. `known`: what the database had before."""
    for each in changes.organisations:
        yield Entry(
            Action.ORGANISATION_CHANGED, each.code, actor, organisation=each.code, before=each.old, after=each.new
        )
    for person in changes.people:
        yield from _person(person, known, actor)
    for share in changes.shares:
        yield Entry(
            Action.SHARE_CHANGED, f"{share.project} / {share.organisation}", actor,
            organisation=known.projects.get(share.project), project=share.project, before=share.old, after=share.new,
        )  # fmt: skip
    for reader in changes.readers:
        organisation = reader.new or reader.old
        yield Entry(
            Action.READER_CHANGED, reader.role_name, actor,
            organisation=organisation, before=reader.old, after=reader.new,
        )  # fmt: skip


def _person(change: PersonChange, known: Known, actor: str) -> Iterator[Entry]:
    old, new = change.old, change.new
    where = _organisation_of(new)
    if old is None:
        yield Entry(Action.PERSON_ADDED, new.login, actor, organisation=where, after=_values(new))
    elif _values(old) != _values(new):
        disabled = old.enabled and not new.enabled
        action = Action.PERSON_DISABLED if disabled else Action.PERSON_CHANGED
        yield Entry(action, new.login, actor, organisation=where, before=_values(old), after=_values(new))
    for grant in change.taken:
        yield _membership(new.login, grant, known, actor, given=False)
    for grant in change.given:
        yield _membership(new.login, grant, known, actor, given=True)


def _values(person: KnownPerson) -> Mapping[str, object]:
    values = {"name": person.name, "department": person.department, "enabled": person.enabled}
    return values | ({"email": person.email} if person.email else {})


def _organisation_of(person: KnownPerson) -> str | None:
    """The one organisation that a person belongs to; None for none or several."""
    codes = {grant.code for grant in person.grants | person.provided if grant.where is Where.ORGANISATION}
    return codes.pop() if len(codes) == 1 else None


def _membership(login: str, grant: Grant, known: Known, actor: str, *, given: bool) -> Entry:
    value = {"role": grant.role.value, grant.where.value: grant.code or True}
    organisation = grant.code if grant.where is Where.ORGANISATION else None
    project = grant.code if grant.where is Where.PROJECT else None
    if project is not None:
        organisation = known.projects.get(project)
    before, after = (None, value) if given else (value, None)
    return Entry(
        Action.MEMBERSHIP_CHANGED, login, actor,
        organisation=organisation, project=project, before=before, after=after,
    )  # fmt: skip
