"""The labels of a SenML record, in JSON and in CBOR."""

from typing import NamedTuple, TypeAlias

Label: TypeAlias = str | int


class Labels(NamedTuple):
    """One way to write them.

    `simple`: all of a record with a number and nothing else; `first`: the same, as the first of a pack usually is.
    `named`, `head`: the same two, where the whole pack has one time.
    `ordinary`: all that changes nothing for other records. `values`: of these a record has one at most.
    """

    bver: Label
    bn: Label
    bt: Label
    bu: Label
    bv: Label
    bs: Label
    n: Label
    u: Label
    v: Label
    vs: Label
    vb: Label
    s: Label
    t: Label
    ut: Label
    vd: Label
    simple: frozenset[Label]
    first: frozenset[Label]
    named: frozenset[Label]
    head: frozenset[Label]
    ordinary: frozenset[Label]
    values: tuple[Label, ...]


JSON = Labels(
    "bver", "bn", "bt", "bu", "bv", "bs", "n", "u", "v", "vs", "vb", "s", "t", "ut", "vd",
    simple=frozenset({"n", "u", "v", "t"}),
    first=frozenset({"n", "u", "v", "t", "bn", "bt", "bu"}),
    named=frozenset({"n", "u", "v"}),
    head=frozenset({"n", "u", "v", "bn", "bt", "bu"}),
    ordinary=frozenset({"n", "u", "v", "vs", "vb", "vd", "s", "t"}),
    values=("v", "vs", "vb", "vd"),
)  # fmt: skip
CBOR = Labels(
    -1, -2, -3, -4, -5, -6, 0, 1, 2, 3, 4, 5, 6, 7, 8,
    simple=frozenset({0, 1, 2, 6}),
    first=frozenset({0, 1, 2, 6, -2, -3, -4}),
    named=frozenset({0, 1, 2}),
    head=frozenset({0, 1, 2, -2, -3, -4}),
    ordinary=frozenset({0, 1, 2, 3, 4, 8, 5, 6}),
    values=(2, 3, 4, 8),
)  # fmt: skip
