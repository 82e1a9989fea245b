"""The command koban as a whole: every subject can be asked, and each teaches itself."""

import importlib
import io

import pytest

from gateway.command import SUBJECTS, main
from gateway.progress import Progress


def test_alone_it_lists_every_subject(capsys: pytest.CaptureFixture[str]) -> None:
    """With a line about each."""
    assert main([]) == 0
    said = capsys.readouterr().out
    assert all(f"  {name} " in said for name in SUBJECTS)


def test_an_unknown_subject_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """And what is allowed; the exit status is that of wrong words."""
    assert main(["atlantis"]) == 2
    said = capsys.readouterr().err
    assert "'atlantis'" in said
    assert "towns" in said


@pytest.mark.parametrize("name", SUBJECTS)
def test_every_subject_teaches_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """--help says what its module's chapter says, which begins with what it is about."""
    chapter = importlib.import_module(SUBJECTS[name].module).__doc__ or ""
    assert chapter
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert chapter.splitlines()[0] in capsys.readouterr().out


class Terminal(io.StringIO):
    """A stream at which somebody looks."""

    def isatty(self) -> bool:
        """It is."""
        return True


def test_a_bar_ends_where_its_work_ended() -> None:
    """Whatever was drawn on the way; where nobody looks nothing is drawn."""
    seen, unseen = Terminal(), io.StringIO()
    for stream in (seen, unseen):
        with Progress("reading", 200, stream) as bar:
            for done in range(1, 151):
                bar.at(done)
    assert seen.getvalue().endswith("  75%\n") or seen.getvalue().endswith(" 75%\n")
    assert unseen.getvalue() == ""
