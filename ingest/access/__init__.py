"""Who may see and do what: organisations (団体), people, roles, sessions, tokens, and the audit log (監査ログ)."""
