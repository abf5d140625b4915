"""What China's occupational-injury pilot for platform workers did to coverage, and how sure we are.

Published figures become bounds on enrolment, official statistics become difference-in-differences
estimates, and both become exhibits and numbers that the book and the paper name by key. The rooms
``did``, ``records`` and ``policy`` also serve a user's own data. Start at ``python -m analysis --help``.
"""
