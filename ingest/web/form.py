"""What was written into a form: its fields, what is wrong with them, and where the browser goes afterwards."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from fastapi import HTTPException, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse

from schemas.bilingual import Bilingual

LONGEST = 1000
"""No field of ours is longer, not even a password, but those that people write reviews into."""
LONGEST_WRITING = 2_500
"""About two sheets of paper. Five such fields in Japanese, as a browser sends them, are just within MOST_BYTES."""


@dataclass
class Form:
    """The fields of a form as they were written, and what is wrong with each of them."""

    values: Mapping[str, str] = field(default_factory=dict)
    several: Mapping[str, list[str]] = field(default_factory=dict)
    errors: dict[str, Bilingual] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """What was written into a field, without blanks around it; empty if it is absent."""
        return self.values.get(name, "").strip()

    def secret(self, name: str) -> str:
        """What was written into the field of a password, exactly as it was written."""
        return self.values.get(name, "")

    def ticked(self, name: str) -> list[str]:
        """The boxes of this name that were ticked."""
        return self.several.get(name, [])

    def number(self, name: str) -> int | None:
        """A field with the number of a row; None if there is none in it."""
        text = self.text(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    def refuse(self, name: str, why: Bilingual) -> None:
        """Say what is wrong with a field. What is said first stays."""
        self.errors.setdefault(name, why)

    def need(self, name: str, why: Bilingual) -> str:
        """What was written into a field that must not be empty."""
        text = self.text(name)
        if not text:
            self.refuse(name, why)
        return text

    def error(self, name: str) -> Bilingual | None:
        """What is wrong with a field, for its template."""
        return self.errors.get(name)


async def sent_form(request: Request) -> Form:
    """The form of this request, whose `csrf` the guard has compared. Raises HTTPException for a field too long."""
    return await _read(request, LONGEST)


async def sent_writing(request: Request) -> Form:
    """As `sent_form`, for a form with fields for long texts."""
    return await _read(request, LONGEST_WRITING)


class SentFile(NamedTuple):
    """A form with a file. `file`: None if nobody chose one."""

    form: Form
    file: UploadFile | None


async def sent_file(request: Request) -> AsyncIterator[SentFile]:
    """As `sent_form`, with the file in the field `file`, which is gone after the request."""
    form = await _read(request, LONGEST)
    sent = await request.form()
    try:
        given = sent.get("file")
        yield SentFile(form, given if isinstance(given, UploadFile) and given.size else None)
    finally:
        await sent.close()


async def _read(request: Request, longest: int) -> Form:
    sent: FormData = await request.form()
    texts = [(name, value) for name, value in sent.multi_items() if isinstance(value, str)]
    if any(len(value) > longest for _, value in texts):
        raise HTTPException(422, f"A field is longer than {longest} characters.")  # cut, it would be another password
    several: dict[str, list[str]] = {}
    for name, value in texts:
        several.setdefault(name, []).append(value)
    return Form({name: found[0] for name, found in several.items()}, several)


def go_to(path: str) -> RedirectResponse:
    """Lead the browser to another page of ours after a form, so that reloading sends nothing again."""
    return RedirectResponse(path, status_code=303)
