"""Tests of the quality of readings, after QARTOD: they add flags with the name of their test and delete nothing."""
