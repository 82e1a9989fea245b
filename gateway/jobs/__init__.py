"""Jobs: what is done apart from any request, now or at its time, once, whoever dies meanwhile.

A job is a row in the database's schema ``jobs`` (the queue is procrastinate's); workers
(``python -m gateway.jobs``, any number, `gateway.jobs.worker`) take rows up and run them. What a
job is for stands in our own tables: the row only says that somebody should look there.

**To register** one, write a module ``gateway/jobs/<part>.py`` and name its jobs in
`gateway.jobs.table`::

    from gateway.jobs.context import JobContext
    from gateway.jobs.job import Retry, job

    @job("grants.run", subject="run", retry=Retry(attempts_max=8))
    async def run_grants(context: JobContext, town: int, *, run: int, now: datetime) -> bool:
        '''Gives the next 200 rows of a grant run; whether there are more.'''

- After context and town come arguments by keyword: numbers, texts, truths, dates, instants, UUIDs,
  as they are annotated. ``now`` is the worker's clock and no argument of the job.
- **It does a bounded slice** (a second or two), and returns True where there is more to do: then it
  is called again, and after ten seconds goes behind what waits by then. None or False: done. A
  worker that is told to stop finishes the slice at hand.
- **It may run twice**, in part or whole: a killed worker's job is taken up again. So each effect
  has an id derived from what it is for (``uuid5``), or is a state changed in one transaction.
- One at a time runs for a town and a ``subject`` (an argument's name; without it: for the town).
- Raising means that it failed: it is tried again with growing waits (`Retry`), then stays as
  failed, which the console shows (``GET /console/jobs``) and ``koban jobs retry`` tries again. What
  was raised is kept as text, so it names no person.

**To defer** it, in the transaction of the act that it follows from: both are there, or neither::

    async with acting(call) as act:
        await approve(act.connection, …)
        await run_grants.defer(act.connection, town, run=run)

There is no "defer until": what is to happen at an instant stands in a table of ours, and a job that
looks each minute finds it. So what was put off or called off is one row, not also a job somewhere.

**To schedule** it, give the rule that makes a schedule of a town's profile (None: not there)::

    @job("expiry.run", schedule=lambda profile: Daily(time(0), grace_s=profile.expiry.grace_s))
    async def run_expiry(context: JobContext, town: int, *, due: datetime, now: datetime) -> bool:

`Daily` is at an hour of the town's own time, `grace_s` later where that is told; `EveryMinute` at
each full minute. ``due`` is the occasion's instant, without the grace, in UTC. Each occasion is
enqueued once however many workers there are (`gateway.jobs.timekeeper`). After a stand-still each
day that was missed is caught up, oldest first, and of the minutes the last alone.

**To test** it, no worker is needed: a job is its function. ``tests/support/jobs.py`` makes the
context (fixture ``jobs``), and ``await jobs.work()`` does, on the test's clock, all that is due and
waiting, as a worker would::

    assert await run_grants(jobs.context, town, run=1, now=clock.now) is False

The `context` has the pool, the settings, the profiles in force by town, a clock, and ways to send
text messages and pushes. Money moves by ``ledger.authorise.decide(context.pool, town, requests,
now)``, at most 200 requests a call.
"""
