"""The check of the plan: actuals with their evidence, factors of a change, what is frozen, what people wrote of it."""
