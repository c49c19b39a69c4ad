"""Loading from disk: each function imports its library, and gives a function that loads the tokenizer and
returns its call from one text to ids.

What is timed is loading and the encoding of one short text, since some libraries, ours among them, build
their tables only then. (Not the trie of WordPiece: ours makes it after sixteen new words. With the making of
it an English vocab.txt takes about twice as long.) A vocab.txt gives the lower-casing pipeline, everybody's
default.
"""

from typing import Any

from rivals import Call, Opened


def json_file(setup: Opened) -> str:
    """The published tokenizer.json, where there is one."""
    published = setup.vocab.with_name("tokenizer.json")
    return str(published if published.exists() else setup.json)


def ids_of(tok: Any) -> Call:
    return lambda text: tok.encode(text).ids


def fasttok_vocab_file(setup: Opened) -> Call:
    import fasttok

    path = str(setup.vocab)
    return lambda: ids_of(fasttok.Tokenizer.from_file(path))


def fasttok_bert_tokenizer(setup: Opened) -> Call:
    from fasttok import BertTokenizer

    path = str(setup.vocab)
    return lambda: ids_of(BertTokenizer(path).backend_tokenizer)


def tokenizers_vocab_file(setup: Opened) -> Call:
    from tokenizers import BertWordPieceTokenizer

    path = str(setup.vocab)
    return lambda: ids_of(BertWordPieceTokenizer(path))  # a path is quickest


def fasttok_json_file(setup: Opened) -> Call:
    import fasttok

    path = json_file(setup)
    return lambda: ids_of(fasttok.Tokenizer.from_file(path))


def tokie_json_file(setup: Opened) -> Call:
    import tokie

    path = json_file(setup)
    return lambda: ids_of(tokie.Tokenizer.from_json(path))


def nanotoken_json_file(setup: Opened) -> Call:
    import nanotoken

    path = json_file(setup)
    return lambda: nanotoken.Tokenizer(path).encode


def splintr_json_file(setup: Opened) -> Call:
    import splintr

    path = json_file(setup)
    return lambda: splintr.from_json(path).encode


def tokenizers_json_file(setup: Opened) -> Call:
    import tokenizers

    path = json_file(setup)
    return lambda: ids_of(tokenizers.Tokenizer.from_file(path))
