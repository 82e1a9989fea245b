"""Rows of the table of routes: challenge projects."""

from gateway.http import challenges
from gateway.http.call import Endpoint
from gateway.http.campaigns import CampaignPath
from gateway.protocol import api_challenges as api
from gateway.protocol.messages import Role

CONSOLE = (Role.CONSOLE,)

CHALLENGES: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/challenges",
        summary="Challenges: how far the town has come, some seconds ago.",
        handler=challenges.public,
        answer=api.ChallengeProjects,
    ),
    Endpoint(
        method="GET",
        path="/wallet/challenges",
        summary="The challenges that this wallet took part in, and its bonuses.",
        handler=challenges.own,
        roles=(Role.WALLET,),
        answer=api.OwnChallenges,
    ),
    Endpoint(
        method="GET",
        path="/console/challenges",
        summary="All challenges, and what stands in the way of bonuses.",
        handler=challenges.listed,
        roles=CONSOLE,
        answer=api.ChallengeLines,
    ),
    Endpoint(
        method="POST",
        path="/console/challenges",
        summary="Make a challenge that is to come.",
        handler=challenges.make,
        roles=CONSOLE,
        operator=True,
        body=api.NewChallenge,
        answer=api.ChallengeProject,
        errors=("code_taken",),
    ),
    Endpoint(
        method="POST",
        path="/console/challenges/{code}/stop",
        summary="Call a challenge off that was not reached yet.",
        handler=challenges.stop,
        roles=CONSOLE,
        operator=True,
        path_parts=CampaignPath,
        answer=api.ChallengeProject,
        errors=("challenge_ended",),
    ),
    Endpoint(
        method="POST",
        path="/console/challenges/{code}/again",
        summary="Ask again for bonuses that were refused.",
        handler=challenges.again,
        roles=CONSOLE,
        operator=True,
        path_parts=CampaignPath,
        answer=api.AskedAgain,
    ),
)
