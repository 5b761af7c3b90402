"""The table of options in the documentation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nes_py.options import EnvOptions
from nes_py.tools.options import BEGIN, END, main, with_table

PAGE = Path(__file__).parents[2] / "docs" / "vector.md"


@pytest.mark.skipif(not PAGE.exists(), reason="not a source tree")
def test_page_is_up_to_date() -> None:
    """Otherwise: python -m nes_py.tools.options docs/vector.md."""
    text = PAGE.read_text(encoding="utf-8")
    assert text == with_table(text)


def test_every_option_has_a_row_with_its_default_and_a_meaning() -> None:
    rows = [re.fullmatch(r"\| `(\w+)` \| `(.+?)` \| (.+) \|", line) for line in EnvOptions.describe().splitlines()[2:]]
    assert [row[1] for row in rows if row] == list(EnvOptions.names())
    defaults = {row[1]: row[2] for row in rows if row}
    assert (defaults["frameskip"], defaults["obs_type"], defaults["autoreset_mode"]) == ("4", "'image'", "'NextStep'")
    assert all(len(row[3]) > 10 for row in rows if row)


def test_writing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# A page\n\n{BEGIN}\nold\n{END}\n\nThe rest.\n")
    main([str(page)])
    assert page.read_text() == f"# A page\n\n{BEGIN}\n\n{EnvOptions.describe()}\n\n{END}\n\nThe rest.\n"
    main([])
    assert capsys.readouterr().out == EnvOptions.describe() + "\n"
    for wrong in ("", f"{END}\n{BEGIN}\n", f"{BEGIN}\n{END}\n{BEGIN}\n{END}\n"):
        with pytest.raises(ValueError, match="once each"):
            with_table(wrong)
