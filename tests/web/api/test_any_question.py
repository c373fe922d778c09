"""Whatever is asked, the answer is as the description promises: questions made up by the hundred, right and wrong.

They are the same in every run, so that a failure can be seen again.
"""

import json
from collections.abc import Iterator
from functools import cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, settings
from schemathesis import Case, openapi
from schemathesis.config import SchemathesisConfig
from schemathesis.pytest import from_fixture
from schemathesis.schemas import BaseSchema

from ingest.web.openapi import description
from tests.fixtures.database import FIRST
from tests.fixtures.examples import THOROUGH

EXAMPLES = 6
# A question may be right word for word and wrong as a whole: from after to, limit with a CSV, a cursor nobody gave.
CHECKS: dict[str, Any] = {"positive_data_acceptance": {"expected-statuses": ["2xx", 404, 406, 422]}}
# Before there is an administrator, this machine is answered without a token.
UNCLAIMED: dict[str, Any] = {"ignored_auth": {"enabled": False}}
THERE = {"project": "tea", "device": "tea-1"}
# Every word wrong in every way is asked once, with a token of an administrator (test_any_question_by_role.py): what a
# question means does not depend on who asks. The names of projects and devices are those of what is there then.
FEW: dict[str, Any] = {} if THOROUGH else {"coverage": {"enabled": False}}
NAMES = r"/devices/{project}/{device}$|/(networks|quarantine|stops|readings/hourly|plan/measures)$"
"""One of each group of operations that declare the names of projects and devices alike."""


def described(checks: dict[str, Any], **config: Any) -> BaseSchema:
    """The published description, as the generator of questions reads it."""
    # Who asks is the tests' affair, and no part of the question.
    generation = {"deterministic": True, "with-security-parameters": False}
    whole = {"generation": generation, "checks": CHECKS | checks, **config}
    return openapi.from_dict(json.loads(_description()), config=SchemathesisConfig.from_dict(whole))


@cache
def _description() -> str:
    return description()


@pytest.fixture
def renamed(request: pytest.FixtureRequest) -> None:
    """Schemathesis writes the operation into an attribute of the running test that pytest has no more."""
    request.node._nodeid = request.node.nodeid


@pytest.fixture(scope="module")
def asking() -> Iterator[requests.Session]:
    """One connection for all questions: to open it costs as much as to ask. The server may close it at any moment.

    It remembers no cookie: no question is asked by somebody whom another answer let in.
    """
    with requests.Session() as session:
        session.trust_env = False
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.mount("http://", requests.adapters.HTTPAdapter(max_retries=2))
        yield session


@pytest.fixture(scope="module")
def everything() -> BaseSchema:
    """Made when a test runs: every process of a run collects these tests, one asks."""
    return described(UNCLAIMED, phases=FEW)


@pytest.fixture(scope="module")
def every_name() -> BaseSchema:
    return described(UNCLAIMED)


@pytest.fixture(scope="module")
def what_is_there() -> BaseSchema:
    return described(UNCLAIMED, parameters=THERE, phases=FEW)


few = settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

# Each of these is a test of every operation: one that fails is named, and the others are asked all the same.
pytestmark = [
    pytest.mark.parametrize("postgres", [FIRST], indirect=True),
    pytest.mark.usefixtures("renamed", "tea_site"),
    pytest.mark.timeout(900),
]


@from_fixture("everything").include(method="GET").parametrize()
@few
def test_every_answer_is_as_described(tea_site: str, asking: requests.Session, case: Case[Any]) -> None:
    case.call_and_validate(base_url=tea_site, session=asking, timeout=60)


@from_fixture("every_name").include(method="GET", path_regex=NAMES).parametrize()
@few
def test_every_answer_is_as_described_whatever_name_is_asked_for(
    tea_site: str, asking: requests.Session, case: Case[Any]
) -> None:
    case.call_and_validate(base_url=tea_site, session=asking, timeout=60)


@from_fixture("what_is_there").include(path_regex="/devices/|/readings$|/uplinks$").parametrize()
@few
def test_every_answer_about_a_device_that_is_there_is_as_described(
    tea_site: str, asking: requests.Session, case: Case[Any]
) -> None:
    case.call_and_validate(base_url=tea_site, session=asking, timeout=60)
