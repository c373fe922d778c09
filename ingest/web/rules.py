"""Who may use a route. Every route of pages and API has a rule; one without is refused to everybody."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from ingest.access.roles import Scope, Verb

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class Rule(NamedTuple):
    """What a caller must be allowed (`verb`; None: nothing), and the scope a token needs (None: no token will do).

    `anybody`: also somebody who is not known. `upload`: the form carries a file, so it is multipart/form-data, of at
    most so many bytes. `display`: a wall display may bring its token in a cookie.
    """

    verb: Verb | None = None
    scope: Scope | None = None
    anybody: bool = False
    upload: int = 0
    display: bool = False


OPEN = Rule(anybody=True)
"""Says nothing about anybody's data: probes, files, the page for signing in."""
OPEN_UPLOAD = Rule(anybody=True, upload=128 * 2**20)
"""A file of anybody, of which nothing is kept. The set of a year of thousands of devices is smaller."""
SIGNED_IN = Rule()
"""One's own account."""
SEE = Rule(Verb.SEE, Scope.FIGURES)
"""States, sums, accounts."""
READ = Rule(Verb.SEE, Scope.READINGS)
"""Single readings and messages."""
REPORT = Rule(Verb.REPORT)
"""The plan, the work log, reviews and measures: written by people. What is about one project is asked again there."""
REPORT_UPLOAD = Rule(Verb.REPORT, upload=20 * 2**20 + 2**17)
"""The same, with a workbook of at most 20 MiB; the rest is for the other fields."""
WORK = Rule(Verb.SEE, Scope.WORK)
"""What people did and saw, for programs that enter it."""
ENTER_WORK = Rule(Verb.REPORT, Scope.WORK)
"""The same, entered by a program."""
REPORTS = Rule(Verb.SEE, Scope.REPORTS)
"""Reports that were made, and their files."""
ORDER_REPORTS = Rule(Verb.REPORT, Scope.REPORTS)
"""A report is ordered."""
FREEZE_REPORTS = Rule(Verb.OPERATE, Scope.SUBMISSIONS)
"""A report is frozen: for good."""
WATCH = Rule(Verb.SEE, Scope.WATCH)
"""What the watch has, and who was told, for programs."""
ACKNOWLEDGE = Rule(Verb.OPERATE, Scope.WATCH)
"""An incident is taken."""
WALL = Rule(Verb.SEE, Scope.WALL, display=True)
"""The page for the wall of a situation room."""
OPERATE = Rule(Verb.OPERATE)
"""What only an operator signs for."""
ADMINISTER = Rule(Verb.ADMINISTER)
"""People, tokens, the audit log."""
ARRIVALS = Rule(Verb.ARRIVALS)
"""What arrives now from one network."""
METRICS = Rule(scope=Scope.METRICS)
"""/metrics: this machine, the token of the settings, or a token with this scope."""

_ATTRIBUTE = "__noroshi_rule__"


def allow(rule: Rule) -> Callable[[Endpoint], Endpoint]:
    """Give the function of a route its rule."""

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _ATTRIBUTE, rule)
        return endpoint

    return mark


def rule_of(endpoint: Callable[..., Any]) -> Rule | None:
    """The rule of the function of a route; None if nobody gave it one."""
    found = getattr(endpoint, _ATTRIBUTE, None)
    assert found is None or isinstance(found, Rule)  # set by `allow`
    return found
