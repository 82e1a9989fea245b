"""Watching: what is amiss reaches the person in charge, by mail and webhook, once (N19).

Each gateway looks every few seconds what is the case (`senses`: a store is away, events lag, much
is unshown, orders hang, jobs failed, webhooks were given up, workers are silent, the books do not
add up, the newest backup is old). A trouble that lasts longer than its kind's patience is told once
as it begins, again seldom while it lasts, and once when nobody has seen it for a minute (`rule`,
which is pure).

Workers look whether the gateways answer at all (`sentry`), by the same rule and book.

Of several gateways one tells: whoever claims the word. While Postgres is there the claim and what
was told are rows (`ledger.alerts`); while it is away each gateway goes by its own book, and claims
in Redis (`notifier.claims`); where neither can be asked, rather twice than never. A word that not
every way has taken (`messenger`) is told again a minute later, on the ways that have not.

What is told names the kind of trouble and the town, and nothing about people.
"""
