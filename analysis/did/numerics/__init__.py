"""Arithmetic without estimands: least squares, influence functions, draws."""
