"""The design laboratory: panels with a known effect, made like the real provinces.

What each method does with them is tabled. Everything here is of evidence class ``simulated``: no row
says anything about the pilot.
"""
