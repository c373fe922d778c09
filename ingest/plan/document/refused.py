"""What is wrong with a plan: every problem with its field, and file and line where it came from a file."""

from collections.abc import Sequence

from ingest.errors import CallRefused
from ingest.registry.problem import Problem
from schemas.bilingual import Bilingual, joined
from schemas.foreign import unseen_in


class PlanRefused(CallRefused):
    """A plan that is not stored. `problems`: all that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        count = len(problems)
        nothing = Bilingual(
            f"誤りが {count} 件あります。何も書き込みませんでした。",
            f"{count} {'mistake' if count == 1 else 'mistakes'}. Nothing was written.",
        )
        super().__init__(joined([*(problem.said for problem in problems), nothing]))
        self.problems = tuple(problems)


def refuse_unseen(text: str) -> None:
    """Raise CallRefused for a text with a character that nobody sees, or that no table stores; line ends are none."""
    unseen = unseen_in(text.replace("\r\n", "\n"))
    if unseen is not None:
        raise CallRefused(
            Bilingual(
                f"見えない文字({unseen})が入っています。その前後を消して、入力し直してください",
                f"there is a character that nobody sees ({unseen}): remove what is round it and enter it again",
            )
        )
