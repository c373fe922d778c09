"""What device makers read is what the program does."""

from ingest.web import openapi
from schemas.publish import FOLDER, published


def test_the_published_schemas_are_current() -> None:
    for name, text in published().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, "run `python -m schemas.publish`"
    assert {file.name for file in FOLDER.iterdir()} == {*published(), openapi.FILE}


def test_the_published_description_of_the_api_is_current() -> None:
    text = (FOLDER / openapi.FILE).read_text(encoding="utf-8")
    assert text == openapi.description(), "run `python -m ingest.web.openapi`"
