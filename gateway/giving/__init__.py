"""Giving from the command line: ``koban programmes``, ``koban activities``, ``koban grants``.

Who stands at the machine's command line has all of the town's power already, so there is nobody
else to ask: a list that was checked here may be applied by the same hands. The audit says whose.
"""
