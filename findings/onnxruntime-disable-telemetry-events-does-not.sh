#!/usr/bin/env bash
# onnxruntime 1.32.0, the wheel for Linux: import alone calls home, and disable_telemetry_events() does not stop it.
#
# Within ten seconds the process asks for mobile.events.data.microsoft.com:443, through HTTPS_PROXY where that is set, and
# writes a number of the device and a database below ~/.cache (XDG_CACHE_HOME). With disable_telemetry_events() as the
# first call it does all the same; ORT_DISABLE_TELEMETRY=1 in the environment, before the import, stops both. A tool that
# cuts out photos "offline" is an alarm at a firewall since. Guess: only Windows builds report, and the function that is
# named so turns it off.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check onnxruntime==1.32.0 numpy==2.3.4 2>/dev/null
cd "$folder"
unset CI GITHUB_ACTIONS ORT_DISABLE_TELEMETRY
seen=$("$folder/venv/bin/python" -c "
import os, pathlib, socket, subprocess, sys

WAYS = {
    'import': ('', {}),
    'disable_telemetry_events': ('onnxruntime.disable_telemetry_events()', {}),
    'ORT_DISABLE_TELEMETRY': ('', {'ORT_DISABLE_TELEMETRY': '1'}),
}
for name, (call, more) in WAYS.items():
    proxy = socket.create_server(('127.0.0.1', 0))
    proxy.settimeout(25)
    home = pathlib.Path(name)
    home.mkdir()
    address = f'http://127.0.0.1:{proxy.getsockname()[1]}'
    env = {**os.environ, 'HOME': str(home.resolve()), 'XDG_CACHE_HOME': str(home.resolve() / 'cache'), 'NO_PROXY': '',
           **dict.fromkeys(('HTTPS_PROXY', 'https_proxy', 'ALL_PROXY'), address), **more}
    code = f'import onnxruntime, time\n{call}\ntime.sleep(25)'
    child = subprocess.Popen([sys.executable, '-c', code], env=env)
    try:
        connection, _ = proxy.accept()
        asked = connection.recv(4096).split()[1].decode()
    except TimeoutError:
        asked = 'nothing'
    child.kill()
    child.wait()
    kept = sorted({path.name for path in home.rglob('*') if path.is_file()} & {'deviceid', 'onnxruntime.db'})
    print(name, asked, *kept)
")
echo "$seen"
test "$seen" = "import mobile.events.data.microsoft.com:443 deviceid onnxruntime.db
disable_telemetry_events mobile.events.data.microsoft.com:443 deviceid onnxruntime.db
ORT_DISABLE_TELEMETRY nothing"
