"""Every number that pages, API and reports show, defined once as a SQL view or function, with a thin reader."""
