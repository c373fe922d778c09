"""What was committed is evaluated, and what came of it is stored in one transaction with what people will be told."""
