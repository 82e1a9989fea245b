"""Profiles: what is wrong is named by file and key, with what was found and what is allowed."""

from datetime import date
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from config.profile import ProfileError, load_profile, read_profile, stored_profile, towns_folder
from config.profile.checks import LANGUAGES, cautions, changes, clashes
from config.profile.colours import PAPER, contrast
from tests.unit.wrong_profiles import BROKEN_RULES, WRONG_KEYS

ROOT = Path(__file__).resolve().parents[2]
TOWNS = sorted(path.stem for path in towns_folder().glob("*.toml"))
TODAY = date(2026, 4, 1)


def changed(town: str, folder: Path, *swaps: tuple[str, str]) -> Path:
    """A copy of a town's file in which the first of each pair stands as the second."""
    text = (towns_folder() / f"{town}.toml").read_text(encoding="utf-8")
    for old, new in swaps:
        assert old in text, old
        text = text.replace(old, new, 1)
    file = folder / f"{town}.toml"
    file.write_text(text, encoding="utf-8")
    return file


def lines_about(file: Path) -> tuple[str, ...]:
    """What is said about a wrong file."""
    with pytest.raises(ProfileError) as caught:
        load_profile(file)
    return caught.value.lines


@pytest.mark.parametrize("town", TOWNS)
def test_the_towns_that_come_with_koban_are_right(town: str) -> None:
    """Read without a problem and without a caution, and kept by the ledger without a loss."""
    profile = read_profile(town)
    assert profile.town.code == town
    assert list(cautions(profile, TODAY)) == []
    assert stored_profile(msgspec.json.encode(profile).decode()) == profile


def test_the_towns_are_not_in_each_others_way() -> None:
    """All five can run in one process."""
    assert len(TOWNS) == 5
    assert list(clashes([(town, read_profile(town)) for town in TOWNS])) == []


@pytest.mark.parametrize("town", TOWNS)
def test_a_towns_colour_can_be_read(town: str) -> None:
    """4.5:1 on the screens' paper-white, which is the colour that the style sheets have."""
    assert contrast(read_profile(town).town.colour, PAPER) >= 4.5
    styles = ROOT / "terminal" / "web" / "shared" / "ui" / "base.css"
    assert f"--paper: {PAPER};" in styles.read_text(encoding="utf-8")


def test_contrast_is_as_the_standard_computes_it() -> None:
    """WCAG's two ends: black on white is 21:1, a colour on itself 1:1."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#a4262c", "#a4262c") == 1


@pytest.mark.parametrize(("old", "new", "line"), WRONG_KEYS, ids=[line for *_, line in WRONG_KEYS])
def test_a_wrong_key_is_named(tmp_path: Path, old: str, new: str, line: str) -> None:
    """One thing wrong, one line, and nothing else."""
    assert lines_about(changed("nagaoka", tmp_path, (old, new))) == (f"nagaoka.toml: {line}",)


@pytest.mark.parametrize(
    ("town", "old", "new", "line"), BROKEN_RULES, ids=[line for *_, line in BROKEN_RULES]
)
def test_a_broken_rule_is_named(tmp_path: Path, town: str, old: str, new: str, line: str) -> None:
    """Every key is right by itself, and still they do not go together: one line."""
    assert lines_about(changed(town, tmp_path, (old, new))) == (f"{town}.toml: {line}",)


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    """A line each, so that one look mends the file."""

    def keys(*swaps: tuple[str, str]) -> list[str]:
        lines = lines_about(changed("nagaoka", tmp_path, *swaps))
        return [line.split(": ")[1] for line in lines]

    assert keys(
        ("number = 1  ", "number = 0"),
        ("step = 500", "step = 0"),
        ("[roles]", "[rules]"),
    ) == ["rules", "town.number", "roles", "ways[0].step"]
    assert keys(("#a4262c", "#ffcc00"), ("act_max = 30_000", "act_max = 60_000")) == [
        "town.colour",
        "sending.act_max",
    ]


def test_a_language_needs_all_words(tmp_path: Path) -> None:
    """A seventh language is a line in each place where a town speaks."""
    file = changed("hirakata", tmp_path, ('languages = ["ja", "en"]', 'languages = ["ja", "ko"]'))
    lines = lines_about(file)
    profile = read_profile("hirakata")
    places = 2 + len(profile.ways) + 2 * len(profile.instruments) + len(profile.roles)
    places += len(profile.purposes)
    assert sum("found no words in ko" in line for line in lines) == places
    assert (
        sum("en: found a language that the town does not have" in line for line in lines) == places
    )


@pytest.mark.parametrize(
    ("languages", "line"),
    [
        (
            '["ja", "en", "fr"]',
            f'town.languages[2]: found "fr"; allowed is one of {", ".join(LANGUAGES)}',
        ),
        ('["en"]', "town.languages: found en; allowed is a list with ja in it"),
    ],
)
def test_a_language_is_one_that_the_screens_have(tmp_path: Path, languages: str, line: str) -> None:
    """And Japanese is always among them."""
    file = changed("nagaoka", tmp_path, ('languages = ["ja", "en"]', f"languages = {languages}"))
    assert f"nagaoka.toml: {line}" in lines_about(file)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"[town", "town.toml: not TOML in UTF-8: "),
        ("[town]\nname = '長岡'".encode("shift_jis"), "town.toml: not TOML in UTF-8: "),
        (b"", "town.toml: town: found nothing; allowed is a table with the keys number, code"),
    ],
)
def test_a_file_that_is_no_profile(tmp_path: Path, content: bytes, line: str) -> None:
    """Broken TOML, another encoding, and nothing at all."""
    file = tmp_path / "town.toml"
    file.write_bytes(content)
    assert lines_about(file)[0].startswith(line)


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    """The files beside it are named: mostly it is a slip of the pen."""
    changed("nagaoka", tmp_path)
    (line,) = lines_about(tmp_path / "nagaoko.toml")
    assert line.endswith("beside it are: nagaoka.toml")


def test_figures_of_the_law_are_cautioned_of() -> None:
    """Allowed, but with the duties of 高額電子移転可能型; at the figure itself nothing is said."""
    profile = read_profile("nagaoka")
    assert profile.sending is not None
    at = replace(
        profile, sending=replace(profile.sending, act_max=100_000, day_max=1, month_max=300_000)
    )
    assert list(cautions(at, TODAY)) == []
    above = replace(
        profile,
        limits=replace(profile.limits, balance_cap=300_001),
        sending=replace(profile.sending, act_max=100_001, day_max=1, month_max=300_001),
    )
    said = list(cautions(above, TODAY))
    assert [caution.key for caution in said] == [
        "limits.balance_cap",
        "sending.act_max",
        "sending.month_max",
    ]
    assert all("資金決済法" in caution.allowed for caution in said)


def test_a_date_that_has_passed_is_cautioned_of() -> None:
    """Value that would expire before it is given is hardly meant; on the last day it is."""
    profile = read_profile("region-ring")
    last = profile.instruments[0].expires.date
    assert last is not None
    assert list(cautions(profile, last)) == []
    (caution,) = cautions(profile, date(last.year + 1, 1, 1))
    assert caution.key == "instruments[0].expires.date"


def test_towns_share_neither_number_nor_code_nor_prefix() -> None:
    """A code's first digits say whose it is, so none may begin another's."""
    one = read_profile("nagaoka")
    other = replace(one, town=replace(one.town, number=9, code="other"))

    def clash(changed_town: object) -> list[tuple[str, str]]:
        assert isinstance(changed_town, type(one))
        return [(name, p.key) for name, p in clashes([("one", one), ("other", changed_town)])]

    assert clash(one) == [("other", "town.code")]
    assert clash(replace(one, town=replace(one.town, code="other"))) == [
        ("other", "town.number"),
        ("other", "payments.code_prefix"),
    ]
    for prefix, keys in (
        ("8201", ["payments.code_prefix"]),
        ("82", ["payments.code_prefix"]),
        ("82019", ["payments.code_prefix"]),
        ("8209", []),
    ):
        changed_town = replace(other, payments=replace(other.payments, code_prefix=prefix))
        assert [key for _, key in clash(changed_town)] == keys


def test_value_that_people_hold_stays_what_it_is() -> None:
    """A number of the journal means the same for ever; words, order and expiry may change."""
    before = read_profile("nagaoka")
    coin, *others = before.instruments

    def about(instrument: object) -> list[str]:
        assert isinstance(instrument, type(coin))
        after = replace(before, instruments=[instrument, *others])
        return [problem.key for problem in changes(before, after)]

    assert about(replace(coin, name={"ja": "金", "en": "Gold"}, spend_order=9)) == []
    assert about(replace(coin, code="gold")) == ["instruments[0].code"]
    assert about(replace(coin, kind="points")) == ["instruments[0].kind"]
    assert about(replace(coin, kind="ticket", unit_yen=500)) == [
        "instruments[0].kind",
        "instruments[0].unit_yen",
    ]
    assert about(replace(coin, number=9)) == ["instruments"]


def test_a_profile_of_other_keys_is_not_misread() -> None:
    """What an earlier Koban stored is an error of its own, not a crash."""
    with pytest.raises(ProfileError, match="other keys"):
        stored_profile('{"town": {}, "top_up": {}}')
