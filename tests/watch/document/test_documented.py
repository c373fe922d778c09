"""The examples of the handbook are documents."""

import re
from pathlib import Path

import pytest

from ingest.watch.document.read import document_of, read_text

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("name", ["watch.md", "watch.ja.md"])
def test_every_example_of_the_handbook_is_read(name: str) -> None:
    blocks = re.findall(r"```yaml\n(project:.*?)```", (DOCS / name).read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        assert document_of(read_text(name, block.encode())).project == "shiojiri"
