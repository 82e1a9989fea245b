"""Grants by list in a story's words: who brings one, what it would do, and who approves it."""

from argparse import Namespace

import httpx

from gateway import operators
from gateway.protocol import api_grants, api_programmes
from tests.acceptance.nagaoka import PASSWORD, Nagaoka

COLLEAGUE = "健康づくり課 中村"


async def budget(town: Nagaoka, code: str) -> api_programmes.Budget:
    """What is left of it."""
    path = f"/console/programmes/{code}"
    return (await town.asks("GET", path, None, api_programmes.Programme)).budget


async def brings(town: Nagaoka, activity: str, data: bytes) -> api_grants.GrantCheck:
    """The operator brings a list, and sees what it would do."""
    path = f"/console/grants?activity={activity}&file=list.csv"
    return await town.uploads(path, data, api_grants.GrantCheck)


class Colleague:
    """Somebody else of the office, signed in at the console."""

    def __init__(self, town: Nagaoka, token: str) -> None:
        self._town = town
        self._token = token

    @classmethod
    async def comes(cls, town: Nagaoka) -> "Colleague":
        """Is let in, and signs in."""
        options = Namespace(act="add", town=town.code, name=COLLEAGUE, role="operator")
        await operators.run(options, PASSWORD)
        return cls(town, await town.console_of(COLLEAGUE))

    async def approves(self, checked: api_grants.GrantCheck) -> httpx.Response:
        """Looks at the list, and says yes."""
        run = checked.run
        body = {"rows": run.rows, "total": run.total}
        return await self._town.posts(f"/console/grants/{run.run}/approve", body, self._token)

    async def undoes(self, run: int) -> httpx.Response:
        """It was the wrong list: takes it back."""
        body = {"reason": "前年の名簿だった"}
        return await self._town.posts(f"/console/grants/{run}/undo", body, self._token)


async def shown(town: Nagaoka, run: int) -> api_grants.GrantRun:
    """How far a grant is."""
    return (await town.asks("GET", f"/console/grants/{run}", None, api_grants.GrantCheck)).run
