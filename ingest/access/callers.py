"""From the rows of a person to what they may see and do. Pure."""

from collections.abc import Iterable

from ingest.access.caller import Caller, Kind, Seat
from ingest.access.database.lookups import PersonRow, TokenRow
from ingest.access.roles import Role, Scope, greater, lesser


def caller_of_person(person: PersonRow, chosen: int | None, *, session: bytes = b"", csrf: str = "") -> Caller:
    """Somebody who is signed in. An organisation that is chosen and is none of their seats counts as none chosen."""
    seats = _seats(person)
    if chosen not in {seat.organisation_id for seat in seats}:
        chosen = None
    return Caller(
        Kind.PERSON, person.person_id, person.login, person.name, person.department,
        roles=_roles(person, chosen), everywhere=_everywhere(person), networks=_networks(person), seats=seats,
        chosen=chosen, session=session, csrf=csrf,
    )  # fmt: skip


def caller_of_token(token: TokenRow) -> Caller:
    """A program: it may look where its maker may look now, within the projects and scopes of its token.

    It changes nothing, whatever its maker may, except that with the scopes `work` and `reports` it reports where they
    may, and with `submissions` and `watch` it freezes reports and acknowledges incidents where they may. The scope
    `metrics` counts only while its maker sees everything, because /metrics tells of every organisation.
    """
    maker = caller_of_person(token.person, None)
    scopes = {Scope(scope) for scope in token.scopes}
    most = Role.REPORTER if scopes & {Scope.WORK, Scope.REPORTS} else Role.VIEWER
    if scopes & {Scope.SUBMISSIONS, Scope.WATCH}:  # the only scopes of routes that ask for an operator
        most = Role.OPERATOR
    roles = {project_id: lesser(role, most) for project_id, role in maker.roles.items()}
    everywhere = None if maker.everywhere is None else lesser(maker.everywhere, most)
    if everywhere is None:
        scopes.discard(Scope.METRICS)
    seats = tuple(Seat(seat.organisation_id, seat.code, seat.name, lesser(seat.role, most), seat.member)
                  for seat in maker.seats)  # fmt: skip
    if token.projects is not None:
        wanted = frozenset(token.projects)
        if everywhere is not None:
            roles = dict.fromkeys(wanted, everywhere)
        roles, seats = {project_id: role for project_id, role in roles.items() if project_id in wanted}, ()
    return Caller(
        Kind.PROGRAM, maker.person_id, maker.login, token.name, maker.department, roles=roles,
        everywhere=everywhere if token.projects is None else None, seats=seats, scopes=frozenset(scopes),
        token_id=token.token_id,
    )  # fmt: skip


def _everywhere(person: PersonRow) -> Role | None:
    return _strongest(Role(role) for role, *place in person.memberships if place == [None, None, None])


def _networks(person: PersonRow) -> frozenset[int]:
    return frozenset(network_id for *_, network_id in person.memberships if network_id is not None)


def _in_organisations(person: PersonRow) -> dict[int, Role]:
    found: dict[int, Role] = {}
    for role, organisation_id, _, _ in person.memberships:
        if organisation_id is not None:
            found[organisation_id] = _stronger(found.get(organisation_id), Role(role))
    return found


def _seats(person: PersonRow) -> tuple[Seat, ...]:
    everywhere, own = _everywhere(person), _in_organisations(person)
    seats: list[Seat] = []
    for organisation_id, code, name in person.organisations:
        role = _strongest(role for role in (own.get(organisation_id), everywhere) if role is not None)
        if role is not None:
            seats.append(Seat(organisation_id, code, name, role, organisation_id in own))
    return tuple(seats)


def _roles(person: PersonRow, chosen: int | None) -> dict[int, Role]:
    """The strongest role in each project: by an organisation that owns it or shares in it, or in the project itself."""
    everywhere, own = _everywhere(person), _in_organisations(person)
    roles: dict[int, Role] = {}
    within: set[int] = set()
    for project_id, organisation_id, share in person.parts:
        if chosen is not None and organisation_id != chosen:
            continue
        within.add(project_id)
        role = own.get(organisation_id)
        if role is not None:
            part = role if share is None else lesser(role, Role(share))
            roles[project_id] = _stronger(roles.get(project_id), part)
        if everywhere is not None and chosen is not None:
            roles[project_id] = _stronger(roles.get(project_id), everywhere)
    for named, _, single, _ in person.memberships:
        if single is not None and (chosen is None or single in within):
            roles[single] = _stronger(roles.get(single), Role(named))
    return roles


def _stronger(one: Role | None, other: Role) -> Role:
    return other if one is None else greater(one, other)


def _strongest(roles: Iterable[Role]) -> Role | None:
    strongest: Role | None = None
    for role in roles:
        strongest = _stronger(strongest, role)
    return strongest
