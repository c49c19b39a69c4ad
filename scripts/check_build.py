"""Can fasttok be built here? If not, exits with one clear sentence. `make` asks it first, on any Python 3."""

import os
import shutil
import sys
import sysconfig


def problem():
    if sys.version_info < (3, 11):  # noqa: UP036
        found = f"{sys.executable} is {sys.version.split()[0]}"
        return f"fasttok needs Python 3.11 or newer; {found}. Name another: make PYTHON=python3.12"
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return "this Python has no venv module (Debian and Ubuntu: apt install python3-venv)"
    if not os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h")):
        return "Python.h is missing (Debian and Ubuntu: apt install python3-dev)"
    compilers = (os.environ.get("CXX"), "c++", "g++", "clang++")
    if not any(shutil.which(name.split()[0]) for name in compilers if name):
        return "no C++ compiler found: install gcc 12 or clang 14 or newer, or set CXX"
    return None


found = problem()
if found:
    sys.exit("error: " + found)
