"""The pages of reports (報告): ordering them, reading them in the browser, and their files."""
