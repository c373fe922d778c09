"""The document of a plan: files in, versions in the database, templates, and how an achievement is computed."""
