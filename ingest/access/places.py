"""Where a role counts: everywhere, in an organisation, a project or a network; and whose it is to give there."""

from typing import NamedTuple

from ingest.access.authority import NETWORK, ORGANISATION, PROJECT, By, ChangeRefused, NotThere
from ingest.access.database import organisations as rows
from ingest.access.roles import Role
from ingest.store.database import Database
from schemas.bilingual import Bilingual


class Place(NamedTuple):
    """Where a role counts: in an organisation, a project or a network (ids); none of them: everywhere."""

    organisation_id: int | None = None
    project_id: int | None = None
    network_id: int | None = None


EVERYWHERE = Place()


class Grant(NamedTuple):
    """A role somewhere."""

    role: Role
    place: Place


class Owner(NamedTuple):
    """The organisation a place lies in, and the codes that the audit log has of it."""

    organisation_id: int | None
    code: str | None
    project: str | None
    where: str


def place_of(
    connection: Database, organisation: str | None = None, project: str | None = None, network: str | None = None
) -> Place:
    """The place that a code names; without any it is everywhere. Raises NotThere."""
    if organisation is not None:
        found = rows.organisation_of_code(connection, organisation)
        if found is None:
            raise NotThere(ORGANISATION)
        return Place(organisation_id=found)
    if project is not None:
        row = rows.project_of_code(connection, project)
        if row is None:
            raise NotThere(PROJECT)
        return Place(project_id=row.project_id)
    if network is not None:
        network_id = rows.network_of_code(connection, network)
        if network_id is None:
            raise NotThere(NETWORK)
        return Place(network_id=network_id)
    return EVERYWHERE


def owner_of(connection: Database, place: Place) -> Owner:
    """The organisation a place lies in. Raises NotThere."""
    if place.organisation_id is not None:
        names = rows.organisation_names(connection, place.organisation_id)
        if names is None:
            raise NotThere(ORGANISATION)
        return Owner(place.organisation_id, names[0], None, names[0])
    if place.project_id is not None:
        project = rows.project_of_id(connection, place.project_id)
        if project is None:
            raise NotThere(PROJECT)
        return Owner(project.owner, project.owner_code, project.code, project.code)
    if place.network_id is not None:
        network = rows.network_of_id(connection, place.network_id)
        if network is None:
            raise NotThere(NETWORK)
        return Owner(network.owner, network.owner_code, network.code, network.network)
    return Owner(None, None, None, "*")


def checked_grant(connection: Database, by: By, grant: Grant) -> Owner:
    """Where a role would be given. Raises ChangeRefused if it is not theirs to give, or counts in no such place."""
    if (grant.role is Role.INSTALLER) != (grant.place.network_id is not None):
        raise ChangeRefused(
            Bilingual(
                "設置者の権限はネットワークに、ほかの権限は団体・事業・全体に与えます",
                "an installer has a network; every other role is of an organisation, a project or everywhere",
            )
        )
    if grant.place == EVERYWHERE:
        by.must_administer_everything()
    owner = owner_of(connection, grant.place)
    if not by.administers(owner.organisation_id):
        raise NotThere(ORGANISATION)
    return owner
