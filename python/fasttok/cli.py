"""The command line: `fasttok encode|decode|info`.

    fasttok encode zh-en-wordpiece corpus.txt -o ids.txt
    echo 你好 | fasttok encode bert-base-chinese --format tokens
    fasttok decode zh-en-wordpiece ids.txt
    fasttok info ./my-model

Each line of the input is a text. Exit codes: 0 done, 1 an error (one line on stderr says which), 2 wrong
arguments, 130 interrupted by Ctrl-C, 141 the reader of our output has gone (as for any program in a pipe).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import IO, Any, NoReturn

import numpy as np

import fasttok
from fasttok.cli_files import Batch, Lines, TextError, array_file, closed, read_rows, row_offsets_path
from fasttok.cli_info import description, lines_of
from fasttok.named import tokenizer_named
from fasttok.whole_file import WholeFile

__all__ = ["main"]

INTERRUPTED = 130
BROKEN_PIPE = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit code.

    Args:
        arguments: of the command line, without the program's name; None: those of this process.

    >>> main(["info", "./no-such-folder"])  # a message on stderr
    1
    """
    options = parsed(arguments)
    try:
        if options.threads is not None:
            fasttok.set_num_threads(options.threads)
        code: int = options.run(options)
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Python flushes stdout once more when it ends; that must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except OSError as error:
        return failed(
            f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error)
        )
    except (ValueError, OverflowError, MemoryError) as error:
        return failed(str(error) or "out of memory")
    return code


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    top = parser()
    options, rest = top.parse_known_args(arguments)
    if not rest:
        return options
    # argparse takes NAME and its files together: those behind an option that follows NAME are left over.
    names = rest[: rest.index("--")] if "--" in rest else rest
    if not hasattr(options, "files") or any(name.startswith("-") and name != "-" for name in names):
        top.error(f"unrecognized arguments: {' '.join(rest)}")
    options.files = [*options.files, *names, *rest[len(names) + 1 :]]
    return options


def failed(message: str) -> int:
    note(f"error: {message}")
    return 1


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="fasttok",
        description="Tokenize text, exactly as Hugging Face's tokenizers do.",
        epilog="NAME is a bundled vocabulary, a folder, a vocab.txt or tokenizer.json, or a hub id.",
    )
    top.add_argument("--version", action="version", version=f"fasttok {version()}")
    commands = top.add_subparsers(required=True, metavar="encode|decode|info")

    def command(name: str, run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text, epilog=top.epilog)
        sub.set_defaults(run=run, threads=None)
        sub.add_argument("name", metavar="NAME", help="the tokenizer")
        sub.add_argument("--cased", action="store_true", help="a vocab.txt alone: do not lower-case")
        return sub

    def files(sub: argparse.ArgumentParser, what: str) -> None:
        sub.add_argument("files", metavar="FILE", nargs="*", help=f"{what}; - or none: standard input")
        sub.add_argument(
            "-t", "--text", action="append", metavar="TEXT", help="instead of a file; repeatable"
        )
        sub.add_argument("-o", "--output", metavar="FILE", help="instead of standard output")
        sub.add_argument("-q", "--quiet", action="store_true", help="no progress bar")

    encode = command("encode", run_encode, "Text to ids: one text a line.")
    files(encode, "UTF-8 text")
    encode.add_argument(
        "-f",
        "--format",
        choices=("ids", "tokens", "jsonl", "npy"),
        default="ids",
        help="a line of ids or tokens (default: ids), JSON with both, or NumPy arrays: FILE of all ids and "
        "FILE.row_offsets.npy beside it",
    )
    encode.add_argument("--offsets", action="store_true", help="with jsonl: offsets in characters")
    encode.add_argument(
        "--no-special-tokens", action="store_true", help="leave out [CLS], [SEP] and the like"
    )
    encode.add_argument("--specials", choices=("parse", "text", "error"), default="parse", help="in the text")
    encode.add_argument("--max-length", type=positive, metavar="N", help="cut to so many tokens")
    encode.add_argument("--errors", choices=("strict", "replace"), default="strict", help="of UTF-8")
    encode.add_argument("--threads", type=positive, metavar="N", help="default: all CPUs")

    decode = command(
        "decode", run_decode, "Ids to text: one row a line, numbers, a JSON list, or JSON lines."
    )
    files(decode, "ids as text, or an .npy file")
    decode.add_argument("-f", "--format", choices=("text", "jsonl"), default="text", help="default: text")
    decode.add_argument(
        "--skip-special-tokens", action="store_true", help="leave out [CLS], [SEP] and the like"
    )
    decode.add_argument("--no-cjk-spacing", action="store_true", help="no spaces between Chinese characters")

    info = command("info", run_info, "What a tokenizer is made of.")
    info.add_argument("--json", action="store_true", help="as JSON")
    return top


def version() -> str:
    from importlib.metadata import PackageNotFoundError

    try:
        return fasttok.__version__
    except PackageNotFoundError:
        return "(not installed)"


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not 1 or more")
    return number


# Input and output


def text_batches(options: argparse.Namespace, errors: str) -> Iterator[Batch]:
    """The lines of the texts, files or standard input, with a progress bar if somebody looks."""
    if options.text is not None:
        if options.files:
            usage("--text and FILE: give one of them")
        lines = [line for text in options.text for line in text.split("\n")]
        if any(0xD800 <= ord(c) < 0xE000 for line in lines for c in line):
            raise TextError("--text: not UTF-8")
        yield Batch("--text", 1, lines, 0)
        return
    lines_in = Lines(options.files or ["-"], errors)
    empty = True
    if lines_in.names == ["-"] and sys.stdin is not None and sys.stdin.isatty():
        note("reading standard input, up to Ctrl-D")
    with progress_bar(lines_in.size(), options.quiet) as progress:
        for batch in lines_in:
            empty = False
            yield batch
            if progress is not None:
                progress.update(batch.bytes)
    if empty:
        note(f"no text in {', '.join('standard input' if n == '-' else n for n in lines_in.names)}")


def note(message: str) -> None:
    if sys.stderr is not None:
        print(f"fasttok: {message}", file=sys.stderr)


def usage(message: str) -> NoReturn:
    parser().error(message)


def progress_bar(size: int | None, quiet: bool) -> AbstractContextManager[Any]:
    """A tqdm on stderr, or None where nobody looks, the terminal shows the output, or tqdm is missing."""
    if quiet or None in (sys.stderr, sys.stdout) or not sys.stderr.isatty() or sys.stdout.isatty():
        return nullcontext()
    try:
        from tqdm import tqdm
    except ImportError:  # the extra `cli` is not installed
        return nullcontext()
    return tqdm(total=size, unit="B", unit_scale=True)  # type: ignore[no-any-return]


def text_file(path: str | None) -> AbstractContextManager[IO[bytes]]:
    """--output, or standard output; a file appears when all went well."""
    return nullcontext(standard_output()) if path is None else WholeFile(path)


def standard_output() -> IO[bytes]:
    if sys.stdout is None:
        raise closed("standard output")
    return sys.stdout.buffer


# The commands


def run_encode(options: argparse.Namespace) -> int:
    if options.format == "npy" and options.output is None:
        usage("--format npy writes arrays: name the file with --output")
    if options.offsets and options.format != "jsonl":
        usage("--offsets needs --format jsonl")
    tokenizer = tokenizer_named(options.name, cased=options.cased)
    added = 0 if options.no_special_tokens else tokenizer.num_special_tokens_to_add(False)
    if options.max_length is not None and options.max_length < added:
        usage(f"--max-length {options.max_length}: {added} special tokens are added to each text")
    names = {id: token for token, id in tokenizer.get_vocab().items()}

    def encoded() -> Iterator[Any]:
        for batch in text_batches(options, options.errors):
            try:
                yield tokenizer.encode_batch_flat(
                    batch.lines,
                    add_special_tokens=not options.no_special_tokens,
                    truncation=options.max_length,
                    offsets="char" if options.offsets else False,
                    specials=options.specials,
                )
            except ValueError as error:
                raise TextError(in_lines(str(error), batch)) from None

    if options.format == "npy":
        write_arrays(encoded(), options.output)
        return 0
    with text_file(options.output) as file:
        for columns in encoded():
            rows = columns.to_lists()
            if options.format == "ids":
                text = "".join(" ".join(map(str, row)) + "\n" for row in rows)
            elif options.format == "tokens":
                text = "".join(" ".join(names[id] for id in row) + "\n" for row in rows)
            else:
                text = "".join(json_lines(rows, names, columns))
            file.write(text.encode())
            file.flush()  # who reads a pipe need not wait for the rest
    return 0


def in_lines(message: str, batch: Batch) -> str:
    """The core's message in words of the command line: a line of the file in place of a row of the batch."""
    message = message.replace('specials="text"', "--specials text")
    row = re.match(r"inputs\[(\d+)\]", message)
    if row is None:
        return f"{batch.file}: {message}"
    return f"{batch.file}: line {batch.first_line + int(row[1])}{message[row.end() :]}"


def json_lines(rows: list[list[int]], names: dict[int, str], columns: Any) -> Iterator[str]:
    starts = columns.row_offsets.tolist()
    for i, row in enumerate(rows):
        line: dict[str, Any] = {"ids": row, "tokens": [names[id] for id in row]}
        if columns.offsets is not None:
            line["offsets"] = columns.offsets[starts[i] : starts[i + 1]].tolist()
        yield json.dumps(line, ensure_ascii=False) + "\n"


def write_arrays(batches: Iterator[Any], path: str) -> None:
    with ExitStack() as stack:
        # The ids come last under their name: whoever sees them finds the row offsets beside.
        ids = stack.enter_context(array_file(path, "<u4"))
        row_offsets = stack.enter_context(array_file(row_offsets_path(path), "<i8"))
        row_offsets.append(np.zeros(1))
        for columns in batches:
            row_offsets.append(columns.row_offsets[1:] + ids.length)
            ids.append(columns.ids)


def run_decode(options: argparse.Namespace) -> int:
    tokenizer = tokenizer_named(options.name, cased=options.cased)
    limit = 1 + max(tokenizer.get_vocab().values(), default=-1)

    def write(file: IO[bytes], where: str, first: int, rows: list[list[int]]) -> None:
        for i, row in enumerate(rows):
            if row and not 0 <= min(row) <= max(row) < limit:
                bad = next(id for id in row if not 0 <= id < limit)
                raise TextError(
                    f"{where} {first + i}: {bad} is not an id of {options.name} (0 to {limit - 1})"
                )
        texts = tokenizer.decode_batch(
            rows,
            skip_special_tokens=options.skip_special_tokens,
            cjk_spacing=not options.no_cjk_spacing,
        )
        if options.format == "jsonl":
            texts = [json.dumps({"text": text}, ensure_ascii=False) for text in texts]
        file.write("".join(text + "\n" for text in texts).encode())

    arrays = [name for name in options.files if name.endswith(".npy")]
    if arrays and len(arrays) < len(options.files):
        usage("FILE: either .npy files or text, not both")
    with text_file(options.output) as file:
        for name in arrays:
            for first, rows in read_rows(name):
                write(file, f"{name}: row", first, rows)
        if not arrays:
            for batch in text_batches(options, "strict"):
                rows = [ids_in(line, batch, i) for i, line in enumerate(batch.lines)]
                write(file, f"{batch.file}: line", batch.first_line, rows)
    return 0


def ids_in(line: str, batch: Batch, number: int) -> list[int]:
    """The ids of a line: `101 102`, `[101, 102]` or `{"ids": [101, 102]}`."""
    try:
        if line.lstrip().startswith(("[", "{")):
            value = json.loads(line)
            ids = value["ids"] if isinstance(value, dict) else value
            if isinstance(ids, list) and all(type(id) is int for id in ids):
                return ids
        else:
            if line.isascii() and "_" not in line:  # int() takes more than this
                return [int(word) for word in line.replace(",", " ").split()]
    except (ValueError, KeyError, RecursionError):
        pass
    shown = line if len(line) <= 40 else line[:40] + "…"
    raise TextError(
        f"{batch.file}: line {batch.first_line + number}: {shown!r} holds no ids; expected for example "
        '101 102, [101, 102] or {"ids": [101, 102]}'
    )


def run_info(options: argparse.Namespace) -> int:
    about = description(options.name, tokenizer_named(options.name, cased=options.cased))
    text = json.dumps(about, ensure_ascii=False, indent=2) if options.json else "\n".join(lines_of(about))
    standard_output().write((text + "\n").encode())
    return 0
