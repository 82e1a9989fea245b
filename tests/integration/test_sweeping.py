"""What is over goes after the days that the town's profile says, and not a day before."""

from datetime import timedelta
from uuid import uuid4

from gateway.jobs.notices import sweep
from ledger import notices
from ledger.notices import NewNotice
from ledger.vault import Vault
from ledger.voices import proposals, shop_requests
from ledger.voices.proposals import NewProposal
from tests.support.doors import SETTINGS, Doors
from tests.support.draws import open_draw
from tests.support.jobs import Jobs

LEFT = """
SELECT (SELECT count(*) FROM koban.notice), (SELECT count(*) FROM people.proposal),
    (SELECT count(*) FROM people.shop_request), (SELECT count(*) FROM people.applicant),
    (SELECT count(*) FROM koban.application)
"""


async def test_what_is_over_goes_after_the_towns_days(doors: Doors, jobs: Jobs) -> None:
    """Read notices, answered proposals and shop requests with the notices of their answers, who
    applied for a draw that is over; what is unread, open or still good stays, and so does the
    application, which names nobody.
    """
    pool, town, vault, now = doors.pool, doors.town, Vault.of(SETTINGS), doors.clock.now
    office = await open_draw(doors, use_until=(now + timedelta(days=30)).isoformat())
    await office.applies(1)
    wallet = (await doors.holder()).account
    new = [NewNotice(wallet, subject, "{}") for subject in ("read", "unread")]
    first, _ = await notices.add(pool, town, "expiry_warning", new, now)
    await notices.mark_read(pool, town, wallet, first.notice, now)
    for text in ("answered", "open"):
        sent = NewProposal(uuid4(), "report", text, None)
        await proposals.send(pool, vault, town, wallet, sent, now)
        await shop_requests.ask(pool, vault, town, wallet, text, "殿町", now)
    async with pool.acquire() as connection:
        await proposals.close(connection, vault, town, 1, None, "係", now)
        await shop_requests.answer(connection, vault, town, 1, "はい", "係", now)
    for days, left in (
        (366, (3, 2, 2, 1, 1)),
        (1, (1, 1, 1, 1, 1)),
        (29, (1, 1, 1, 1, 1)),
        (1, (1, 1, 1, 0, 1)),
    ):
        doors.clock.advance(days=days)
        later = doors.clock.now
        assert not await sweep(jobs.context, town, due=later, now=later)
        row = await pool.fetchrow(LEFT)
        assert row is not None
        assert tuple(row) == left, days
