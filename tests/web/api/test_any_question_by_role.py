"""Questions made up by the hundred with a token of each kind: what is promised, and nothing of another city."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.pytest import from_fixture
from schemathesis.schemas import BaseSchema

from ingest.access.roles import Role, Scope
from tests.fixtures.database import Database
from tests.web.api.test_any_question import described, renamed
from tests.web.townhall import EVERYBODY, Townhall, townhall

__all__ = ["renamed"]

CHECKS = {"positive_data_acceptance": {"expected-statuses": ["2xx", 403, 404, 406, 422]}}
FUKUROI = {"project": "fukuroi", "device": "halow-0001"}
INA = {"project": "ina", "device": "halow-0001"}
# Every word of a question wrong in every way, for one kind of token: what a question means does not depend on who asks.
FEW: dict[str, Any] = {"coverage": {"enabled": False}}
few = settings(max_examples=2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

KINDS = {
    "viewer": (Role.VIEWER, Scope.READINGS),
    "admin": (Role.ADMIN, Scope.READINGS),
    "figures": (Role.OPERATOR, Scope.FIGURES),
    "work": (Role.REPORTER, Scope.WORK),
}


# Each of these is a test of every operation: one that fails is named, and the others are asked all the same.
pytestmark = [pytest.mark.usefixtures("renamed", "town", "tokens"), pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def own() -> BaseSchema:
    return described(CHECKS, parameters=FUKUROI)


@pytest.fixture(scope="module")
def foreign() -> BaseSchema:
    return described(CHECKS, parameters=INA)


@pytest.fixture(scope="module")
def few_own() -> BaseSchema:
    return described(CHECKS, parameters=FUKUROI, phases=FEW)


@pytest.fixture(scope="module")
def few_foreign() -> BaseSchema:
    return described(CHECKS, parameters=INA, phases=FEW)


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    """Whose token asks."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def town(field: Database) -> Iterator[Townhall]:
    with townhall(field) as running_town:
        running_town.person("question-everything", EVERYBODY)
        yield running_town


@pytest.fixture(scope="module")
def tokens(town: Townhall) -> dict[str, str]:
    return {
        kind: town.token(town.person(f"question-{kind}", town.in_city(role)), scope)
        for kind, (role, scope) in KINDS.items()
    }


@from_fixture("own").parametrize()
@few
def test_every_answer_to_a_token_is_as_described_whatever_is_asked(
    town: Townhall, tokens: dict[str, str], case: Case[Any]
) -> None:
    check_own(town, tokens["admin"], case)


@pytest.mark.usefixtures("kind")
@from_fixture("few_own").parametrize()
@few
def test_every_answer_to_a_token_is_as_described(
    town: Townhall, tokens: dict[str, str], kind: str, case: Case[Any]
) -> None:
    check_own(town, tokens[kind], case)


@from_fixture("foreign").parametrize()
@few
def test_no_answer_to_a_token_says_anything_of_another_city_whatever_is_asked(
    town: Townhall, tokens: dict[str, str], case: Case[Any]
) -> None:
    check_foreign(town, tokens["admin"], case)


@pytest.mark.usefixtures("kind")
@from_fixture("few_foreign").parametrize()
@few
def test_no_answer_to_a_token_says_anything_of_another_city(
    town: Townhall, tokens: dict[str, str], kind: str, case: Case[Any]
) -> None:
    check_foreign(town, tokens[kind], case)


def check_own(town: Townhall, token: str, case: Case[Any]) -> None:
    case.call_and_validate(base_url=town.address, headers={"Authorization": f"Bearer {token}"}, timeout=60)


def check_foreign(town: Townhall, token: str, case: Case[Any]) -> None:
    answer = case.call(base_url=town.address, headers={"Authorization": f"Bearer {token}"}, timeout=60)
    assert "伊那" not in answer.text
    assert answer.status_code in (200, 403, 404, 405, 406, 422)
    if answer.status_code == 200 and "{project}" in case.path:
        pytest.fail(f"{case.path} answers about another city")
