"""Looks at another organisation from now on: the form in the header of every page."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import RedirectResponse

from ingest.web.accounts import Accounts
from ingest.web.form import Form, go_to, sent_form
from ingest.web.guard import caller_of
from ingest.web.rules import SIGNED_IN, allow

STAYS = ("/quarantine", "/arrivals", "/people", "/tokens", "/organisations", "/audit", "/account", "/jobs")
"""Pages that are there for every organisation. What is within them may belong to the one that was looked at before."""

router = APIRouter(include_in_schema=False)


@router.post("/choose")
@allow(SIGNED_IN)
def choose(request: Request, access: Accounts, form: Annotated[Form, Depends(sent_form)]) -> RedirectResponse:
    """Choose, and go back to the page. Another organisation than one's own is not there."""
    wanted = form.number("organisation")
    if (wanted is None and form.text("organisation")) or not access.choose(caller_of(request), wanted):
        raise HTTPException(404, "There is no such organisation among yours.")
    return go_to(back_to(form.text("to")))


def back_to(path: str) -> str:
    """The page to go back to: that one, or the list it is within."""
    return next((place for place in STAYS if path == place or path.startswith(f"{place}/")), "/")
