"""What the process of the pages asks the service that started it, and what it is told: one line each."""

from typing import NamedTuple

import orjson

from ingest.account import Balance
from ingest.settings.model import Settings
from ingest.telemetry.health import Concern, Trouble

ALIVE = "alive"
"""Nothing is asked: the process of the pages says that its loop turns."""
STATE = "state"
METRICS = "metrics"

LONGEST_LINE = 2**24
"""The metrics of an installation with some thousand gateways fit into a sixteenth of it."""


class Orders(NamedTuple):
    """What the process has to know. Settings travel whole: a changed file must not divide the service."""

    settings: Settings
    descriptor: int
    """The listening socket, bound by the service."""


class Question(NamedTuple):
    """Asked one at a time, numbered so that a late answer is not taken for the next one."""

    number: int
    kind: str


class Answer(NamedTuple):
    """How the intake stands at this moment. `metrics`: the text of /metrics, if that was asked for."""

    number: int
    live: Balance
    troubles: list[Trouble]
    metrics: str = ""


def question_line(question: Question) -> bytes:
    """As it travels."""
    return b"%d %s\n" % (question.number, question.kind.encode())


def read_question(line: bytes) -> Question:
    """As it arrives. Both ends are the same program, so nothing is checked."""
    number, kind = line.decode().split()
    return Question(int(number), kind)


def answer_line(answer: Answer) -> bytes:
    """As it travels."""
    troubles = [list(trouble) for trouble in answer.troubles]
    return orjson.dumps([answer.number, list(answer.live), troubles, answer.metrics]) + b"\n"


def read_answer(line: bytes) -> Answer:
    """As it arrives."""
    number, live, troubles, metrics = orjson.loads(line)
    told = [Trouble(Concern(concern), detail, since_s) for concern, detail, since_s in troubles]
    return Answer(number, Balance(*live), told, metrics)
