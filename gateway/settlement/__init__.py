"""Settling with shops: fee rates and settlements, from the command line and for the console.

Whatever is done here is done by `ledger.settlement`; this says it in the words of the outside.
`views` makes answers of the ledger's structs; `office` and `fees` are ``koban settlements`` and
``koban fees``.
"""
