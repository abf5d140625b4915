"""The design laboratory: panels with a known effect, made like the real provinces, and what each method
does with them. Everything here is of evidence class ``simulated``: no row says anything about the pilot.
"""
