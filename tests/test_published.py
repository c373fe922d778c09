"""What device makers read is what the program does."""

from schemas.publish import FOLDER, published


def test_the_published_schemas_are_current() -> None:
    for name, text in published().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, "run `python -m schemas.publish`"
    assert {file.name for file in FOLDER.iterdir()} == set(published())
