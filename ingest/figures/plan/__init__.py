"""The figures of the plan: what was expected, sent, received, available, used and spent, by place and time."""
