"""The bodies of answers: JSON in pages; CSV, Arrow and Parquet as one stream."""
