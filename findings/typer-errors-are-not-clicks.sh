#!/usr/bin/env bash
# typer 0.28.0 beside click 8.5.1 (Python 3.11): the errors that typer raises are not click's.
#
# typer carries a click of its own (typer._click), so `typer.BadParameter` and the error of a missing option have no base
# class in the package click, and a program that runs its app with standalone_mode=False and catches
# click.ClickException lets them through as tracebacks. Guess: typer is built on click, so one is a subclass of the
# other, as in typer 0.16 (printed beside it).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
look() {
    python3 -m venv "$folder/$1"
    "$folder/$1/bin/pip" install -q --disable-pip-version-check "$1" "$2" 2>/dev/null
    "$folder/$1/bin/python" -c "
import click, typer
print('$1:', issubclass(typer.BadParameter, click.ClickException), typer.BadParameter.__mro__[2].__module__)"
}
seen=$(look typer==0.16.0 click==8.2.1; look typer==0.28.0 click==8.5.1)
echo "$seen"
[ "$seen" = "typer==0.16.0: True click.exceptions
typer==0.28.0: False typer._click.exceptions" ]
