"""Renders templates: in the language of the request, with everything escaped; undefined names are errors."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from ingest.access.caller import ANYBODY
from ingest.access.roles import Verb
from ingest.web.dependencies import whole_dependencies
from ingest.web.headline import health_of
from ingest.web.text import Language, language_of, preferred
from ingest.web.text.writer import Writer
from ingest.web.whose import whose
from schemas.foreign import visible
from schemas.japan import now_jst

HERE = Path(__file__).parent
COOKIE = "noroshi_lang"
_YEAR_S = 365 * 86400
_FAILED = 400


def _shown(value: object) -> object:
    """A value for a page, without characters that hide or reverse the text beside them."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


_TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    finalize=_shown,
)

Link = Callable[..., str]


def writer_for(request: Request) -> Writer:
    """A writer in the language of the request: `?lang=`, else the cookie, else what the browser says, else Japanese."""
    said = preferred(request.headers.get("accept-language", ""))
    return Writer(language_of(request.query_params.get("lang"), request.cookies.get(COOKIE), said), now_jst())


def links(path: str, query: Mapping[str, str]) -> Link:
    """A function that writes the address of this page with some of its query changed; None or "" takes one out."""

    def link(**changes: str | int | None) -> str:
        merged = {**query, **changes}
        kept = {name: value for name, value in merged.items() if value not in (None, "")}
        return f"{path}?{urlencode(kept)}" if kept else path

    return link


def page(
    request: Request, template: str, writer: Writer, *, status: int = 200, address: str = "", **context: object
) -> HTMLResponse:
    """The page `template`, with the troubles of the service above it. A language in the address is kept in a cookie.

    `address`: where the page is found, if it answers what was sent elsewhere: its links lead there, without its query.
    Every template knows the `caller`; where no route was found, nobody has looked who it is.
    """
    caller = getattr(request.state, "caller", ANYBODY)
    deps = replace(whole_dependencies(request), caller=caller)
    if "health" not in context:
        context["health"] = health_of(deps)
    told = deps.notices.current(deps.database) if caller.may(Verb.SEE) and status < _FAILED else []
    html = _TEMPLATES.get_template(template).render(
        t=writer.texts,
        w=writer,
        caller=caller,
        lang=writer.language.value,
        path=address or request.url.path,
        link=links(address or request.url.path, {} if address else request.query_params),
        whose=whose(caller),
        notices=told,
        **context,
    )
    response = HTMLResponse(html, status_code=status, headers={"Content-Language": writer.language.value})
    response.headers.add_vary_header("Accept-Language, Cookie")
    if request.query_params.get("lang") in tuple(Language):
        response.set_cookie(COOKIE, writer.language.value, max_age=_YEAR_S, httponly=True, samesite="lax")
    return response
