"""Values, bindings and claimed times -> readings, flags or a reason. Pure."""
