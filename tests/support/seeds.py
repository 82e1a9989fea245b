"""Seeds of tests that go by chance: some are the same in every run, one is new and printed.

``KOBAN_SEED`` runs that seed alone, to tell a failure again.
"""

import os
import random

import pytest

NEW = 0
ASKED_FOR = os.environ.get("KOBAN_SEED")


def seeds(*known: int) -> pytest.MarkDecorator:
    """Runs a test with the known seeds and with a new one. Processes that test side by side must
    name their tests alike, so the new one is drawn by `drawn`.
    """
    chosen = [int(ASKED_FOR)] if ASKED_FOR else [*known, NEW]
    return pytest.mark.parametrize("seed", chosen, ids=lambda seed: str(seed or "new"))


def drawn(seed: int) -> int:
    """The seed to use; it is printed."""
    if seed == NEW:
        seed = random.SystemRandom().randrange(1, 10**9)
    print(f"KOBAN_SEED={seed}")
    return seed
