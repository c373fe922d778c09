"""Tests of what stands in reports."""
