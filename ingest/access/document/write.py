"""Write what the database has as YAML or as a table of people that `access apply` reads again. Never a secret."""

import csv
import io
from collections.abc import Iterator, Mapping

from ingest.access.document.columns import TABLE
from ingest.access.document.model import EVERYWHERE_WORDS, Grant, Known, KnownPerson, Where
from ingest.registry.write import BYTE_ORDER_MARK, dump_yaml
from schemas.foreign import kept_cell

_TITLE = (
    "# 狼煙 利用者。書き換えて `noroshi access apply` で反映します。書かれていないものは変わりません。\n"
    "# 利用者の memberships は、書けばその人の権限すべてです(書かない権限はなくなります)。\n"
)


def as_yaml(known: Known) -> str:
    """Organisations, people, shares and readers as YAML, without empty fields."""
    body: dict[str, list[Mapping[str, object]]] = {
        "organisations": [{"code": code, "name": name} for code, name in sorted(known.organisations.items())],
        "people": [_person(person) for _, person in sorted(known.people.items())],
        "shares": [
            {"project": project, "organisation": organisation, "role": role.value}
            for (project, organisation), role in sorted(known.shares.items())
        ],
        "readers": [{"role": role, "organisation": code} for role, code in sorted(known.readers.items())],
    }
    return _TITLE + dump_yaml({section: items for section, items in body.items() if items})


def _person(person: KnownPerson) -> dict[str, object]:
    values: dict[str, object] = {"login": person.login, "name": person.name}
    if person.department:
        values["department"] = person.department
    if person.email:
        values["email"] = person.email
    if not person.enabled:
        values["enabled"] = False
    values["memberships"] = [_grant(grant) for grant in sorted(person.grants)]
    return values


def _grant(grant: Grant) -> dict[str, object]:
    if grant.where is Where.EVERYWHERE:
        return {"role": grant.role.value, "organisation": EVERYWHERE_WORDS[0]}
    return {"role": grant.role.value, grant.where.value: grant.code}


def people_csv(known: Known) -> str:
    """The people as a table for Excel: one row for each role, Japanese headings, byte order mark."""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(column.heading for column in TABLE)
    for _, person in sorted(known.people.items()):
        for number, row in enumerate(_rows(person)):
            own = [person.login, *([person.name, person.department, person.email] if number == 0 else ["", "", ""])]
            enabled = "" if number else "○" if person.enabled else "×"
            writer.writerow([*map(kept_cell, own), enabled, *row])
    return BYTE_ORDER_MARK + target.getvalue()


def _rows(person: KnownPerson) -> Iterator[list[str]]:
    """Role, organisation, project and network of each role; one empty row for a person without any."""
    if not person.grants:
        yield ["", "", "", ""]
    for grant in sorted(person.grants):
        places = {Where.ORGANISATION: "", Where.PROJECT: "", Where.NETWORK: ""}
        if grant.where is Where.EVERYWHERE:
            places[Where.ORGANISATION] = EVERYWHERE_WORDS[1]
        else:
            places[grant.where] = grant.code
        yield [grant.role.label.ja, *places.values()]
