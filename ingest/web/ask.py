"""Pages for a moment: one asks before what cannot be undone, another shows once what nobody can see again."""

from dataclasses import dataclass

from fastapi import Request
from starlette.responses import HTMLResponse

from ingest.web.form import Form
from ingest.web.render import page
from ingest.web.text.writer import Writer


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked: `button` says what will be done, `action` is where the form goes.

    `code`: whether the reader has to show by a code of their second factor that it is them.
    """

    title: str
    subject: str
    more: str
    button: str
    action: str
    back: str
    code: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A secret that is shown once, what it is, and what to do with it."""

    title: str
    once: str
    label: str
    secret: str
    hint: str
    back: str
    back_label: str


def asking(request: Request, writer: Writer, ask: Ask, form: Form | None = None) -> HTMLResponse:
    """The page that asks."""
    form = form or Form()
    return page(request, "confirm.html", writer, ask=ask, form=form, status=422 if form.errors else 200)


def showing(request: Request, writer: Writer, shown: Shown) -> HTMLResponse:
    """The page that shows a secret. It answers the form itself: a page one is led to could not have it."""
    return page(request, "secret.html", writer, shown=shown)
