"""Voices at the command line: ``koban notices``, ``koban surveys`` and ``koban proposals``.

The same acts as at the console (`gateway.http`), with the same checks and the same lines in the
audit; kept in `ledger.voices` and `ledger.surveys`.
"""
