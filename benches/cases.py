"""All cases, by name, and the model of each: where there is no data, the bundled one of its kind."""

import byte_bpe_cases
import sentencepiece_cases
import wordpiece_cases
from corpora import Case, Model, has_data

CASES: dict[str, Case] = {
    case.name: case for case in (*wordpiece_cases.CASES, *byte_bpe_cases.CASES, *sentencepiece_cases.CASES)
}
BUNDLED: dict[str, Model] = {
    "wordpiece": wordpiece_cases.BUNDLED,
    "byte_bpe": byte_bpe_cases.BUNDLED,
    **sentencepiece_cases.BUNDLED,
}


def model_for(case: Case) -> Model:
    return case.model if has_data() else BUNDLED[case.model.kind]


def one_of_each_kind() -> list[Case]:
    """For a smoke run: the first case of each kind of model and kind of measurement."""
    first: dict[tuple[str, str], Case] = {}
    for case in CASES.values():
        first.setdefault((case.model.kind, case.kind), case)
    return list(first.values())
