"""Tests of the engine of the watch."""
