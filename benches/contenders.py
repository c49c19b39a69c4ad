"""The contenders of each case. In each list the first is ours, and the first reference decides which ids are
right."""

import byte_bpe_contenders
import sentencepiece_contenders
import wordpiece_contenders
from contender import Contender
from corpora import Case

# By kind of model, then by kind of case.
CONTENDERS: dict[str, dict[str, list[Contender]]] = {
    "wordpiece": wordpiece_contenders.CONTENDERS,
    "byte_bpe": byte_bpe_contenders.CONTENDERS,
    "sentencepiece": sentencepiece_contenders.OF_MODEL,
    "unigram": sentencepiece_contenders.OF_JSON,
    "spm_bpe": sentencepiece_contenders.OF_JSON,
}


def contenders_of(case: Case) -> list[Contender]:
    return CONTENDERS[case.model.kind][case.kind]


def reference_of(case: Case) -> Contender:
    return next(c for c in contenders_of(case) if c.reference)
