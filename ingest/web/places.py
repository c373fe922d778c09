"""Where a role can count, as a form offers it and as it comes back."""

from collections.abc import Iterable

from ingest.access.directory.database import list_networks, list_organisations, list_projects
from ingest.access.places import EVERYWHERE, Grant, Place
from ingest.access.roles import Role
from ingest.store.database import Database
from ingest.web.accounts import Domain
from ingest.web.form import Form
from ingest.web.text.writer import Writer
from schemas.bilingual import Bilingual

Group = tuple[str, list[tuple[str, str]]]
"""A heading, and pairs of a value and what it says."""

_EVERYWHERE = "everywhere"
_KINDS = ("organisation", "project", "network")
CHOOSE_ROLE = Bilingual("権限を選んでください", "Choose a role")
CHOOSE_PLACE = Bilingual("範囲を選んでください", "Choose where it counts")
NETWORK_NEEDED = Bilingual("設置者には通信網を選んでください", "Choose a network for an installer")
NO_NETWORK = Bilingual("通信網を選べるのは設置者だけです", "A network is for installers alone")


def value_of(place: Place) -> str:
    """The place as a form sends it."""
    for kind, number in zip(_KINDS, place, strict=True):
        if number is not None:
            return f"{kind}-{number}"
    return _EVERYWHERE


def offered_places(connection: Database, mine: Domain, writer: Writer) -> list[Group]:
    """The places within what somebody administers, in groups. What they do not administer is not among them."""
    texts = writer.texts
    may = mine.organisations
    everywhere = [(value_of(EVERYWHERE), texts["role_everywhere"])] if mine.whole else []
    organisations = [
        (value_of(Place(organisation_id=row.organisation_id)), row.name)
        for row in list_organisations(connection)
        if mine.whole or row.organisation_id in may
    ]
    projects = [
        (value_of(Place(project_id=row.project_id)), row.name)
        for row in list_projects(connection)
        if mine.whole or row.organisation_id in may
    ]
    networks = [
        (value_of(Place(network_id=row.network_id)), f"{row.name} ({row.project})")
        for row in list_networks(connection)
        if mine.whole or row.organisation_id in may
    ]
    return [
        (texts["role_organisation"], organisations),
        (texts["role_project"], projects),
        (texts["role_network"], networks),
        (texts["role_everywhere"], everywhere),
    ]


def chosen_grant(form: Form, offered: Iterable[Group]) -> Grant | None:
    """The role and the place of a form, if both were offered and fit each other; else what is wrong is in the form."""
    role = Role(form.text("role")) if form.text("role") in tuple(Role) else None
    if role is None:
        form.refuse("role", CHOOSE_ROLE)
    value = form.text("place")
    place = _place(value) if any(value == each for _, options in offered for each, _ in options) else None
    if place is None:
        form.refuse("place", CHOOSE_PLACE)
    if role is None or place is None:
        return None
    if (role is Role.INSTALLER) != (place.network_id is not None):
        form.refuse("place", NETWORK_NEEDED if role is Role.INSTALLER else NO_NETWORK)
        return None
    return Grant(role, place)


def _place(value: str) -> Place:
    kind, _, number = value.partition("-")
    if kind == _EVERYWHERE:
        return EVERYWHERE
    return Place(**{f"{kind}_id": int(number)})  # offered by us


def role_options(writer: Writer) -> list[tuple[str, str]]:
    """All roles, for a form. The weakest first, so that nobody gets much by mistake."""
    return [(role.value, writer.said(role.label)) for role in Role]
