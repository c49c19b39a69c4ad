"""SentencePiece: the vocabularies, and what is measured of them.

Kinds of models: "sentencepiece", a `.model` as sentencepiece runs it; "unigram" and "spm_bpe", a
tokenizer.json as tokenizers runs it. The two references differ on some texts (docs/sentencepiece.md), so each
has cases of its own.
"""

from pathlib import Path

from corpora import DATA, Case, Model

VOCABS = DATA / "vocabs"
XLNET, LLAMA2 = VOCABS / "xlnet-base-cased", VOCABS / "llama2"
T5, PANGU = VOCABS / "t5-nai" / "spiece.model", VOCABS / "pangu-alpha" / "vocab.model"


def spm(name: str, path: Path) -> Model:
    return Model(f"{name}-spm", "sentencepiece", path)


SPM = {
    "xlnet": spm("xlnet", XLNET / "spiece.model"),
    "t5": spm("t5", T5),
    "pangu": spm("pangu", PANGU),
    "llama2": spm("llama2", LLAMA2 / "tokenizer.model"),
}
JSON = {
    "xlnet": Model("xlnet", "unigram", XLNET / "tokenizer.json"),
    "t5": Model("t5", "unigram", T5),
    "llama2": Model("llama2", "spm_bpe", LLAMA2 / "tokenizer.json"),
}
# Made of the bundled sample (sentencepiece_files.py).
BUNDLED = {
    "sentencepiece": Model("zh-en-spm", "sentencepiece", None),
    "unigram": Model("zh-en-unigram", "unigram", None),
    "spm_bpe": Model("zh-en-spm-bpe", "spm_bpe", None),
}

TITLES = {"xlnet": "XLNet", "t5": "T5", "pangu": "PanGu-α", "llama2": "Llama 2"}
LANGUAGES = {"en": "English", "zh": "Chinese", "wiki": "Chinese encyclopedia"}
CORPORA = {"en": "en_nltk", "zh": "zh_fewclue", "wiki": "zh_wiki"}


def case(kind: str, model: Model, lang: str, what: str, name: str = "", **shape: int) -> Case:
    title = TITLES[model.name.removesuffix("-spm")]
    form = ".model" if model.kind == "sentencepiece" else "tokenizer.json"
    full = f"{title} {form}, {LANGUAGES[lang]}, {what}"
    return Case(f"{model.name}-{name or kind}-{lang}", full, kind, model, CORPORA[lang], **shape)


def one(model: Model, lang: str, characters: int) -> Case:
    what = f"one text of {characters} characters"
    return case("one", model, lang, what, f"one{characters}", cut=characters, size=30_000 * characters)


CASES = (
    *(case("flat", models[name], "en", "flat arrays") for models in (JSON, SPM) for name in ("xlnet", "t5")),
    *(case("flat", SPM["pangu"], lang, "flat arrays") for lang in ("zh", "wiki")),
    *(case("flat", models["llama2"], lang, "flat arrays") for models in (JSON, SPM) for lang in ("en", "zh")),
    case("lists", SPM["xlnet"], "en", "lists of ints"),
    case("lists", SPM["pangu"], "zh", "lists of ints"),
    case("lists", SPM["llama2"], "en", "lists of ints"),
    case("padded", JSON["t5"], "en", "padded int64, max_length 128"),
    *(one(SPM["xlnet"], "en", characters) for characters in (20, 200)),
    *(one(SPM["pangu"], "zh", characters) for characters in (20, 200)),
    *(one(JSON["t5"], "en", characters) for characters in (20, 200)),
    case("offsets", JSON["xlnet"], "en", "flat arrays with offsets"),
    case("threads", JSON["xlnet"], "en", "flat arrays, 2 threads"),
    case("threads", SPM["xlnet"], "en", "flat arrays, 2 threads"),
    case("threads", SPM["pangu"], "zh", "flat arrays, 2 threads"),
    case("n_best", SPM["xlnet"], "en", "the 10 best ways", size=300_000),
    case("sample", SPM["xlnet"], "en", "one of all ways at random", size=300_000),
    case("model_file", SPM["xlnet"], "en", "load the .model"),
    case("model_file", SPM["pangu"], "zh", "load the .model"),
    case("model_file", SPM["llama2"], "en", "load the .model"),
)
