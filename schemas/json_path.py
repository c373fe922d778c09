"""Paths to values in a JSON document: `a.b`, `a[0].b`, `a[*].b`, `["pm2.5"]`; `$` is the whole document.

` | ` separates alternatives, of which the first that exists counts.
"""

import json
import re
from typing import Annotated, TypeAlias

from pydantic import AfterValidator

from schemas.bilingual import Bilingual

ANY = None
"""Every element of an array, or every value of an object."""

Step: TypeAlias = str | int | None
Steps: TypeAlias = tuple[Step, ...]

_STEP = re.compile(
    r"""\.?(?P<name>[^.\[\]"*|\s$](?:[^.\[\]"*|]*[^.\[\]"*|\s])?)  # a name may contain blanks inside
    | \.?(?P<any>\*)
    | \[(?P<all>\*)\]
    | \[(?P<index>\d{1,4})\]
    | \[(?P<quoted>"(?:[^"\\]|\\.)*")\]""",
    re.VERBOSE,
)


def parse(path: str) -> tuple[Steps, ...]:
    """The alternatives of a path, each as its steps. Raises ValueError that says what can be written."""
    return tuple(_steps(alternative.strip(), path) for alternative in path.split(" | "))


def _steps(text: str, path: str) -> Steps:
    rest = text.removeprefix("$")
    steps: list[Step] = []
    while rest:
        found = _STEP.match(rest)
        if found is None:
            raise ValueError(
                Bilingual(
                    f'{path!r} はパスではありません。a.b、a[0]、a[*] か、点のある名前なら ["a.b"] と書いてください。'
                    "$ は全体です",
                    f'{path!r} is no path: write a.b, a[0], a[*] or, for a name with dots, ["a.b"]; $ is the whole',
                )
            )
        steps.append(_step(found))
        rest = rest[found.end() :]
    if not text:
        raise ValueError(
            Bilingual(
                f"{path!r} はパスではありません。全体は $ です",
                f"{path!r} is no path: the whole document is $",
            )
        )
    return tuple(steps)


def _step(found: re.Match[str]) -> Step:
    if found["any"] or found["all"]:
        return ANY
    if found["index"]:
        return int(found["index"])
    return str(json.loads(found["quoted"])) if found["quoted"] else found["name"]


def _checked(path: str) -> str:
    parse(path)
    return path


def _single(path: str) -> str:
    if any(ANY in steps for steps in parse(path)):
        raise ValueError(
            Bilingual(
                f"{path!r} はいくつもの値を指します。ここには一つが要ります",
                f"{path!r} means several values; here one is needed",
            )
        )
    return path


AnyPath: TypeAlias = Annotated[str, AfterValidator(_checked)]
"""A path that may mean several values."""
OnePath: TypeAlias = Annotated[str, AfterValidator(_single)]
"""A path to one value."""
