"""自分のアカウント: one's roles, password, second factor, and the browsers one is signed in with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ingest.access import totp
from ingest.access.access import Access
from ingest.access.caller import Caller
from ingest.access.directory.database import find_person
from ingest.access.directory.model import Held
from ingest.access.signing_in import Refusal
from ingest.web.accounts import Accounts
from ingest.web.ask import Ask, asking
from ingest.web.dependencies import whole_dependencies
from ingest.web.form import Form, go_to, sent_form
from ingest.web.guard import caller_of
from ingest.web.noted import client_address
from ingest.web.render import page, writer_for
from ingest.web.rules import SIGNED_IN, allow
from schemas.bilingual import Bilingual

DONE = ("password", "second_factor", "second_factor_removed", "session")
NOT_THE_SAME = Bilingual("上と同じものを入れてください", "Enter the same as above")
WRONG_PASSWORD = Bilingual("いまのパスワードが違います", "This is not your present password")
WRONG_CODE = Bilingual(
    "数字が違うか、使用済みです。アプリに出ている新しい数字を入れてください",
    "Wrong or used already: enter the digits that it shows now",
)

router = APIRouter(include_in_schema=False)

Sent = Annotated[Form, Depends(sent_form)]


class SessionView(NamedTuple):
    """A browser in the list. `handle`: of the session, in addresses. `mine`: the one that asks."""

    handle: str
    browser: str
    created_at: datetime
    seen_at: datetime
    mine: bool


@dataclass(frozen=True, slots=True)
class AccountView:
    """One's own account as its page shows it. `own_password`: one signs in by a password kept here."""

    roles: tuple[Held, ...]
    issuer: str | None
    own_password: bool
    second_factor: bool
    sessions: list[SessionView]
    shortest: int


@router.get("/account")
@allow(SIGNED_IN)
def account_page(request: Request, access: Accounts, done: str = "") -> HTMLResponse:
    """The page."""
    return _shown(request, access, Form(), done)


def _shown(request: Request, access: Access, form: Form, done: str = "") -> HTMLResponse:
    writer = writer_for(request)
    return page(
        request,
        "account.html",
        writer,
        address="/account",
        status=422 if form.errors else 200,
        account=_view(request, access, caller_of(request)),
        form=form,
        done=writer.texts[f"done_{done}"] if done in DONE else "",
    )


def _view(request: Request, access: Access, caller: Caller) -> AccountView:
    with access.database() as connection:
        person = find_person(connection, caller.person_id or 0)
    if person is None:
        raise HTTPException(404, "This account is gone.")
    return AccountView(
        person.roles,
        person.issuer,
        person.has_password and person.issuer is None,
        person.second_factor,
        [
            SessionView(each.digest.hex(), browser_name(each.browser), each.created_at, each.seen_at,
                        each.digest == caller.session)
            for each in access.sessions_of(caller)
        ],
        whole_dependencies(request).door.sign_in.password_min_length,
    )  # fmt: skip


def browser_name(said: str) -> str:
    """A browser and its system in two words, of what it says of itself; its beginning if neither is known."""
    browser = _first(
        said, {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
    )
    system = _first(
        said, {"Windows": "Windows", "iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Mac OS": "macOS",
               "CrOS": "ChromeOS", "Linux": "Linux"},
    )  # fmt: skip
    return " / ".join(filter(None, (browser, system))) or said[:60]


def _first(said: str, names: Mapping[str, str]) -> str:
    return next((name for sign, name in names.items() if sign in said), "")


@router.post("/account/password")
@allow(SIGNED_IN)
def change_password(request: Request, access: Accounts, form: Sent) -> Response:
    """Set a new password. One's other browsers are signed out by it."""
    if form.secret("new") != form.secret("again"):
        form.refuse("again", NOT_THE_SAME)
        return _shown(request, access, form)
    refused = access.change_password(
        caller_of(request), form.secret("old"), form.secret("new"), client_address(request)
    )
    if refused is None:
        return go_to("/account?done=password")
    if refused.why is Refusal.WEAK:
        form.refuse("new", refused.why.label)
    else:
        form.refuse("old", WRONG_PASSWORD if refused.why is Refusal.WRONG else refused.why.label)
    return _shown(request, access, form)


@router.get("/account/second-factor")
@allow(SIGNED_IN)
def second_factor_page(request: Request, access: Accounts) -> Response:
    """A new key, as a picture and as text. Nothing is kept before a code shows that the authenticator has it."""
    if access.has_second_factor(caller_of(request)):
        return go_to("/account#second-factor")
    enrolment = totp.new_enrolment(caller_of(request).login)
    return _key_page(request, enrolment, Form())


def _key_page(request: Request, enrolment: totp.Enrolment, form: Form) -> HTMLResponse:
    import segno  # noqa: PLC0415  for this page alone

    picture = segno.make(enrolment.uri, error="m").svg_data_uri(scale=4, border=4)
    key = enrolment.key
    return page(
        request,
        "second_factor.html",
        writer_for(request),
        status=422 if form.errors else 200,
        key=key,
        grouped=" ".join(key[at : at + 4] for at in range(0, len(key), 4)),
        picture=picture,
        form=form,
    )


@router.post("/account/second-factor")
@allow(SIGNED_IN)
def confirm_second_factor(request: Request, access: Accounts, form: Sent) -> Response:
    """Turn it on, if the code is of the key that the form brings back."""
    caller, key = caller_of(request), form.text("key")
    if not totp.is_key(key):
        return go_to("/account/second-factor")
    if access.confirm_second_factor(caller, key, form.text("code"), client_address(request)):
        return go_to("/account?done=second_factor")
    form.refuse("code", WRONG_CODE)
    return _key_page(request, totp.enrolment_of(key, caller.login), form)


@router.get("/account/second-factor/remove")
@allow(SIGNED_IN)
def ask_to_remove(request: Request) -> HTMLResponse:
    """Asks, and wants a code: whoever finds an open browser must not weaken an account."""
    return asking(request, writer_for(request), _ask(request))


def _ask(request: Request) -> Ask:
    texts = writer_for(request).texts
    return Ask(
        texts["second_factor_remove_title"], "", texts["second_factor_remove_more"], texts["second_factor_remove"],
        "/account/second-factor/remove", "/account#second-factor", code=True,
    )  # fmt: skip


@router.post("/account/second-factor/remove")
@allow(SIGNED_IN)
def remove_second_factor(request: Request, access: Accounts, form: Sent) -> Response:
    """Turn it off, by one of its codes."""
    refused = access.remove_second_factor(caller_of(request), form.text("code"), client_address(request))
    if refused is None:
        return go_to("/account?done=second_factor_removed")
    form.refuse("code", WRONG_CODE if refused.why is Refusal.WRONG else refused.why.label)
    return asking(request, writer_for(request), _ask(request), form)


@router.post("/account/sessions/end")
@allow(SIGNED_IN)
def end_all_sessions(request: Request, access: Accounts) -> RedirectResponse:
    """Sign out in all browsers, this one too."""
    access.sign_out_everywhere(caller_of(request), client_address(request))
    return go_to("/sign-in")


@router.post("/account/sessions/{handle}/end")
@allow(SIGNED_IN)
def end_session(request: Request, handle: str, access: Accounts) -> RedirectResponse:
    """Sign out in one other browser. One that is not there has ended already."""
    try:
        digest = bytes.fromhex(handle)
    except ValueError:
        raise HTTPException(404, "There is no such session.") from None
    access.revoke_session(caller_of(request), digest, client_address(request))
    return go_to("/account?done=session#sessions")
