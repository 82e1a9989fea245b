"""Shops beside their money: what they tell everybody, how they are found, how they come to join.

    words         names and addresses in the form that is searched
    hours         when a shop is open, by the week
    listings      what a shop tells about itself (掲載), and who may change which part of it
    search        shops by name, kind, area, distance, what they take, and whether they are open
    applications  applications to join (加盟申込): made, asked about, answered, decided
    applicants    who applied, encrypted
    notes         what operator and applicant wrote to each other
    alike         what may be the same shop as one that applies
    opening       what accepting an application makes, in one transaction
    changes       a new name or bank account, which waits for an operator

A shop's account, its postings and its sticker are `ledger.accounts`; nothing here moves value.
"""
