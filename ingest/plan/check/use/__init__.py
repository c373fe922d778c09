"""The use of a project (利用): what months tell of it, and what of it may be shown."""
