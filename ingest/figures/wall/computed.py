"""Figures for the readers of single organisations, as fast as for the pages.

A reader brings conditions of its own, so the views on its side of the wall are security barriers, and a figure over
them is planned badly: a panel of 0.2 s took 6 s on ten million readings. So a figure is computed as the pages compute
it, in a function with the role of the pages that looks up itself whose reader asks, and runs no text of the reader.
The reader's conditions meet its rows, which are all the reader's own.
"""

from typing import Any, LiteralString

from psycopg import Connection

_BARRIERS: LiteralString = (
    "^figure_(uplink|sound|graded|graded_counted|quarantine_entry|quarantine_count|gateway_stats|gateway_report)$"
)
"""Views of many rows: computed whole they would take longer than behind a barrier."""

_VIEWS: LiteralString = """
select format('wall.%%I', relname), format('wall_pages.%%I', relname) from pg_class
where relnamespace = to_regnamespace('wall_pages') and relkind = 'v' and relname ~ '^figure_' and relname !~ %s
order by 1
"""
_FUNCTIONS: LiteralString = """
select quote_ident(proname), pg_get_function_arguments(oid), pg_get_function_result(oid),
    format('%%I.%%I', current_schema(), proname), pronargs
from pg_proc
where pronamespace = current_schema()::regnamespace and proretset and provolatile = 's' and proname ~ %s
    and proname not in ('figure_use', 'figure_report_people', 'figure_report_audit')
order by 1
"""

"""Not for readers: what counts people or the audit log, which neither they nor the pages may read as roles."""

_COMPUTED = """
create function {name}({arguments}) returns {result} language plpgsql stable security definer
set search_path = wall_pages, {schema}, pg_temp set jit = off as $computed$
begin
    perform wall.enter_reader();
    return query select * from {source};
end
$computed$;
alter function {name} owner to noroshi_pages;
"""


def compute_for_readers(connection: Connection[Any]) -> None:
    """Replace the figures on the readers' side by functions of the pages' role, and views over them."""
    found = connection.execute("select quote_ident(current_schema())").fetchone()
    assert found is not None  # a query without FROM has one row
    schema: str = found[0]
    connection.execute("grant usage, create on schema wall to noroshi_pages")
    for name, arguments, result, source, count in connection.execute(_FUNCTIONS, ("^figure_",)).fetchall():
        call = f"{source}({', '.join(f'${number + 1}' for number in range(count))})"
        _make(connection, name=f"wall.{name}", arguments=arguments, result=result, source=call, schema=schema)
    for view, source in connection.execute(_VIEWS, (_BARRIERS,)).fetchall():
        rows = view.replace("figure_", "rows_of_figure_", 1)
        _make(connection, name=rows, arguments="", result=f"setof {source}", source=source, schema=schema)
        statement = f"create or replace view {view} with (security_invoker) as select * from {rows}()"  # noqa: S608
        connection.execute(statement.encode())


def _make(connection: Connection[Any], **words: str) -> None:
    connection.execute(_COMPUTED.format(**words).encode())  # names are quoted by the server
