"""Who and what there is, for lists: people with their roles, tokens, organisations, places where a role can count."""
