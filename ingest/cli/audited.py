"""Writes into the audit log (監査ログ) what a command changed or handed out."""

import getpass
import os
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from ingest.access.audit import Action, Entry, append
from ingest.access.audit_log.database import hindrance, organisation_of, project_of_network
from ingest.cli.say import say
from ingest.registry.changes import ChangeSet, Item
from ingest.registry.problem import Kind
from ingest.store.database import Database
from schemas.bilingual import Bilingual

NAMES_SHOWN = 20
"""Names of changed things in one entry; of more their number is told."""

_Where: TypeAlias = tuple[str | None, Kind]

_WHY_NOT: Mapping[str, Bilingual] = {
    "no_table": Bilingual(
        "監査ログの表がまだありません(noroshi db upgrade で作られます)",
        "its tables are not there yet: `noroshi db upgrade` makes them",
    ),
    "no_right": Bilingual(
        "このデータベース利用者には、監査ログに書く権限がありません", "this database role has no right to add to it"
    ),
    "read_only": Bilingual("このデータベースは読み取り専用です", "this database is read-only"),
}


def note(connection: Database, entry: Entry) -> None:
    """Add an entry by whoever calls this command; of an entry about a project the organisation is looked up.

    Where no entry can be written, the command goes on, and says on standard error that there is none: a report from a
    read-only copy, or a correction before an upgrade, must not fail because of it.
    """
    why = hindrance(connection)
    if why is not None:
        said = _WHY_NOT[why]
        say(Bilingual(f"監査ログには残りません: {said.ja}", f"not in the audit log: {said.en}"), err=True)
        return
    if entry.project is not None and entry.organisation is None:
        entry = replace(entry, organisation=organisation_of(connection, entry.project))
    append(connection, replace(entry, actor=f"command:{system_user()}"))


def note_registry(connection: Database, plan: ChangeSet) -> None:
    """Add one entry for each project whose registry was changed, and one for what belongs to no project."""
    created: dict[_Where, list[str]] = {}
    changed: dict[_Where, dict[str, list[str]]] = {}
    projects = _Projects(connection, plan)
    for kind, part in plan.parts.items():
        for item in part.created:
            created.setdefault((projects.of(kind, item), kind), []).append(item.subject.key)
        for item in part.changed:
            fields = [change.field for change in item.changes]
            changed.setdefault((projects.of(kind, item), kind), {})[item.subject.key] = fields
    after: dict[str | None, dict[str, object]] = {}
    for project, kind in dict.fromkeys([*created, *changed]):
        counted = _counted(created.get((project, kind), []), changed.get((project, kind), {}))
        after.setdefault(project, {})[str(kind)] = counted
    for project, kinds in after.items():
        note(connection, Entry(Action.REGISTRY_CHANGED, project or "registry", project=project, after=kinds))


class _Projects:
    """Finds the project of a changed thing; a gateway belongs to that of its network."""

    def __init__(self, connection: Database, plan: ChangeSet) -> None:
        self._connection = connection
        networks = plan.parts[Kind.NETWORK].items
        self._of_network = {str(item.values["code"]): str(item.values["project"]) for item in networks}

    def of(self, kind: Kind, item: Item) -> str | None:
        """Its code; None for what several projects share, as a profile."""
        if kind is Kind.GATEWAY:
            return self._by_network(str(item.values["network"]))
        code = item.values.get("code" if kind is Kind.PROJECT else "project")
        return None if code is None else str(code)

    def _by_network(self, network: str) -> str | None:
        if network not in self._of_network:
            found = project_of_network(self._connection, network)
            if found is None:
                return None
            self._of_network[network] = found
        return self._of_network[network]


def system_user() -> str:
    """The name of the user of the system who calls; without a name (in a container) the number."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())


def _counted(created: list[str], changed: dict[str, list[str]]) -> dict[str, object]:
    return {
        "created": len(created), "created_first": created[:NAMES_SHOWN],
        "changed": len(changed), "changed_first": dict(list(changed.items())[:NAMES_SHOWN]),
    }  # fmt: skip
