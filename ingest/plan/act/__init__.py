"""Act: improvement measures (改善措置), what came of them, and the end of a fiscal year (年度の締め)."""
