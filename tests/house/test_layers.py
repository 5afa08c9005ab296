"""The rules of the house, read from the source: layers, cycles, doors, sizes."""

from __future__ import annotations

import ast
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("accounts", "therapy", "ml")
FILE_LINES, FUNCTION_LINES, TRAINING_FUNCTION_LINES = 300, 50, 80

# Lower number: lower layer. Imports only point down; the same layer may not import each other.
LAYERS = {
    "accounts": 0,
    "therapy.core": 1,
    "therapy.safety": 2,
    "therapy.observations": 2,
    "therapy.oncall": 3,
    "therapy.library": 3,
    "therapy.signals": 3,
    "therapy.memory": 4,
    "therapy.plans": 4,
    "therapy.journal": 4,
    "therapy.practice": 5,
    "therapy.chat": 5,
    "therapy.care": 6,
    "therapy.assessments": 7,
    "therapy.progress": 8,
    "therapy.review": 9,
    "therapy": 10,
}
# Apart from the door `therapy.core.engines`, only these may reach into `ml` (and `ml.types` is free to all).
ML_DOORS = {
    "therapy.core.engines": ("ml",),
    "therapy.core.management.commands.adapters": ("ml.llm.adapters", "ml.config"),
    "therapy.safety.screening": ("ml.risk",),
    "therapy.safety.person_risk": ("ml.risk.state",),
    "therapy.safety.checks": ("ml.risk", "ml.understanding"),
    "therapy.plans.drafting": ("ml.planning",),
    "therapy.plans.gathering": ("ml.planning.inputs",),
    "therapy.library": ("ml.planning",),
    "therapy.memory.noticing": ("ml.understanding.remembering", "ml.understanding.summing_up"),
    "therapy.core.domain": ("ml.domains",),
    "therapy.signals": ("ml.attention", "ml.state", "ml.simulation.rows"),
    "therapy.practice": ("ml.planning.records", "ml.cognition", "ml.attention.policy"),
}
BROAD_EXCEPT = {"therapy/chat/turn.py", "therapy/safety/screening.py"}


@lru_cache(maxsize=1)
def sources() -> dict[str, Path]:
    """Module name → file, without migrations."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "migrations" not in parts:
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@lru_cache(maxsize=512)
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path, *, top_level: bool = False) -> set[str]:
    """Absolute modules a file imports (`from a import b` counts as `a` and `a.b`)."""
    nodes = tree(path).body if top_level else ast.walk(tree(path))
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def layer_of(module: str) -> str | None:
    return max((name for name in LAYERS if module == name or module.startswith(name + ".")), key=len, default=None)


def test_there_is_a_house() -> None:
    assert len(sources()) > 60


def test_imports_only_point_down() -> None:
    wrong = []
    for module, path in sources().items():
        mine = layer_of(module)
        for target in imports(path):
            theirs = layer_of(target)
            if mine is None or theirs is None or mine == theirs or target == "therapy":
                continue
            if LAYERS[theirs] >= LAYERS[mine]:
                wrong.append(f"{module} imports {target}")
    assert wrong == []


def test_accounts_and_ml_import_nothing_of_ours() -> None:
    wrong = [
        f"{module} imports {target}"
        for module, path in sources().items()
        for target in imports(path)
        if (module.startswith("accounts") and target.split(".")[0] in ("therapy", "ml"))
        or (module.split(".")[0] == "ml" and target.split(".")[0] in ("therapy", "accounts", "django"))
    ]
    assert wrong == []


def test_ml_is_reached_through_its_doors() -> None:
    wrong = []
    for module, path in sources().items():
        if module.split(".")[0] == "ml":
            continue
        allowed = next(
            (doors for door, doors in ML_DOORS.items() if module == door or module.startswith(door + ".")), ()
        )
        for target in imports(path):
            if target.split(".")[0] != "ml" or target.startswith("ml.types") or target == "ml":
                continue
            if not any(target == door or target.startswith(door + ".") for door in allowed):
                wrong.append(f"{module} imports {target}")
    assert wrong == []


def test_there_are_no_import_cycles() -> None:
    modules = sources()
    graph = {
        module: {target for target in imports(path, top_level=True) if target in modules and target != module}
        for module, path in modules.items()
    }
    assert sum(map(len, graph.values())) > 100
    state: dict[str, int] = {}
    cycles: list[str] = []

    def visit(module: str, trail: tuple[str, ...]) -> None:
        if state.get(module) == 2:
            return
        if module in trail:
            cycles.append(" > ".join([*trail[trail.index(module) :], module]))
            return
        for target in sorted(graph[module]):
            # A package's __init__ naming its own parts is no cycle between rooms.
            if not (module.startswith(target + ".") or target.startswith(module + ".")):
                visit(target, (*trail, module))
        state[module] = 2

    for module in modules:
        visit(module, ())
    assert cycles == []


def test_only_the_named_places_catch_everything() -> None:
    found = set()
    for path in sources().values():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ExceptHandler):
                names = [node.type] if not isinstance(node.type, ast.Tuple) else node.type.elts
                is_passed_on = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
                if is_passed_on:
                    continue
                if any(name is None or getattr(name, "id", "") in ("Exception", "BaseException") for name in names):
                    found.add(str(path.relative_to(ROOT)))
    assert found <= BROAD_EXCEPT


@pytest.mark.parametrize("package", PACKAGES)
def test_files_stay_small(package: str) -> None:
    sizes = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for module, path in sources().items()
        if module.split(".")[0] == package
    }
    assert sizes
    assert {name: lines for name, lines in sizes.items() if lines > FILE_LINES} == {}


def test_functions_stay_small() -> None:
    long = {}
    for path in sources().values():
        cap = TRAINING_FUNCTION_LINES if "training" in path.parts else FUNCTION_LINES
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > cap:
                    long[f"{path.relative_to(ROOT)}:{node.name}"] = lines
    assert long == {}


def test_every_module_says_what_it_answers_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in sources().values()
        if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(tree(path))
    ]
    assert silent == []
