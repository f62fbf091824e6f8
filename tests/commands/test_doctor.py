"""The command that looks for what is missing: extras, checks, exit code."""

from __future__ import annotations

import json
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any, NoReturn

import pytest

from autograd_nn import cli, compare, draw, saving
from autograd_nn.commands import doctor

PYPROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
EXTRAS: dict[str, list[str]] = PYPROJECT["project"]["optional-dependencies"]


def test_every_extra_has_a_sentence_on_what_it_enables() -> None:
    assert sorted(EXTRAS.keys() - doctor.ENABLES.keys()) == []
    assert sorted(doctor.ENABLES.keys() - EXTRAS.keys()) == []


def test_every_requirement_of_every_extra_is_understood() -> None:
    for name, requirements in EXTRAS.items():
        for requirement in requirements:
            package, _, marker = requirement.partition(";")
            marked = f"{package}; {marker and marker + ' and '}extra == '{name}'"
            found, least = doctor.needed(marked, name)
            if "sys_platform" not in marker:
                assert requirement.startswith(found)
                assert found
                assert ("" if ">=" not in package else package.split(">=")[1].strip()) == least


def test_extras_are_present_if_all_their_packages_are_new_enough() -> None:
    requirements = [
        "numpy>=2.0",
        "one>=3.8; extra == 'plot'",
        "two ; extra == 'plot'",
        'three>=1; extra == "fast"',
        "never; sys_platform == 'nowhere' and extra == 'fast'",
    ]
    versions: dict[str, str] = {}

    def found() -> list[doctor.Extra]:
        return doctor.extras(["plot", "fast", "unknown"], requirements, lambda p: versions.get(p))

    versions |= {"one": "3.10.1", "two": "0", "three": "1.0"}
    assert [extra.present for extra in found()] == [True, True, True]
    versions |= {"one": "3.7.9", "three": "2rc1"}
    assert [extra.present for extra in found()] == [False, True, True]
    del versions["two"], versions["three"]
    plot, fast, unknown = found()
    assert (plot.present, plot.packages) == (False, {"one": "3.7.9", "two": None})
    assert (fast.present, fast.packages) == (False, {"three": None})
    assert fast.install == "pip install 'autograd_nn[fast]'"
    assert [plot.enables, unknown.enables] == [doctor.ENABLES["plot"], ""]


def test_what_works_passes_and_missing_extras_are_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = doctor.extras(["plot"], ["matplotlib>=3.8; extra == 'plot'"], lambda _: None)
    monkeypatch.setattr(doctor, "installed_extras", lambda: found)
    assert cli.main(["doctor", "--out", str(tmp_path / "a.txt"), str(tmp_path / "a.json")]) == 0
    printed = capsys.readouterr().out
    assert printed.count("pass  ") == 3
    assert f"missing  plot       {doctor.ENABLES['plot']}" in printed
    assert "pip install 'autograd_nn[plot]'" in printed
    assert printed.startswith((tmp_path / "a.txt").read_text("utf-8"))
    fields = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert fields["extras"][0]["packages"] == {"matplotlib": None}
    assert fields["pictures"] == draw.backends()
    assert fields["blas_threads"] is None or fields["blas_threads"] >= 1


def test_what_is_broken_is_reported_and_exits_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_args: object, **_options: object) -> NoReturn:
        message = "no pencil"
        raise RuntimeError(message)

    monkeypatch.setattr(draw, "graph", broken)
    assert cli.main(["doctor"]) == 1
    assert "FAIL  a picture: RuntimeError: no pencil\n" in capsys.readouterr().out


def test_a_wrong_gradient_and_a_lossy_checkpoint_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def doubled(function: Any, point: Any) -> Any:
        layers = compare.complex_step(function, point)
        return tuple({name: 2 * gradient for name, gradient in layer.items()} for layer in layers)

    monkeypatch.setattr(doctor, "complex_step", doubled)
    found = doctor.check("", doctor.gradient, 0)
    assert found.found.startswith("AssertionError: 0 of 4 gradients agree")
    monkeypatch.setattr(saving, "load", lambda *_args, **_options: None)
    found = doctor.check("", doctor.checkpoint, 0)
    assert found.found == "ValueError: what was loaded is not what was saved"


def test_a_package_that_is_not_installed_has_no_extras_to_tell_of(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(name: str) -> NoReturn:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "metadata", missing)
    assert cli.main(["doctor"]) == 0
    assert "extras: unknown, for the package is not installed" in capsys.readouterr().out
