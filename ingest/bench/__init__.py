"""Benchmarks: how many messages this machine can store, and what each step costs."""
