"""`python -m tests.fuzz TARGET --runs N`: bytes at a decoder until it breaks its promise, or N inputs are through.

A target is a module of this folder with `fuzz(data: bytes)`, which raises when the promise is broken, and `SEEDS`,
good messages to start from. With atheris installed (`pip install atheris`) coverage leads the way; without it, or with
`--engine random`, seeds are mutated at random.
"""

import argparse
import importlib
import importlib.util
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.fuzz import NO_TARGETS
from tests.fuzz.mutate import mutated

LONGEST = 4096
_SAY_EVERY = 100_000

Fuzz = Callable[[bytes], None]


def main() -> None:
    """Run one target."""
    call = _arguments()
    if call.engine == "atheris":
        _with_atheris(call.target, call.runs, call.seed)
    else:
        fuzz, seeds = _load(call.target)
        _at_random(call.target, fuzz, seeds, call.runs, call.seed)


def _arguments() -> argparse.Namespace:
    names = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py") if path.stem not in NO_TARGETS)
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=names)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=["atheris", "random"], default="atheris" if _has_atheris() else "random")
    return parser.parse_args()


def _has_atheris() -> bool:
    return importlib.util.find_spec("atheris") is not None


def _load(target: str) -> tuple[Fuzz, Sequence[bytes]]:
    module = importlib.import_module(f"tests.fuzz.{target}")
    return module.fuzz, module.SEEDS


def _with_atheris(target: str, runs: int, seed: int) -> None:
    """libFuzzer counts the inputs and ends the process itself; a crash leaves its input beside its trace."""
    atheris = importlib.import_module("atheris")  # not a dependency
    with atheris.instrument_imports(include=["ingest.decode", "schemas"]):
        fuzz, seeds = _load(target)
    with TemporaryDirectory(prefix="noroshi-fuzz-") as corpus:
        for number, one in enumerate(seeds):
            (Path(corpus) / f"seed-{number}").write_bytes(one)
        atheris.Setup([sys.argv[0], f"-runs={runs}", f"-seed={seed}", f"-max_len={LONGEST}", corpus], fuzz)
        atheris.Fuzz()


def _at_random(target: str, fuzz: Fuzz, seeds: Sequence[bytes], runs: int, seed: int) -> None:
    chance, started = Random(seed), time.perf_counter()
    for number in range(1, runs + 1):
        data = mutated(seeds, chance, LONGEST)
        try:
            fuzz(data)
        except BaseException:
            print(f"{target}: input {number} of seed {seed} breaks the promise: {data.hex()}")
            raise
        if number % _SAY_EVERY == 0 or number == runs:
            print(f"{target}: {number} inputs, {time.perf_counter() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
