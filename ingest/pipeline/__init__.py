"""The line a message takes: route, interpret, batch, write, acknowledge; and the same line asked about one message."""
