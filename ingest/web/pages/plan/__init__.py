"""The pages of the plan (計画) of one project: what is planned, done, checked and improved."""
