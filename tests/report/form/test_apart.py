"""A large report is written form by form in processes of their own, and is the same report."""

import pytest

from ingest.report.form import apart
from ingest.report.form.apart import form_writer
from ingest.report.form.forms import FORMS, write_form
from tests.report.form.documents import make_document


def test_what_a_process_of_its_own_writes_is_what_is_written_here(monkeypatch: pytest.MonkeyPatch) -> None:
    document = make_document(rows=5)
    monkeypatch.setattr(apart, "MOST_CELLS", 0)
    with form_writer(document) as write:
        made = {form: write(form) for form in FORMS}
    assert made == {form: write_form(document, form) for form in FORMS}
