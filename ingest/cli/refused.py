"""What a command says that was given files with mistakes."""

from collections.abc import Sequence

from ingest.cli.say import say
from ingest.errors import CallRefused
from ingest.registry.problem import MORE, Problem
from schemas.bilingual import Bilingual


def refusal_of(problems: Sequence[Problem]) -> CallRefused:
    """Print what is wrong with files, and return what a command that wrote nothing raises then."""
    say(*[problem.said for problem in problems], err=True)
    count = sum(problem != MORE for problem in problems)
    ja, en = ("以上", " or more") if count < len(problems) else ("", "")
    return CallRefused(
        Bilingual(
            f"誤りが {count} 件{ja}あります。何も書き込みませんでした。", f"{count}{en} mistakes: nothing was written."
        )
    )
