"""Whatever call of a save fails, or is its last, the file is the old one or the new one."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograd_nn.files import Buffer, write_durably

OLD = b"old" * 50
NEW: list[Buffer] = [b"new" * 100, memoryview(b"er" * 200)]
CALLS = ("open", "write", "fsync", "close", "replace")
SCRIPT = """
import os, signal, sys
from test_files import NEW, on_call
from autograd_nn.files import write_durably

def die(real, args, before):
    if not before:
        real(*args)
    os.kill(os.getpid(), signal.SIGKILL)

on_call(setattr, int(sys.argv[2]), lambda real, args: die(real, args, sys.argv[3] == "before"))
write_durably(sys.argv[1], NEW)
"""


def on_call(set_: Callable[..., Any], number: int, act: Callable[..., Any]) -> list[str]:
    """Let `act` do system call `number` of what follows; list the calls, which then come."""
    made: list[str] = []

    def watched(name: str, real: Any) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            made.append(name)
            if len(made) - 1 == number:
                return act(real, args)
            if name == "write":  # in small pieces, as a full disk or a signal would have it
                return real(args[0], args[1][:150])
            return real(*args)

        return call

    for name in CALLS:
        set_(os, name, watched(name, getattr(os, name)))
    return made


def calls_of_a_save(folder: Path) -> list[str]:
    with pytest.MonkeyPatch.context() as patch:
        made = on_call(patch.setattr, -1, lambda: None)
        write_durably(folder / "x", NEW)
    return made


def test_the_data_are_on_disk_before_they_have_the_name_and_then_the_name_is(
    tmp_path: Path,
) -> None:
    expected = ["open", *["write"] * 5, "fsync", "close", "replace", "open", "fsync", "close"]
    assert calls_of_a_save(tmp_path) == expected
    assert (tmp_path / "x").read_bytes() == b"".join(NEW)


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC])
@pytest.mark.parametrize("number", range(12))
def test_a_call_that_fails_leaves_the_old_file_and_no_draft(
    number: int, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    path.write_bytes(OLD)

    def fail(_real: Any, args: Any) -> None:
        raise OSError(code, os.strerror(code), args[0])

    made = on_call(monkeypatch.setattr, number, fail)
    with pytest.raises(OSError, match="x") as caught:
        write_durably(path, NEW)
    monkeypatch.undo()
    assert (caught.value.errno, caught.value.filename) == (code, str(path))
    replaced = "replace" in made[:number]
    assert path.read_bytes() == (b"".join(NEW) if replaced else OLD)
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(12))
def test_a_process_killed_at_a_call_leaves_the_old_file_or_the_new_one(
    number: int, when: str, tmp_path: Path
) -> None:
    path = tmp_path / "x"
    path.write_bytes(OLD)
    command = [sys.executable, "-c", SCRIPT, str(path), str(number), when]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, sys.path))}
    done = subprocess.run(command, check=False, env=environment)
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() in (OLD, b"".join(NEW))
    write_durably(path, NEW)  # what was left behind is in nobody's way
    assert path.read_bytes() == b"".join(NEW)


def test_an_interruption_leaves_no_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_real: Any, _args: Any) -> None:
        raise KeyboardInterrupt

    on_call(monkeypatch.setattr, 2, interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_durably(tmp_path / "x", NEW)
    monkeypatch.undo()
    assert [*tmp_path.iterdir()] == []


def test_the_file_has_the_mode_that_others_have_and_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    (tmp_path / "link").symlink_to("x")
    write_durably(tmp_path / "link", NEW)
    assert (tmp_path / "x").stat().st_mode == (tmp_path / "plain").stat().st_mode
    assert (tmp_path / "link").is_symlink()


def test_a_folder_that_is_not_there_is_named_by_the_path_that_was_given(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        write_durably(tmp_path / "no" / "x", NEW)
    assert caught.value.filename == str(tmp_path / "no" / "x")


def test_drafts_that_were_abandoned_are_swept_and_others_left(tmp_path: Path) -> None:
    old = [".x.0123abcd.tmp", ".y.0123abcd.tmp", ".x.notes.tmp", "x.0123abcd.tmp"]
    for name in (*old, ".x.ffffffff.tmp"):
        (tmp_path / name).write_bytes(b"")
    for name in old:
        os.utime(tmp_path / name, (0, 0))
    write_durably(tmp_path / "x", NEW)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"x", ".x.ffffffff.tmp", *old[1:]}
