"""Files of a tokenizer on the Hugging Face hub, through huggingface_hub, if it is installed (the extra
`hub`).

fasttok opens no socket itself; huggingface_hub's cache, offline mode (HF_HUB_OFFLINE) and tokens apply.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

__all__ = ["fetch_files"]


def fetch_files(
    repo_id: str,
    names: Iterable[str],
    *,
    subfolder: str = "",
    cache_dir: str | os.PathLike[str] | None = None,
    force_download: bool = False,
    local_files_only: bool = False,
    token: str | bool | None = None,
    revision: str = "main",
) -> dict[str, str]:
    """The local paths of those of `names` that the repository has.

    Args:
        repo_id: "name" or "owner/name".
        names: file names inside `subfolder`.
        The others as in `huggingface_hub.hf_hub_download`.

    Raises:
        OSError: huggingface_hub is not installed, or the repository cannot be reached and is not in the
        cache.
    """
    try:
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import EntryNotFoundError, HFValidationError, LocalEntryNotFoundError
    except ImportError as error:
        raise OSError(
            f"{repo_id!r} is neither a file, a folder nor a bundled vocabulary, and to look for it on the "
            "Hugging Face"
            " hub huggingface_hub is needed: `pip install fasttok-native[hub]`"
        ) from error
    paths: dict[str, str] = {}
    missing: Exception | None = None
    for name in names:
        try:
            paths[name] = hf_hub_download(
                repo_id,
                name,
                subfolder=subfolder or None,
                cache_dir=None if cache_dir is None else os.fspath(cache_dir),
                force_download=force_download,
                local_files_only=local_files_only,
                token=token,
                revision=revision,
            )
        except LocalEntryNotFoundError as error:  # offline, and not in the cache: another file may be
            missing = error
            local_files_only = True  # one failed attempt to connect is enough
        except EntryNotFoundError:
            continue
        except HFValidationError as error:
            raise OSError(
                f"{repo_id!r} is neither a file, a folder, a bundled vocabulary nor a hub id: {error}"
            ) from error
    if not paths and missing is not None:
        raise OSError(
            f"{repo_id!r} is neither a file, a folder nor a bundled vocabulary; on the hub it cannot be "
            "reached"
            f" and the cache does not hold it: {missing}"
        ) from missing
    return paths
