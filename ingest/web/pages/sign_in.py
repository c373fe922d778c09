"""サインイン: by a password (and a code), by a link, or at an OpenID provider; and signing out."""

from typing import Annotated, NamedTuple
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from ingest.access.access import Access
from ingest.access.caller import Kind
from ingest.access.own_path import own_path
from ingest.access.signing_in import OpenIdAnswer, Refusal, Refused, SignedIn
from ingest.web.cookies import clear_cookie, open_id_cookie, read_cookie, session_cookie, set_cookie
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.halfway import Halfway
from ingest.web.noted import client_address
from ingest.web.problems import SIGN_IN
from ingest.web.render import page, writer_for
from ingest.web.rules import OPEN, SIGNED_IN, allow
from schemas.bilingual import Bilingual

STATUS = {Refusal.CODE_NEEDED: 200, Refusal.WAIT: 429, Refusal.LINK_OVER: 410, Refusal.PROVIDER: 502}
BROWSER_CHARACTERS = 200
BEGIN_ANEW = Bilingual(
    "時間が空いたため、もう一度はじめからサインインしてください",
    "That took too long: please sign in from the beginning",
)
NOT_THE_SAME = Bilingual("二つのパスワードが同じではありません", "The two passwords are not the same")

router = APIRouter(include_in_schema=False)

Deps = Annotated[WebDependencies, Depends(dependencies)]


class SignInForm(BaseModel):
    """The first step, or with `ticket` the second."""

    login: str = Field("", max_length=200)
    password: str = Field("", max_length=1000)
    code: str = Field("", max_length=20)
    ticket: str = Field("", max_length=100)
    to: str = Field("/", max_length=4000)


class LinkForm(BaseModel):
    """The new password, twice; empty for a link that signs in at once."""

    password: str = Field("", max_length=1000)
    again: str = Field("", max_length=1000)


class Step(NamedTuple):
    """What the page asks for. `ticket`: of the second step. `error`: what was wrong with the step before."""

    to: str
    login: str = ""
    ticket: str = ""
    error: Bilingual | None = None


@router.get(SIGN_IN)
@allow(OPEN)
def sign_in_page(request: Request, deps: Deps, to: str = "/") -> Response:
    """The page; whoever is signed in already goes on."""
    _accounts(deps)
    if deps.caller.kind in (Kind.PERSON, Kind.UNCLAIMED):
        return RedirectResponse(own_path(to), 303)
    return _show(request, deps, Step(own_path(to)), 200)


@router.post(SIGN_IN)
@allow(OPEN)
def sign_in(request: Request, deps: Deps, form: Annotated[SignInForm, Form()]) -> Response:
    """Try to sign in. A session that this browser had before is over: nobody can have planted it."""
    access, to = _accounts(deps), own_path(form.to)
    halfway: Halfway = request.app.state.halfway
    login, password = form.login, form.password
    if form.ticket:
        entered = halfway.take(form.ticket)
        if entered is None:
            return _show(request, deps, Step(to, error=BEGIN_ANEW), 422)
        login, password = entered
    result = access.sign_in(login, password, form.code, address=client_address(request), browser=browser_of(request))
    if isinstance(result, SignedIn):
        return let_in(request, deps, result, to)
    retry = {"Retry-After": str(result.retry_after_s)} if result.retry_after_s else {}
    second = result.why is Refusal.CODE_NEEDED or (form.ticket and result.why is Refusal.WRONG)
    if second:
        error = None if result.why is Refusal.CODE_NEEDED else result.why.label
        step = Step(to, ticket=halfway.keep(login, password), error=error)
        return _show(request, deps, step, STATUS.get(result.why, 422))
    return _show(request, deps, Step(to, form.login, error=result.why.label), STATUS.get(result.why, 422), retry)


@router.post("/sign-out")
@allow(SIGNED_IN)
def sign_out(request: Request, deps: Deps) -> Response:
    """End the session, and forget it."""
    _accounts(deps).sign_out(deps.caller, client_address(request))
    response = RedirectResponse(SIGN_IN, 303)
    clear_cookie(response, deps.door, session_cookie(deps.door))
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@router.get("/link/{secret}")
@allow(OPEN)
def link_page(request: Request, deps: Deps, secret: str) -> Response:
    """What a link is for, and a button. Looking uses it not: programs that read mail follow links."""
    purpose = _accounts(deps).open_link(secret)
    if purpose is None:
        return _show_link(request, deps, None, Refusal.LINK_OVER.label, 410)
    return _show_link(request, deps, purpose, None, 200)


@router.post("/link/{secret}")
@allow(OPEN)
def use_link(request: Request, deps: Deps, secret: str, form: Annotated[LinkForm, Form()]) -> Response:
    """Use a link: set the password it is for, or just sign in. It works once."""
    access = _accounts(deps)
    purpose = access.open_link(secret)
    address, browser = client_address(request), browser_of(request)
    if purpose == "password":
        if form.password != form.again:
            return _show_link(request, deps, purpose, NOT_THE_SAME, 422)
        result = access.use_password_link(secret, form.password, address=address, browser=browser)
    else:
        result = access.use_session_link(secret, address=address, browser=browser)
    if isinstance(result, SignedIn):
        return let_in(request, deps, result, "/")
    over = result.why is Refusal.LINK_OVER
    return _show_link(request, deps, None if over else purpose, result.why.label, STATUS.get(result.why, 422))


@router.get(f"{SIGN_IN}/open-id")
@allow(OPEN)
def begin_open_id(request: Request, deps: Deps, to: str = "/") -> Response:
    """Lead the browser to the provider."""
    access = _provided(deps)
    begun = access.begin_open_id(own_path(to))
    if isinstance(begun, Refused):
        return _show(request, deps, Step(own_path(to), error=begun.why.label), STATUS.get(begun.why, 403))
    request.state.leads_out = begun.address  # the one redirect that leaves this host
    response = RedirectResponse(begun.address, 303)
    set_cookie(response, deps.door, open_id_cookie(deps.door), begun.cookie, begun.lives_s)
    return response


@router.get(f"{SIGN_IN}/open-id/answer")
@allow(OPEN)
def finish_open_id(
    request: Request, deps: Deps, state: str = "", code: str = "", error: str = "", iss: str = ""
) -> Response:
    """The browser comes back from the provider."""
    name = open_id_cookie(deps.door)
    answer = OpenIdAnswer(state, read_cookie(request, name), code, error, iss)
    result = _provided(deps).finish_open_id(answer, address=client_address(request), browser=browser_of(request))
    if isinstance(result, Refused):
        response = _show(request, deps, Step("/", error=result.why.label), STATUS.get(result.why, 403))
    else:
        response = let_in(request, deps, result[0], own_path(result[1]))
    clear_cookie(response, deps.door, name)
    return response


def let_in(request: Request, deps: WebDependencies, signed_in: SignedIn, to: str) -> Response:
    """Go on with the new session. The one this browser had before ends."""
    if deps.caller.session:
        _accounts(deps).sign_out(deps.caller, client_address(request))
    response = RedirectResponse(to, 303)
    set_cookie(response, deps.door, session_cookie(deps.door), signed_in.secret)
    return response


def browser_of(request: Request) -> str:
    """What the browser calls itself, for the list of one's sessions."""
    return request.headers.get("user-agent", "")[:BROWSER_CHARACTERS]


def _accounts(deps: WebDependencies) -> Access:
    if deps.access is None:
        raise HTTPException(404, "This installation has no accounts.")
    return deps.access


def _provided(deps: WebDependencies) -> Access:
    if deps.door.sign_in.open_id is None:
        raise HTTPException(404, "This installation has no OpenID provider.")
    return _accounts(deps)


def _provider_title(deps: WebDependencies) -> str | None:
    """What the button says; None without a provider."""
    provider = deps.door.sign_in.open_id
    return None if provider is None else provider.title or urlsplit(provider.issuer).hostname


def _show(
    request: Request, deps: WebDependencies, step: Step, status: int, headers: dict[str, str] | None = None
) -> Response:
    address = (
        "" if request.url.path == SIGN_IN else SIGN_IN
    )  # an answer of the provider is used once: nobody reloads it
    response = page(
        request, "sign_in.html", writer_for(request), status=status, address=address, step=step,
        provider=_provider_title(deps),
    )  # fmt: skip
    response.headers.update(headers or {})
    return response


def _show_link(
    request: Request, deps: WebDependencies, purpose: str | None, error: Bilingual | None, status: int
) -> Response:
    response = page(
        request, "link.html", writer_for(request), status=status, purpose=purpose, error=error,
        shortest=deps.door.sign_in.password_min_length,
    )  # fmt: skip
    # The secret in the path goes nowhere. Not `no-referrer`: with it browsers send the form with `Origin: null`.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response
