"""Signing in by an OpenID provider: what is asked of it, what is believed of its answer, and who that is here."""
