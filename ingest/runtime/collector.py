"""Python's garbage collector on a path where nearly nothing is garbage."""

import gc


def calm_collector() -> None:
    """Thousands of messages wait in batches, none of them part of a cycle: looking for one cost half of the path.

    What exists now (modules, registry) is never looked at again; what comes later, rarely.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(500_000, 20, 20)
