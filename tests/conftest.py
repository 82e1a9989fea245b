"""Makes the shared fixtures known to every test."""

pytest_plugins = [
    "tests.support.stores",
    "tests.support.gateways",
    "tests.support.pictures",
    "tests.support.doors",
    "tests.support.openid",
    "tests.support.frames",
    "tests.support.house",
    "tests.support.jobs",
    "tests.support.people",
    "tests.support.ledger",
    "tests.support.mailbox",
    "tests.support.coupons",
]
