"""Every setting: one frozen model made of sections, the routes, and the texts that `noroshi settings` prints."""
