"""A byte layout: describes the bytes of a frame in YAML, so that a new sensor needs no code.

A layout does what a vendor's codec does: it turns bytes into named values. The fields of its profile give
the names their meaning, in the same way for both.
"""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from schemas.bilingual import Bilingual

INTEGERS: Mapping[str, int] = {f"{sign}{8 * size}": size for sign in ("u", "i") for size in (1, 2, 3, 4, 5, 6, 8)}
"""Type of a whole number -> its bytes: u8 to u64, i8 to i64."""
FLOATS: Mapping[str, int] = {"f16": 2, "f32": 4, "f64": 8}
SIZED = ("bcd", "hex", "text", "skip")
"""Types without a size of their own: digits, bytes as hexadecimal, ASCII text, bytes without a meaning."""
TYPES = (*INTEGERS, *FLOATS, *SIZED, "bits")

Endian: TypeAlias = Literal["big", "little"]
Port: TypeAlias = Annotated[int, Field(ge=0, le=255)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class When(_Part):
    """A condition on bytes of the same frame: one bit that is set, or a number that is one of some."""

    at: int = Field(ge=0, description="Byte from the start of the frame")
    type: str = "u8"
    endian: Endian | None = None
    mask: int | None = Field(None, gt=0)
    bit: int | None = Field(None, ge=0, le=63, description="This bit is set; 0 is the least significant one")
    one_of: tuple[int, ...] = Field((), description="The number, after the mask, is one of these")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.type not in INTEGERS:
            raise ValueError(
                Bilingual(
                    f"条件は整数を見ます。{self.type!r} ではなく u8、u16 などを書いてください",
                    f"a condition looks at a whole number, not at {self.type!r}: write u8, u16, ...",
                )
            )
        if (self.bit is None) == (not self.one_of):
            raise ValueError(
                Bilingual(
                    "条件には bit: 3 か one_of: [0, 1] の、どちらか一方を書いてください",
                    "a condition has either `bit: 3` or `one_of: [0, 1]`",
                )
            )
        if self.bit is not None and self.bit >= 8 * INTEGERS[self.type]:
            raise ValueError(
                Bilingual(
                    f"{self.type} に {self.bit} 番のビットはありません。広い型を書いてください",
                    f"{self.type} has no bit {self.bit}: write a wider type",
                )
            )
        return self


class ByteField(_Part):
    """One value. number = (raw & mask >> shift - zero) * scale + offset, then the curve."""

    name: str = Field(min_length=1, description="How the fields of the profile call it")
    type: str = Field(description=", ".join(TYPES))
    at: int | None = Field(
        None, ge=0, description="Byte from the start of its frame, record or block; else right behind the one before"
    )
    size: int | None = Field(None, ge=1, le=64, description="Bytes of bcd, hex, text and skip")
    bits: tuple[tuple[int, int], ...] = Field(
        (), description="[first bit, how many] from the most significant bit of byte `at`; pieces are put together"
    )
    signed: bool = Field(False, description="Of bits and masked numbers: two's complement")
    endian: Endian | None = Field(None, description="Instead of that of the frame")
    mask: int | None = Field(None, gt=0)
    shift: int = Field(0, ge=0, le=63)
    zero: float = Field(0, description="The raw number that means 0")
    scale: float = Field(1, description="0.1 divides by ten")
    offset: float = 0
    curve: tuple[float, ...] = Field((), max_length=8, description="c0 + c1 x + c2 x² ..., of what came out so far")
    unit: str | None = Field(None, description="Unit of the result, where the profile does not say it")
    names: dict[str, str] = Field({}, description="Raw number -> word")
    sentinels: tuple[float, ...] = Field((), description="Raw numbers that mean 'no measurement'")
    stay: bool = Field(False, description="The next field begins at the same byte")

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        if self.type not in TYPES:
            raise ValueError(
                Bilingual(
                    f"型 {self.type!r} はありません。{'、'.join(TYPES)} のどれかを書いてください",
                    f"there is no type {self.type!r}: write one of {', '.join(TYPES)}",
                )
            )
        if (self.type in SIZED) != (self.size is not None):
            raise ValueError(
                Bilingual(
                    f"size(バイト数)は {'、'.join(SIZED)} に要り、ほかには書けません",
                    f"`size` (in bytes) goes with {', '.join(SIZED)}, and only with them",
                )
            )
        if (self.type == "bits") != bool(self.bits):
            raise ValueError(
                Bilingual(
                    "bits: [[0, 4]] は型 bits に要り、ほかには書けません",
                    "`bits: [[0, 4]]` goes with the type bits, and only with it",
                )
            )
        if any(first < 0 or count < 1 for first, count in self.bits) or sum(count for _, count in self.bits) > 64:
            raise ValueError(
                Bilingual(
                    "ビットの組は [最初のビット(0から), 個数(1から)] で、合わせて64ビットまでです",
                    "a piece of bits is [first bit from 0, how many from 1]; 64 bits at most",
                )
            )
        return self

    @model_validator(mode="after")
    def _is_a_number_where_it_counts(self) -> Self:
        if self.type not in INTEGERS and (self.mask is not None or self.shift):
            raise ValueError(
                Bilingual(
                    f"mask と shift は整数のもので、{self.type} には書けません",
                    f"mask and shift are for whole numbers, not for {self.type}",
                )
            )
        if self.type in ("hex", "text", "skip") and (
            self.names or self.curve or (self.zero, self.scale, self.offset) != (0, 1, 0)
        ):
            raise ValueError(
                Bilingual(
                    f"{self.type} は数値ではありません。scale、offset、curve、names は書けません",
                    f"{self.type} is not a number: it has no scale, offset, curve or names",
                )
            )
        for raw in self.names:
            if not raw.lstrip("-").isdigit():
                raise ValueError(
                    Bilingual(
                        f'names は生の番号で「"0": open」のように書きます。{raw!r} は使えません',
                        f'names are written under the raw number, e.g. "0": open, not under {raw!r}',
                    )
                )
        return self

    @property
    def width(self) -> int:
        """How many bytes the field takes."""
        if self.type == "bits":
            return (max(first + count for first, count in self.bits) + 7) // 8
        return self.size or INTEGERS.get(self.type) or FLOATS[self.type]


class Block(_Part):
    """Fields that belong together: present under a condition, or repeated."""

    when: When | None = Field(None, description="Only then is the block in the frame")
    repeat: int | Literal["rest"] | None = Field(None, description="How often; `rest` until the frame ends")
    every_s: float | None = Field(
        None, gt=0, description="Repetitions are samples this far apart; without it they are told apart as name_1, ..."
    )
    newest: Literal["first", "last"] = "first"
    size: int | None = Field(None, ge=1, description="Bytes of one repetition, where its fields do not fill it")
    fields: "tuple[Item, ...]" = Field(min_length=1)

    @model_validator(mode="after")
    def _repeats_sensibly(self) -> Self:
        if isinstance(self.repeat, int) and not 1 <= self.repeat <= 255:
            raise ValueError(
                Bilingual(
                    "repeat は1から255の数か、rest と書いてください",
                    "repeat is a number from 1 to 255, or `rest`",
                )
            )
        if self.every_s is not None and self.repeat is None:
            raise ValueError(
                Bilingual(
                    "every_s は繰り返しの間隔です。横に repeat: rest か回数を書いてください",
                    "every_s is the distance of repetitions: write `repeat: rest` or a number beside it",
                )
            )
        return self


def _which(item: object) -> str:
    has_fields = "fields" in item if isinstance(item, dict) else isinstance(item, Block)
    return "block" if has_fields else "field"


Item: TypeAlias = Annotated[Annotated[ByteField, Tag("field")] | Annotated[Block, Tag("block")], Discriminator(_which)]
"""A field, or a block of fields. An item with `fields` is a block."""
Block.model_rebuild()


class Tags(_Part):
    """Records that begin with a tag. The size of a record follows from its fields, or stands behind the tag."""

    size: int = Field(1, ge=1, le=4, description="Bytes of a tag")
    length_bytes: int = Field(0, ge=0, le=2, description="Bytes behind the tag that give the length of its value")
    trailer: int = Field(0, ge=0, description="Bytes behind the last record, e.g. a checksum")
    records: dict[str, tuple[Item, ...]] = Field(
        min_length=1, description="Tag in hex -> its fields; an x stands for any digit"
    )

    @model_validator(mode="after")
    def _tags_are_hex(self) -> Self:
        for tag in self.records:
            if len(tag) != 2 * self.size or any(digit not in "0123456789abcdefx" for digit in tag):
                raise ValueError(
                    Bilingual(
                        f"タグ {tag!r} は小文字の16進 {2 * self.size} 桁ではありません。"
                        "YAML では引用符を付けてください",
                        f"the tag {tag!r} is not {2 * self.size} hex digits in lower case; quote it in YAML",
                    )
                )
            if tag.count("x") > 2:
                raise ValueError(
                    Bilingual(
                        f"タグ {tag!r} に x が三つ以上あります",
                        f"the tag {tag!r} has more than two x",
                    )
                )
        if sum(1 for _ in self.expanded()) != len(dict(self.expanded())):
            raise ValueError(
                Bilingual(
                    "x を含む二つのタグが同じ記録を指します",
                    "two tags with x mean the same record",
                )
            )
        return self

    def expanded(self) -> Iterator[tuple[bytes, tuple[Item, ...]]]:
        """(tag as in a frame, its items) for every tag."""
        for tag, items in self.records.items():
            for digits in product("0123456789abcdef", repeat=tag.count("x")):
                left = iter(digits)
                yield bytes.fromhex("".join(next(left) if digit == "x" else digit for digit in tag)), items


class Frame(_Part):
    """One kind of frame of a product: how it is recognised, and what is in it.

    The first frame of a profile that fits is the one. Without fields and tags it measures nothing
    (an answer to a command, a version report) and is not set aside.
    """

    ports: frozenset[Port] = Field(frozenset(), description="LoRaWAN ports it comes on; none named: any")
    starts_with: str = Field("", pattern=r"^([0-9a-f]{2})*$", description="Its first bytes in hex")
    lengths: frozenset[int] = Field(frozenset(), description="Its bytes, where that tells frames apart")
    when: When | None = None
    endian: Endian = "big"
    fields: tuple[Item, ...] = ()
    tags: Tags | None = Field(None, description="Behind the fields")


class Cayenne(_Part):
    """Options of Cayenne LPP, where libraries differ."""

    signed_electric: bool = Field(False, description="Voltage and current are signed (newer Arduino library)")
    time_of_following: bool = Field(False, description="A record of type 133 is the time of those behind it")
    repeat_channel: int | None = Field(
        None, ge=1, description="The same channel and type again is stored under channel + this; without: set aside"
    )
