"""A city by one command (H11): a town filled with shops, tablets, wallets, cards and value.

    plan      what there is to be, from a seed: shops with names, kinds, areas, hours, places
    value     everybody gets value, by top-ups at tills or by grants, through `ledger.authorise`
    founding  the two together, and what is left to do where it was stopped
    office    ``koban city``

Accounts come by COPY in one transaction; value does not. So `scripts/verify` proves a city like any
town, and stopped at any point it goes on: whoever has had value is not given any again.
"""
