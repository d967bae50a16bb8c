"""moto's memory as a file: what each service holds, pickled.

A few services hold what cannot be pickled: locks, keys, threads. Those are named to the caller, who
keeps their requests instead.
"""

import copyreg
import pickle
from pathlib import Path
from typing import Any, Final

import moto
from moto import backends
from moto.core.base_backend import BackendDict

_PROTOCOL: Final = 5
_backend: Any = backends.get_backend
"""By a name known only now, which its overloads do not have."""
_WRITER: Final = f"moto {moto.__version__}"


class OtherWriter(Exception):
    """Another version wrote the file; the message says which."""


def service_of(name: str) -> str:
    """The service that holds the state of one that moto serves under a name."""
    found = _backend(name)
    return found.service_name if isinstance(found, BackendDict) else name


def dump(path: Path) -> set[str]:
    """Writes what all services hold; returns those that could not be written. Raises OSError."""
    # Only now: whoever has no snapshot need not wait for S3 to be imported.
    from moto.s3.utils import _VersionedKeyStore

    copyreg.pickle(_VersionedKeyStore, _with_all_versions)
    skipped = set()
    with path.open("wb") as file:
        path.chmod(0o600)
        pickle.dump(_WRITER, file)
        for service in _in_use():
            if _backend(service.service_name) is not service:
                skipped.add(service.service_name)
                continue
            start = file.tell()
            held = {account: dict(regions) for account, regions in service.items()}
            try:
                pickle.dump((service.service_name, held), file, _PROTOCOL)
            except OSError:
                raise
            except Exception:
                # Whatever an object's pickling raises: it is moto's, or that of a library it uses.
                file.seek(start)
                file.truncate()
                skipped.add(service.service_name)
        pickle.dump(None, file)
    return skipped


def _with_all_versions(store: Any) -> Any:
    """How S3's keys are pickled, in the six parts of `object.__reduce__`: as any dictionary, each
    would have its newest version alone.
    """
    versions = {key: store.getlist(key) for key in store}
    return type(store), (), versions, None, None, _set_versions


def _set_versions(store: Any, versions: dict[str, list[Any]]) -> None:
    for key, of_key in versions.items():
        store.setlist(key, of_key)


def _in_use() -> "list[BackendDict[Any]]":
    instances: Any = vars(BackendDict)["_instances"]
    return list(instances)


def load(path: Path) -> None:
    """Has every service hold what it held. Raises OtherWriter."""
    with path.open("rb") as file:
        writer = pickle.load(file)
        if writer != _WRITER:
            raise OtherWriter(f"{path} was written by {writer}, this is {_WRITER}")
        while (found := pickle.load(file)) is not None:
            name, held = found
            service = _backend(name)
            for account, regions in held.items():
                for region, backend in regions.items():
                    service[account][region] = backend
