"""What a user of transformers does with tokenizers, printed as JSON; an argument says what is behind.

    python transformers_program.py MODE FOLDER...

    plain       tokenizers, as it is
    alias       sys.modules["tokenizers"] = fasttok
    before      fasttok.patch_transformers(), then `import transformers`
    after       `import transformers` and all that is used of it, then fasttok.patch_transformers()
    undone      patched and unpatched

A folder holds a tokenizer.json (or spiece.model) and a config.json.
"""

from __future__ import annotations

import json
import sys
import warnings
from types import SimpleNamespace
from typing import Any

TEXTS = [
    "Hello world, it's 2026!",
    "使用语言模型来预测下一个词的概率。",
    "  spaces   and\ttabs\n and lines  ",
    "Çédille — naïve café ﬁne ①",
    "👍🏽 emoji 👨‍👩‍👧 <unk> [MASK] <|endoftext|> </s>",
    "",
]


def stand_in(mode: str) -> None:
    if mode == "alias":
        from importlib import import_module

        import fasttok

        sys.modules["tokenizers"] = fasttok
        for name in ("models", "normalizers", "pre_tokenizers", "processors", "decoders", "trainers"):
            sys.modules[f"tokenizers.{name}"] = import_module(f"fasttok.{name}")
    if mode in ("after", "undone"):
        import transformers

        for name in ("BertTokenizer", "GPT2Tokenizer", "XLNetTokenizer", "LlamaTokenizer", "T5Tokenizer"):
            getattr(transformers, name)  # its file is imported now, with tokenizers behind it
    if mode in ("before", "after", "undone"):
        import fasttok

        fasttok.patch_transformers()
        if mode == "undone":
            fasttok.unpatch_transformers()


def lists(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value


def columns(encoded: Any) -> dict[str, Any]:
    return {name: lists(value) for name, value in encoded.items()}


def with_numpy(tokenizer: Any) -> Any:
    """What a pipeline calls with return_tensors="pt", without torch."""
    return lambda *args, return_tensors, **kwargs: tokenizer(*args, return_tensors="np", **kwargs)


def program(folder: str) -> dict[str, Any]:
    from transformers import AutoTokenizer, DataCollatorWithPadding
    from transformers.pipelines import TextClassificationPipeline, TokenClassificationPipeline

    tokenizer = AutoTokenizer.from_pretrained(folder)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.convert_ids_to_tokens(0)
    tokenizer.add_tokens(["<new>"])
    seen: dict[str, Any] = {
        "class": type(tokenizer).__name__,
        "repr": repr(tokenizer).replace(folder, ""),
        "special": [tokenizer.special_tokens_map, tokenizer.all_special_ids, len(tokenizer)],
        "saved": tokenizer.backend_tokenizer.to_str(),
    }
    extra = {
        "return_offsets_mapping": True,
        "return_special_tokens_mask": True,
        "return_token_type_ids": True,
    }
    seen["batch"] = columns(tokenizer(TEXTS, padding=True, return_tensors="np", **extra))
    seen["pairs"] = columns(tokenizer(TEXTS, TEXTS[::-1], truncation=True, max_length=30, **extra))
    windows = tokenizer(
        TEXTS[:5], truncation=True, max_length=9, stride=3, return_overflowing_tokens=True, **extra
    )
    seen["windows"] = [columns(windows), [windows.word_ids(i) for i in range(len(windows["input_ids"]))]]
    seen["words"] = columns(tokenizer([text.split() for text in TEXTS[:3]], is_split_into_words=True))
    ids = [tokenizer.encode(text) for text in TEXTS]
    seen["decoded"] = [tokenizer.decode(row) for row in ids] + tokenizer.batch_decode(ids, True)
    seen["tokens"] = [tokenizer.tokenize(text) for text in TEXTS] + [tokenizer.convert_ids_to_tokens(ids[0])]
    collate = DataCollatorWithPadding(tokenizer, pad_to_multiple_of=8, return_tensors="np")
    seen["collated"] = columns(collate([tokenizer(text) for text in TEXTS[:4]]))
    seen["classified"] = columns(
        TextClassificationPipeline.preprocess(
            SimpleNamespace(tokenizer=with_numpy(tokenizer)), {"text": TEXTS[0], "text_pair": TEXTS[1]}
        )
    )
    one = tokenizer(TEXTS[0], return_tensors="np", **extra)
    seen["entities"] = TokenClassificationPipeline.gather_pre_entities(
        SimpleNamespace(tokenizer=tokenizer),
        TEXTS[0],
        one["input_ids"][0],
        list(range(len(one["input_ids"][0]))),
        one["offset_mapping"][0],
        one["special_tokens_mask"][0],
        "none",
    )
    seen["package"] = type(tokenizer.backend_tokenizer).__module__.partition(".")[0]
    return seen


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    stand_in(sys.argv[1])
    print(json.dumps([program(folder) for folder in sys.argv[2:]]))
