"""Byte-level BPE: the vocabularies and the patterns that cut their texts, and what is measured of them."""

from corpora import DATA, Case, Model

# The patterns of the published tokenizer.json files; the rank files' own are equal on all text.
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
CL100K = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN = CL100K.replace(r"\p{N}{1,3}", r"\p{N}")
_UPPER, _LOWER = r"\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}", r"\p{Ll}\p{Lm}\p{Lo}\p{M}"
_CONTRACTION = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
O200K = (
    rf"[^\r\n\p{{L}}\p{{N}}]?[{_UPPER}]*[{_LOWER}]+{_CONTRACTION}"
    rf"|[^\r\n\p{{L}}\p{{N}}]?[{_UPPER}]+[{_LOWER}]*{_CONTRACTION}"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def ranked(name: str, file: str, pattern: str, normalizer: str | None = None) -> Model:
    return Model(
        name, "byte_bpe", DATA / "vocabs" / "tiktoken" / f"{file}.tiktoken", False, pattern, normalizer
    )


MODELS = {
    "gpt2": Model("gpt2", "byte_bpe", DATA / "vocabs" / "gpt2" / "tokenizer.json", False, GPT2),
    "cl100k": ranked("cl100k", "cl100k_base", CL100K),
    "o200k": ranked("o200k", "o200k_base", O200K),
    "qwen": ranked("qwen", "qwen", QWEN, "NFC"),
    "llama3": ranked("llama3", "llama3", CL100K),
}
# Made of the bundled sample (files.py).
BUNDLED = Model("zh-en-byte-bpe", "byte_bpe", None, False, CL100K)

TITLES = {"gpt2": "GPT-2", "cl100k": "cl100k", "o200k": "o200k", "qwen": "Qwen", "llama3": "Llama 3"}
LANGUAGES = {"en": "English", "zh": "Chinese", "wiki": "Chinese encyclopedia"}
CORPORA = {"en": "en_nltk", "zh": "zh_fewclue", "wiki": "zh_wiki"}


def case(kind: str, model: str, lang: str, what: str, name: str = "", **shape: int) -> Case:
    title = f"{TITLES[model]}, {LANGUAGES[lang]}, {what}"
    return Case(f"{model}-{name or kind}-{lang}", title, kind, MODELS[model], CORPORA[lang], **shape)


def one(model: str, lang: str, characters: int) -> Case:
    what = f"one text of {characters:,} characters"
    return case("one", model, lang, what, f"one{characters}", cut=characters, size=30_000 * characters)


CASES = (
    *(case("flat", model, lang, "flat arrays") for model in ("gpt2", "cl100k", "o200k") for lang in CORPORA),
    *(case("flat", model, "zh", "flat arrays") for model in ("qwen", "llama3")),
    *(
        Case(f"{m}-flat-code", f"{TITLES[m]}, Python source", "flat", MODELS[m], "code_py", 4_000, 100)
        for m in ("gpt2", "cl100k")
    ),
    *(
        case("flat", "cl100k", lang, "batches of 100 short texts", "short", cut=50, batch=100, size=6_000_000)
        for lang in ("en", "zh")
    ),
    *(one("gpt2", "en", 20), one("cl100k", "zh", 20)),
    *(one("cl100k", lang, characters) for characters in (200, 2_000) for lang in ("en", "zh")),
    *(case("lists", "cl100k", lang, "lists of ints") for lang in ("en", "zh")),
    *(case("threads", "cl100k", lang, "flat arrays, 2 threads") for lang in ("en", "zh")),
    case("decode", "cl100k", "en", "10 million ids decoded"),
    case("rank_file", "cl100k", "en", "load the rank file"),
)
