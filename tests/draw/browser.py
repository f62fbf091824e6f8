"""A real browser for tests: Chromium without a window, spoken to over a pipe.

It is what the environment variable ``CHROMIUM`` names, or else ``chromium``, ``chromium-browser``
or ``google-chrome`` on the path.  On Debian: ``apt-get install chromium``.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
]
LONGEST = 60.0  # seconds, for an answer
KEYS = {" ": "Space", "+": "Equal", "0": "Digit0", "-": "Minus"}


def find() -> str | None:
    """Find a browser."""
    given = os.environ.get("CHROMIUM")
    return given or next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def opened(folder: Path, width: int = 1400, height: int = 860) -> Iterator["Browser"]:
    """Start a browser whose profile is in `folder`, and end it."""
    path = find()
    assert path is not None
    their_in, our_out = os.pipe()
    our_in, their_out = os.pipe()
    flags = [*FLAGS, f"--user-data-dir={folder}", f"--window-size={width},{height}"]
    command = 'exec "$@" 3<&"$PIPE_IN" 4>&"$PIPE_OUT"'
    process = subprocess.Popen(
        ["/bin/bash", "-c", command, "bash", path, *flags],
        env=os.environ | {"PIPE_IN": str(their_in), "PIPE_OUT": str(their_out)},
        pass_fds=(their_in, their_out),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(their_in)
    os.close(their_out)
    try:
        yield Browser(our_in, our_out)
    finally:
        process.terminate()
        process.wait(LONGEST)
        os.close(our_in)
        os.close(our_out)


class Browser:
    """One page, and what it did: its errors, and what it asked the network for."""

    def __init__(self, reader: int, writer: int) -> None:
        self.reader, self.writer = reader, writer
        self.number, self.session, self.rest = 0, "", b""
        self.waiting: deque[dict[str, Any]] = deque()
        self.errors: list[str] = []
        self.requests: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        answer = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = answer["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Give an order and wait for the answer."""
        self.number += 1
        message: dict[str, Any] = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.writer, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return dict(answer["result"])

    def receive(self) -> dict[str, Any]:
        """Read one message, and note what it tells of errors and of requests."""
        end = time.monotonic() + LONGEST
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.reader], [], [], max(end - time.monotonic(), 0))
            assert ready, "the browser does not answer"
            part = os.read(self.reader, 1 << 20)
            assert part, "the browser has ended"
            self.rest += part
        line, _, self.rest = self.rest.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        self.note(message.get("method", ""), message.get("params", {}))
        return message

    def note(self, method: str, params: dict[str, Any]) -> None:
        """Keep errors and requests."""
        if method == "Runtime.exceptionThrown":
            found = params["exceptionDetails"]
            self.errors.append(found.get("exception", {}).get("description", found["text"]))
        elif method == "Log.entryAdded":
            self.errors.append(params["entry"]["text"])
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning"):
            self.errors.append(str(params["args"]))
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])

    def open(self, path: Path) -> None:
        """Open a file and wait until it is there."""
        url = path.resolve().as_uri()
        self.call("Page.navigate", url=url)
        self.until(f"document.readyState === 'complete' && location.href === {json.dumps(url)}")

    def run(self, script: str) -> Any:
        """Evaluate an expression in the page."""
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def until(self, condition: str, seconds: float = 20.0) -> None:
        """Wait until a condition holds in the page."""
        end = time.monotonic() + seconds
        while not self.run(condition):
            assert time.monotonic() < end, f"not in {seconds} s: {condition}"
            time.sleep(0.02)

    def click(self, selector: str) -> None:
        """Press the mouse in the middle of what a selector finds, as a person does."""
        x, y = self.middle(selector)
        self.mouse("mouseMoved", x, y)
        self.mouse("mousePressed", x, y, button="left", clickCount=1)
        self.mouse("mouseReleased", x, y, button="left", clickCount=1)

    def middle(self, selector: str) -> tuple[float, float]:
        """Find the middle of an element in the window."""
        found = f"document.querySelector({json.dumps(selector)}).getBoundingClientRect()"
        box = self.run(f"(b => [b.x + b.width / 2, b.y + b.height / 2])({found})")
        return float(box[0]), float(box[1])

    def mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        """Move or press the mouse, or turn its wheel."""
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def press(self, key: str) -> None:
        """Press a key."""
        text = {"text": key} if len(key) == 1 else {}
        code = KEYS.get(key, key)
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, code=code, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=code)

    def prefer(self, scheme: str) -> None:
        """Prefer "light" or "dark"."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", features=features)

    def shoot(self, path: Path) -> None:
        """Take a picture of the page."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))
