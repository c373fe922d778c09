"""Every number anybody is shown, defined once as a SQL view or function, with a thin reader."""
