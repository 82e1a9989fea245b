"""What is told about a trouble, when, and in which words; and the settings of it."""

from datetime import timedelta

import pytest

from config.alerts import AlertsError, AlertSettings, SmtpSettings, load_alerts
from gateway.watching.kinds import KINDS
from gateway.watching.messenger import Telling
from gateway.watching.rule import OVER_AFTER, REMIND_AFTER, Word, due
from gateway.watching.senses import WHOLE, stored_troubles
from ledger.alerts import Trouble
from ledger.upkeep import Archive, TownState
from tests.support.clock import START

SECOND = timedelta(seconds=1)
PATIENCE = KINDS["redis_down"].patience
KEY = "k" * 32
SMTP = {"SMTP_HOST": "mail.city.example", "SMTP_FROM": "koban@city.example"}
MAIL = {"ALERT_MAIL": "a@city.example, b@city.example"}


def trouble(seen: timedelta, told: timedelta | None = None) -> Trouble:
    told_at = None if told is None else START + told
    return Trouble(WHOLE, "redis_down", START, START + seen, told_at)


def test_a_trouble_is_told_once_as_it_begins_seldom_while_it_lasts_and_once_at_its_end() -> None:
    """Each word at its boundary."""
    for seen, told, now, word in (
        (PATIENCE - SECOND, None, PATIENCE - SECOND, None),
        (PATIENCE, None, PATIENCE, Word.BEGAN),
        (PATIENCE, PATIENCE, PATIENCE + SECOND, None),
        (REMIND_AFTER, SECOND, REMIND_AFTER, None),
        (REMIND_AFTER, SECOND, REMIND_AFTER + SECOND, Word.LASTS),
        (PATIENCE, PATIENCE, PATIENCE + OVER_AFTER - SECOND, None),
        (PATIENCE, PATIENCE, PATIENCE + OVER_AFTER, Word.ENDED),
        (SECOND, None, SECOND + OVER_AFTER, None),
    ):
        assert due(trouble(seen, told), START + now) is word, (seen, told, now)


def test_words_say_what_is_amiss_and_what_to_do_in_both_languages() -> None:
    """Every kind of trouble and every word; a key is one word's alone."""
    keys = set()
    for kind, words in KINDS.items():
        for word in Word:
            one = Trouble(1, kind, START, START, START if word is not Word.BEGAN else None)
            telling = Telling(one, word, "nagaoka", START)
            mail = telling.mail()
            assert words.ja in mail.subject
            assert words.ja in mail.text
            assert words.en in mail.text
            assert (words.next_ja in mail.text) == (word is not Word.ENDED)
            assert "nagaoka" in mail.text
            assert b'"town":"nagaoka"' in telling.body()
            keys.add(telling.key)
    assert len(keys) == len(KINDS) * len(Word)


def test_the_database_knows_what_no_gateway_sees() -> None:
    """Books that do not add up, orders that hang, backups that are old, an archive that stopped."""
    day = timedelta(days=1)
    fine = TownState(1, START, 0, 0, START)
    kept, none = Archive(kept=True, stopped=False), Archive(kept=False, stopped=False)
    for state, archive, backup_max, found in (
        (fine, kept, day, set()),
        (TownState(1, START, 3, 0, START), kept, day, {(1, "verify_failed")}),
        (TownState(1, None, 0, 2, START), kept, day, {(1, "loads_hang")}),
        (TownState(1, None, 0, 0, START, 1), kept, day, {(1, "webhooks_dead")}),
        (TownState(1, None, 0, 0, START - day), kept, day, set()),
        (TownState(1, None, 0, 0, START - day - SECOND), kept, day, {(0, "backup_old")}),
        (TownState(1, None, 0, 0, None), none, day, {(0, "backup_old")}),
        (TownState(1, None, 0, 0, None), none, timedelta(), set()),
        (fine, Archive(kept=True, stopped=True), day, {(0, "archive_stopped")}),
    ):
        assert stored_troubles([state], archive, START, backup_max) == found, state


def load(told: dict[str, str]) -> AlertSettings:
    return load_alerts(lambda name: told.get(name, ""))


def test_settings_that_make_sense_are_taken() -> None:
    """Mail, a webhook, both or nothing."""
    assert load({}) == AlertSettings()
    smtp = SmtpSettings("mail.city.example", 587, "koban@city.example")
    assert load(SMTP | MAIL) == AlertSettings(smtp, ("a@city.example", "b@city.example"))
    assert load({"ALERT_URL": "https://pager.example", "ALERT_KEY": KEY}).key == KEY


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (MAIL, "KOBAN_SMTP_HOST is not set"),
        (SMTP, "KOBAN_ALERT_MAIL is not set"),
        (SMTP | {"ALERT_MAIL": "nobody"}, "no mail address"),
        (MAIL | {"SMTP_HOST": "mail"}, "KOBAN_SMTP_FROM"),
        (SMTP | MAIL | {"SMTP_PORT": "0"}, "KOBAN_SMTP_PORT"),
        (SMTP | MAIL | {"SMTP_ENCRYPTION": "ssl"}, "starttls, tls, none"),
        (SMTP | MAIL | {"SMTP_ENCRYPTION": "none", "SMTP_USER": "u"}, "in the clear"),
        ({"ALERT_URL": "http://pager.example", "ALERT_KEY": KEY}, "https://"),
        ({"ALERT_URL": "http://127.0.0.1.pager.example", "ALERT_KEY": KEY}, "https://"),
        ({"ALERT_URL": "https://pager.example", "ALERT_KEY": "short"}, "5 characters"),
        ({"WATCH_URL": "balancer:8080"}, "KOBAN_WATCH_URL"),
        ({"BACKUP_HOURS_MAX": "-1"}, "KOBAN_BACKUP_HOURS_MAX"),
    ],
)
def test_settings_that_make_no_sense_are_refused_by_name(told: dict[str, str], says: str) -> None:
    """The message says which and what is allowed."""
    with pytest.raises(AlertsError, match=says):
        load(told)
