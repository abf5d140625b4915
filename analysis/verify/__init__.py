"""Checks a reviewer would run: does a rebuild agree with the record, with itself, and with the rules.

``record`` writes what was built from what, ``compare`` sets the products against the committed
reference, ``stable`` builds twice, ``preflight`` looks for what data editors look for first.
"""
