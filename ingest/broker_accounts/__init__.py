"""Who may come to the broker and what each may say and hear there, worked out from the registry (台帳). Pure."""
