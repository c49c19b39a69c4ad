"""What tiktoken 0.14 has, for programs that say `import fasttok.tiktoken as tiktoken`.

>>> from fasttok import tiktoken
>>> enc = tiktoken.Encoding(
...     "small",
...     pat_str=r"\\w+|\\W",
...     mergeable_ranks={**{bytes([b]): b for b in range(256)}, b"ab": 256},
...     special_tokens={"<|endoftext|>": 257},
... )
>>> enc.encode("abc<|endoftext|>", allowed_special="all")
[256, 99, 257]
>>> enc.decode([256, 99, 257])
'abc<|endoftext|>'

Ids are tiktoken's. docs/tiktoken.md lists what differs: what makes tiktoken panic is an exception here,
damaged files are `FormatError`, and local rank files are never cached.
"""

from fasttok.tiktoken.core import Encoding as Encoding
from fasttok.tiktoken.model import encoding_for_model as encoding_for_model
from fasttok.tiktoken.model import encoding_name_for_model as encoding_name_for_model
from fasttok.tiktoken.registry import get_encoding as get_encoding
from fasttok.tiktoken.registry import list_encoding_names as list_encoding_names

__all__ = [
    "Encoding",
    "encoding_for_model",
    "encoding_name_for_model",
    "get_encoding",
    "list_encoding_names",
]

__version__ = "0.14.0"
