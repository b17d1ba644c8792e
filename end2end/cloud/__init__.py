"""The demo cloud: a local AWS good enough to build, show and test nephoscope on.

MiniStack does the bulk of the work (see ``ministack.py``); this package seeds it with an estate
(``estate.py``) and stands in front of it (``front.py``), adding what MiniStack lacks: Cost
Explorer, EC2 dry runs, paging and transitional states, long metric history, and faults on demand.

Where MiniStack and AWS's documentation differ, the front follows AWS.
"""
