"""Rows of the table of routes: surveys, asked at the console, answered in wallets and at shops."""

from gateway.http import surveys
from gateway.http.call import Endpoint
from gateway.protocol import api_surveys, api_voices
from gateway.protocol.messages import Role

WALLET = (Role.WALLET,)
TERMINAL = (Role.TERMINAL,)
CONSOLE = (Role.CONSOLE,)

SURVEY_BYTES_MAX = 262_144  # A hundred questions with ten options each, in seven languages.
ANSWER_BYTES_MAX = 65_536  # Twenty thousand kanji.

SURVEYS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/wallet/surveys",
        summary="Surveys that the wallet can answer now, or has answered.",
        handler=surveys.open_now,
        roles=WALLET,
        answer=api_surveys.OpenSurveys,
    ),
    Endpoint(
        method="POST",
        path="/wallet/surveys/{survey}/answer",
        summary="Answer a survey, once.",
        handler=surveys.answer,
        roles=WALLET,
        path_parts=surveys.SurveyPath,
        body=api_surveys.AnswerSurvey,
        body_bytes_max=ANSWER_BYTES_MAX,
        answer=api_surveys.SurveyAnswered,
        errors=surveys.ANSWER_ERRORS,
    ),
    Endpoint(
        method="GET",
        path="/terminal/surveys",
        summary="Surveys that the shop can answer now, or has answered.",
        handler=surveys.open_now,
        roles=TERMINAL,
        answer=api_surveys.OpenSurveys,
    ),
    Endpoint(
        method="POST",
        path="/terminal/surveys/{survey}/answer",
        summary="Answer a survey for the shop, once.",
        handler=surveys.answer,
        roles=TERMINAL,
        path_parts=surveys.SurveyPath,
        body=api_surveys.AnswerSurvey,
        body_bytes_max=ANSWER_BYTES_MAX,
        answer=api_surveys.SurveyAnswered,
        errors=surveys.ANSWER_ERRORS,
    ),
    # -- at the console ----------------------------------------------------------------------------
    Endpoint(
        method="GET",
        path="/console/surveys",
        summary="The town's surveys, and how many have answered.",
        handler=surveys.listed,
        roles=CONSOLE,
        query=surveys.SurveysQuery,
        answer=api_surveys.SurveyLines,
    ),
    Endpoint(
        method="POST",
        path="/console/surveys",
        summary="Make a survey; its questions then stand.",
        handler=surveys.make,
        roles=CONSOLE,
        operator=True,
        body=api_surveys.NewSurvey,
        body_bytes_max=SURVEY_BYTES_MAX,
        answer=api_surveys.SurveyLine,
        errors=("code_taken",),
    ),
    Endpoint(
        method="POST",
        path="/console/surveys/{survey}/close",
        summary="From now on a survey takes no answer.",
        handler=surveys.close,
        roles=CONSOLE,
        operator=True,
        path_parts=surveys.SurveyPath,
        answer=api_surveys.SurveyLine,
        errors=("survey_over",),
    ),
    Endpoint(
        method="GET",
        path="/console/surveys/{survey}/results",
        summary="How often each answer was given.",
        handler=surveys.results,
        roles=CONSOLE,
        path_parts=surveys.SurveyPath,
        answer=api_surveys.SurveyResults,
    ),
    Endpoint(
        method="GET",
        path="/console/surveys/{survey}/answers",
        summary="Every answer, a page at a time.",
        handler=surveys.papers,
        roles=CONSOLE,
        path_parts=surveys.SurveyPath,
        query=surveys.PapersQuery,
        answer=api_voices.SurveyPapers,
    ),
    Endpoint(
        method="GET",
        path="/console/surveys/{survey}/results.csv",
        summary="Answers as a file, a line a wallet or shop; 50,000 lines, then go on behind them.",
        handler=surveys.results_file,
        roles=CONSOLE,
        path_parts=surveys.SurveyPath,
        query=surveys.SurveyFileQuery,
        answer=None,
        media="text/csv",
    ),
)
