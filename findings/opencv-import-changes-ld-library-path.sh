#!/usr/bin/env bash
# opencv-python-headless 5.0.0.93 (Linux): `import cv2` sets LD_LIBRARY_PATH in the process's environment, so that every
# program started afterwards is given it; 4.10.0.84 does so as well.
#
# The value is a folder "lib64" beside the packages, which the wheel does not even have. Beside a thread that reads the
# environment (libjpeg's start, the resolver), a variable that is new can also end a process, which we saw once.
# Guess: importing a module changes no environment variable.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
look() {
    "$folder/venv/bin/pip" install -q --disable-pip-version-check "opencv-python-headless==$1" numpy==2.4.6 2>/dev/null
    env -u LD_LIBRARY_PATH "$folder/venv/bin/python" -c "
import os
before = set(os.environ)
import cv2
new = sorted(set(os.environ) - before)
there = [os.path.isdir(one) for one in os.environ['LD_LIBRARY_PATH'].split(':') if one]
print('$1', new, 'lib64' in os.environ['LD_LIBRARY_PATH'], there)"
}
seen=$(look 4.10.0.84; look 5.0.0.93)
echo "$seen"
[ "$seen" = "4.10.0.84 ['LD_LIBRARY_PATH'] True [False]
5.0.0.93 ['LD_LIBRARY_PATH'] True [False]" ]
