"""A function of the user's own that every record goes through before it is decoded.

It takes the place of the Lambda function of an application's input, and is called as that was
(DG:lambda-preprocessing.md): with an event that has records, and a context.
"""

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from fleet.errors import ConfigError

Handler = Callable[[dict[str, Any], Any], Any]
"""(event, context) -> {"records": [{"recordId": ..., "result": ..., "data": ...}]}."""

_EXAMPLE = "such as preprocess:handler, for handler(event, context) in preprocess.py"


@dataclass(frozen=True, slots=True)
class Preprocessor:
    """A function, and how it was named: package.module:function."""

    name: str
    handler: Handler


def load_preprocessor(name: str, *, folder: Path) -> Preprocessor:
    """Imports the module, which may stand in `folder`, and finds the function. Raises ConfigError.

    The folder stays on the path of imports, for what the function imports later.
    """
    module_name, _, function = name.partition(":")
    if not module_name or not function:
        raise ConfigError(
            f"preprocessor {name!r} names no function",
            remedy=f"write package.module:function, {_EXAMPLE}",
        )
    module = _imported(module_name, folder.resolve(), name)
    handler = getattr(module, function, None)
    if not callable(handler):
        raise ConfigError(
            f"preprocessor {name}: {module.__file__ or module_name} has no function {function}",
            remedy=f"name one that it has, {_EXAMPLE}",
        )
    return Preprocessor(name, handler)


def _imported(module_name: str, folder: Path, name: str) -> ModuleType:
    _forget_namesake(module_name.partition(".")[0], folder)
    if sys.path[:1] != [str(folder)]:
        sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        return importlib.import_module(module_name)
    # Whatever the user's code raises while it is imported is the user's to mend.
    except Exception as error:
        raise ConfigError(
            f"preprocessor {name}: {module_name} cannot be imported: "
            f"{type(error).__name__}: {error}",
            remedy=f"put the module into {folder} or install it into this environment",
        ) from error


def _forget_namesake(top: str, folder: Path) -> None:
    """Lets the folder's own module be imported where another application's of the same name was."""
    known = sys.modules.get(top)
    own = [folder / f"{top}.py", folder / top / "__init__.py"]
    if known is None or not any(path.is_file() for path in own):
        return
    place = Path(known.__file__).resolve() if known.__file__ else None
    if place in own:
        return
    if top in sys.stdlib_module_names or (place and place.parents[1] == Path(__file__).parents[1]):
        raise ConfigError(
            f"preprocessor: the module {top} in {folder} has the name of one that this program "
            "uses itself",
            remedy="give it another name",
        )
    for name in [n for n in sys.modules if n == top or n.startswith(f"{top}.")]:
        del sys.modules[name]
