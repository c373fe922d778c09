"""What several decoders share: limits, fields, times, shapes of JSON."""
