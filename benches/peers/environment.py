"""Where the peers are installed, and where results are kept between runs."""

import hashlib
import json
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target"))


def cache_directory():
    """`$TRIGFORGE_PEERS_CACHE`, or a folder under the user's cache."""
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    folder = Path(os.environ.get("TRIGFORGE_PEERS_CACHE", home / "trigforge-peers"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def enter(name="venv", requirements="requirements.txt"):
    """Runs the script again inside the virtual environment `name`, made where it is missing."""
    folder = cache_directory() / name
    if Path(sys.prefix).resolve() == folder.resolve():
        return
    wanted = (HERE / requirements).read_text()
    stamp = folder / "requirements.txt"
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"installing the peers into {folder}", flush=True)
        venv.create(folder, with_pip=True)
        pip = [folder / "bin/python", "-m", "pip", "install", "--quiet", "-r", HERE / requirements]
        subprocess.run(pip, check=True)
        stamp.write_text(wanted)
    python = str(folder / "bin/python")
    os.execv(python, [python, *sys.argv])


def digest(*parts):
    """A short name for what `parts` say."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:16]


def content(path):
    """A short name for what a file holds."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def remembered(kind, key, make):
    """What `make` returned for `key`, this time or in an earlier run."""
    path = cache_directory() / "results" / f"{kind}-{key}.json"
    if path.exists():
        return json.loads(path.read_text())
    result = make()
    path.parent.mkdir(exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(result))
    partial.rename(path)
    return result


def version(*command):
    """The first line that a tool prints about itself."""
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return output.splitlines()[0].strip()
