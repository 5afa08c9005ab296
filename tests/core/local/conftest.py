"""A folder that the services' account can pass through also when the tests run as root, removed afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from therapy.core.local.places import Place, prepare


@pytest.fixture(scope="module")
def open_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="attune-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def place(open_folder: Path) -> Place:
    return prepare(open_folder / "local", durable=False)
