"""Numbers keep their figures through the hands of people who see no marks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.report.text.marked import figures_in, marked, plain, remarked

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="[]|\n", exclude_categories=("Cs",)), max_size=8)
TEXTS = st.lists(st.tuples(WORDS, st.integers(0, 10**6)), max_size=4).map(
    lambda parts: "".join(
        f"{words}为{marked(f'HC25-{k}/city/value', f'{number}%')}，" for k, (words, number) in enumerate(parts)
    )
)


@given(TEXTS)
def test_a_text_that_nobody_changed_has_its_marks(text: str) -> None:
    assert remarked(text, plain(text)) == text


@given(TEXTS, WORDS, WORDS)
def test_words_before_and_behind_take_nothing_from_the_text_and_no_number_is_ever_given_another_value(
    text: str, before: str, behind: str
) -> None:
    changed = before + plain(text) + behind
    made = remarked(text, changed)
    assert plain(made) == changed
    assert set(figures_in(made)) <= set(figures_in(text))


def test_a_number_that_was_written_anew_is_the_persons_own() -> None:
    text = f"覆盖率为{marked('a', '72.3%')}，低于{marked('b', '80%')}。"
    assert figures_in(remarked(text, "覆盖率为75.0%，低于80%。")) == (("b", "80%"),)
    assert figures_in(remarked(text, "覆盖率为172.3%，低于80%。")) == (("b", "80%"),)
    assert remarked(text, "") == ""
