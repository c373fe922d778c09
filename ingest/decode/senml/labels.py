"""The labels of a SenML record, in JSON and in CBOR."""

from typing import NamedTuple, TypeAlias

Label: TypeAlias = str | int


class Labels(NamedTuple):
    """The labels of one encoding, and sets of them that tell quickly what a record needs.

    `simple`: the labels of a plain number. `first`: these and the usual base labels, as in the first record of a pack.
    `named`, `head`: the same two sets without a time, for packs of one time.
    `ordinary`: labels that change nothing for later records. `values`: a record has one of these at most.
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
