"""A password is typed by hand, and must come out of a slip as it went in."""

import csv
import io

from ingest.broker_accounts.password import ALPHABET, LENGTH, new_password


def test_a_password_goes_through_a_table_and_a_shell_unchanged() -> None:
    """One that begins with - is marked as text in a slip, and is an option to a command."""
    for _ in range(200):
        password = new_password()
        assert len(password) == LENGTH
        assert password.isalnum()
        out = io.StringIO()
        csv.writer(out).writerow([password])
        assert out.getvalue().strip() == password


def test_no_letter_looks_like_another() -> None:
    assert not set(ALPHABET) & set("0O1lI")
    assert len({new_password() for _ in range(100)}) == 100
