"""Questions made up by the hundred with a token of each kind: what is promised, and nothing of another city.

Each question is asked twice: about one's own city, where the answer is as described, and about the neighbour.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, settings
from schemathesis import Case, Response
from schemathesis.pytest import from_fixture
from schemathesis.schemas import BaseSchema

from ingest.access.roles import Role, Scope
from tests.fixtures.database import Database
from tests.web.api.test_any_question import FEW, asking, described, renamed
from tests.web.townhall import EVERYBODY, Townhall, townhall

__all__ = ["asking", "renamed"]

CHECKS = {"positive_data_acceptance": {"expected-statuses": ["2xx", 403, 404, 406, 422]}}
OWN = {"project": "fukuroi", "device": "halow-0001"}
NEIGHBOUR, ITS_NAME = {"project": "ina", "device": "halow-0019"}, "伊那"
few = settings(max_examples=2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

KINDS = {
    "viewer": (Role.VIEWER, Scope.READINGS),
    "figures": (Role.OPERATOR, Scope.FIGURES),
    "work": (Role.REPORTER, Scope.WORK),
}


# Each of these is a test of every operation: one that fails is named, and the others are asked all the same.
pytestmark = [pytest.mark.usefixtures("renamed", "town", "tokens"), pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def every_word() -> BaseSchema:
    return described(CHECKS, parameters=OWN)


@pytest.fixture(scope="module")
def few_words() -> BaseSchema:
    return described(CHECKS, parameters=OWN, phases=FEW)


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    """Whose token asks."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def town(small_field: Database) -> Iterator[Townhall]:
    there = "select count(*) from device d join project p using (project_id) where (p.code, d.code) = (%s, %s)"
    with townhall(small_field) as running_town:
        running_town.person("question-everything", EVERYBODY)
        for names in (OWN, NEIGHBOUR):
            assert running_town.connection.execute(there, (*names.values(),)).fetchone() == (1,)
        yield running_town


@pytest.fixture(scope="module")
def tokens(town: Townhall) -> dict[str, str]:
    admin = town.token(town.person("question-admin", town.in_city(Role.ADMIN)), Scope.READINGS, Scope.WORK)
    return {"admin": admin} | {
        kind: town.token(town.person(f"question-{kind}", town.in_city(role)), scope)
        for kind, (role, scope) in KINDS.items()
    }


@from_fixture("every_word").parametrize()
@few
def test_every_answer_to_a_token_is_as_described_whatever_is_asked(
    town: Townhall, tokens: dict[str, str], asking: requests.Session, case: Case[Any]
) -> None:
    check(town, tokens["admin"], asking, case)


@pytest.mark.usefixtures("kind")
@from_fixture("few_words").parametrize()
@few
def test_every_answer_to_a_token_is_as_described(
    town: Townhall, tokens: dict[str, str], kind: str, asking: requests.Session, case: Case[Any]
) -> None:
    check(town, tokens[kind], asking, case)


def check(town: Townhall, token: str, asking: requests.Session, case: Case[Any]) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    own = case.call_and_validate(base_url=town.address, headers=headers, session=asking, timeout=60)
    assert ITS_NAME not in own.text
    check_the_neighbour(asking, own)


def check_the_neighbour(asking: requests.Session, own: Response) -> None:
    """The same question, word for word, with the names of the other city and of a device of it."""
    same = own.request.copy()
    assert same.url is not None
    if OWN["project"] not in same.url:
        return
    for name, code in OWN.items():
        same.url = same.url.replace(code, NEIGHBOUR[name])
    answer = asking.send(same, timeout=60)
    assert ITS_NAME not in answer.text, same.url
    assert answer.status_code in (403, 404, 405, 406, 422), same.url
