"""WordPiece: BERT's vocabularies, and what is measured of them."""

import corpora
from corpora import DATA, Case, Model

CHINESE = Model("bert-base-chinese", "wordpiece", DATA / "vocabs" / "bert-base-chinese" / "vocab.txt")
UNCASED = Model("bert-base-uncased", "wordpiece", DATA / "vocabs" / "bert-base-uncased" / "vocab.txt", True)
BUNDLED = Model("zh-en-wordpiece", "wordpiece", corpora.BUNDLED / "vocab.txt")


def cases_of(lang: str, language: str, model: Model, corpus: str) -> tuple[Case, ...]:
    return (
        Case(f"flat-{lang}", f"{language}, flat arrays", "flat", model, corpus),
        Case(f"short-{lang}", f"{language}, texts of 5 characters", "flat", model, corpus, 5, size=4_000_000),
        Case(f"long-{lang}", f"{language}, texts of 100,000 characters", "flat", model, corpus, 100_000, 10),
        Case(f"lists-{lang}", f"{language}, lists of ints", "lists", model, corpus),
        Case(f"padded-{lang}", f"{language}, padded int64, max_length 128", "padded", model, corpus),
        Case(f"offsets-{lang}", f"{language}, flat arrays with offsets", "offsets", model, corpus),
        Case(f"made-{lang}", f"{language}, Encodings made, not read", "made", model, corpus),
        Case(f"read-{lang}", f"{language}, Encodings, ids and offsets read", "read", model, corpus),
        Case(f"one-{lang}", f"{language}, one text of 20 characters", "one", model, corpus, 20, size=600_000),
        Case(f"threads-{lang}", f"{language}, flat arrays, 2 threads", "threads", model, corpus),
        Case(
            f"truncation-{lang}",
            f"{language}, 10 MB document cut to 512 tokens",
            "truncation",
            model,
            corpus,
        ),
        Case(f"vocab-{lang}", f"{language} vocabulary, load vocab.txt", "vocab_file", model, corpus),
        Case(f"json-{lang}", f"{language} vocabulary, load tokenizer.json", "json_file", model, corpus),
    )


CASES = (
    *cases_of("zh", "Chinese", CHINESE, "zh_fewclue"),
    *cases_of("en", "English", UNCASED, "en_nltk"),
    Case("wiki-zh", "Chinese encyclopedia, simplified and traditional", "flat", CHINESE, "zh_wiki"),
    Case("udhr", "Hundreds of languages, uncased", "flat", UNCASED, "multi_udhr"),
    Case("code", "Python source, 4,000 characters a text", "flat", UNCASED, "code_py", 4_000, 100),
)
