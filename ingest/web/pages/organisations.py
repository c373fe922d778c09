"""団体: the organisations of the installation, and the projects that are shared between them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from ingest.access import organisations as changes
from ingest.access.access import Access
from ingest.access.authority import By, ChangeRefused
from ingest.access.directory.database import list_organisations, list_projects, list_shares
from ingest.access.roles import Role
from ingest.store.database import Database
from ingest.web.accounts import Accounts, Domain, Sender, answered, whole_domain
from ingest.web.form import Form, go_to, sent_form
from ingest.web.render import page, writer_for
from ingest.web.rules import ADMINISTER, allow

DONE = ("organisation", "share", "share_removed")

SHARED_ROLES = (Role.VIEWER, Role.REPORTER, Role.OPERATOR, Role.ADMIN)

Whole = Annotated[Domain, Depends(whole_domain)]
Sent = Annotated[Form, Depends(sent_form)]

router = APIRouter(include_in_schema=False)


@router.get("/organisations")
@allow(ADMINISTER)
def organisations_page(
    request: Request,
    access: Accounts,
    _whole: Whole,
    done: str = "",
) -> HTMLResponse:
    """The page, for those who administer the whole installation."""
    return _shown(request, access, "", Form(), done)


def _shown(request: Request, access: Access, asked: str, form: Form, done: str = "") -> HTMLResponse:
    """The page, with what is wrong with the form `asked` (`organisation`, `share`)."""
    writer = writer_for(request)
    with access.database() as connection:
        organisations, projects = list_organisations(connection), list_projects(connection)
        shares = list_shares(connection)
    return page(
        request,
        "organisations.html",
        writer,
        address="/organisations",
        status=422 if form.errors else 200,
        organisations=organisations,
        homeless=[project.name for project in projects if project.organisation_id is None],
        shares=shares,
        projects=[(project.code, project.name) for project in projects],
        choices=[(row.code, row.name) for row in organisations],
        roles=[(role.value, writer.said(role.label)) for role in SHARED_ROLES],
        asked=asked,
        form=form,
        blank=Form(),
        done=writer.texts[f"done_{done}"] if done in DONE else "",
    )


@router.post("/organisations")
@allow(ADMINISTER)
def enter_organisation(request: Request, access: Accounts, _whole: Whole, by: Sender, form: Sent) -> Response:
    """Enter an organisation, or give one that is there another name."""
    with access.database() as connection:
        _enter(connection, by, form)
    if form.errors:
        return _shown(request, access, "organisation", form)
    return go_to("/organisations?done=organisation")


def _enter(connection: Database, by: By, form: Form) -> None:
    code, name = form.text("code"), form.text("name")
    try:
        changes.checked_name(name)
    except ChangeRefused as error:
        form.refuse("name", error.said)
    try:
        known = next((row for row in list_organisations(connection) if row.code == changes.check_code(code)), None)
        if form.errors:
            return
        if known is None:
            changes.add_organisation(connection, by, code, name)
        else:
            changes.rename_organisation(connection, by, known.organisation_id, name)
    except ChangeRefused as error:
        form.refuse("code", error.said)


@router.post("/organisations/shares")
@allow(ADMINISTER)
def share(request: Request, access: Accounts, _whole: Whole, by: Sender, form: Sent) -> Response:
    """Give another organisation a part in a project."""
    role = Role(form.text("role")) if form.text("role") in SHARED_ROLES else Role.VIEWER
    with access.database() as connection:
        try:
            with answered():
                changes.set_share(connection, by, form.text("project"), form.text("organisation"), role)
        except ChangeRefused as error:
            form.refuse("organisation", error.said)
    if form.errors:
        return _shown(request, access, "share", form)
    return go_to("/organisations?done=share#shares")


@router.post("/organisations/shares/{project}/{organisation}/remove")
@allow(ADMINISTER)
def stop_sharing(project: str, organisation: str, access: Accounts, _whole: Whole, by: Sender) -> Response:
    """Take the part of an organisation in a project away."""
    with access.database() as connection, answered():
        changes.set_share(connection, by, project, organisation, None)
    return go_to("/organisations?done=share_removed#shares")
