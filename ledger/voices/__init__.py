"""Voices (声): what the operator tells people and shops, and what they tell the operator.

`circulars` are notices that operators write to many (rows N8, R8), `pictures` what they show with
them. `proposals` (A7) and `shop_requests` (R7) are what people and shops write: personal data,
encrypted by the vault and erased with the person. Surveys (N15) are `ledger.surveys`. `sweeping`
deletes what was kept long enough.

A circular is one row, however many it is for, and a mark for each who has read it. Who it is for is
asked when an account looks, or its phone is told, so whoever comes later finds it too.
"""
