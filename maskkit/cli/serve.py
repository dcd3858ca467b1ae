"""``maskkit serve``: the mask service."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from maskkit.errors import MaskkitError, MissingExtraError

if TYPE_CHECKING:
    from maskkit.server import Settings


def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8000,
    data_dir: Annotated[Path, typer.Option(help="Where jobs and files are kept.")] = Path("maskkit-data"),
    credentials: Annotated[Path | None, typer.Option(help="File of clients and hashes of secrets.")] = None,
    no_auth: Annotated[bool, typer.Option("--no-auth", help="Open to all; loopback only.")] = False,
    add_client: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Add a client to --credentials, print its secret once, and end."),
    ] = None,
    remove_client: Annotated[
        str | None, typer.Option(metavar="NAME", help="Take a client out of --credentials, and end.")
    ] = None,
    engine: Annotated[
        str, typer.Option(help="Who makes the masks; auto stays here, adobe forwards to Adobe.")
    ] = "auto",
    database: Annotated[
        str,
        typer.Option(metavar="URL", help="postgresql+psycopg://...; else SQLite.", envvar="MASKKIT_DATABASE"),
    ] = "",
    workers: Annotated[int | None, typer.Option(min=1, help="Pictures computed at once.")] = None,
    dask: Annotated[str, typer.Option(metavar="ADDRESS", help="Compute on a Dask cluster: tcp://...")] = "",
    public_url: Annotated[str, typer.Option(metavar="URL", help="What clients see, behind a proxy.")] = "",
    allow_http_loopback: Annotated[
        bool, typer.Option("--allow-http-loopback", help="For development: stores on http://127.0.0.1.")
    ] = False,
    allow_host: Annotated[list[str] | None, typer.Option(metavar="GLOB", help="Only these stores.")] = None,
    deny_host: Annotated[list[str] | None, typer.Option(metavar="GLOB", help="Not these stores.")] = None,
    allow_network: Annotated[
        list[str] | None, typer.Option(metavar="CIDR", help="A private network with a store in it.")
    ] = None,
    cors_origin: Annotated[
        list[str] | None, typer.Option(metavar="ORIGIN", help="Web pages that may call.")
    ] = None,
    job_ttl: Annotated[
        float, typer.Option(min=1, help="Seconds that ended jobs and files are kept.")
    ] = 86400,
    lease: Annotated[
        float,
        typer.Option(min=0.1, max=3600, help="Seconds after which others take over a dead server's jobs."),
    ] = 30,
    units_per_minute: Annotated[
        int, typer.Option(min=1, help="Megapixels that a client may send to /v1.0/removebg in a minute.")
    ] = 500,
    max_queue: Annotated[int, typer.Option(min=1, help="Waiting jobs before 429.")] = 1000,
    max_per_client: Annotated[int, typer.Option(min=1, help="Open jobs of one client before 429.")] = 200,
    max_connections: Annotated[int, typer.Option(min=1, help="Open connections before 503.")] = 500,
    max_bytes: Annotated[int, typer.Option(min=1, help="Of a photo's file.")] = 50_000_000,
    max_files_bytes: Annotated[
        int, typer.Option(min=1, help="Of all files of one client under /files.")
    ] = 10_000_000_000,
    max_pixels: Annotated[int, typer.Option(min=1, help="Of a photo, or a frame.")] = 100_000_000,
    max_frames: Annotated[int, typer.Option(min=1, help="Of an animation.")] = 1000,
    compute_seconds: Annotated[float, typer.Option(min=0.1, help="For one picture or animation.")] = 120,
) -> None:
    """Serve masks over HTTP: Create Mask (v1), Remove Background (v2), uploads, and a page.

    maskkit serve --no-auth

    maskkit serve --credentials clients.txt --add-client shop

    maskkit serve --credentials clients.txt --remove-client shop

    maskkit serve --credentials clients.txt --host 0.0.0.0 --public-url https://masks.example.com
    """
    if add_client is not None or remove_client is not None:
        _edit_clients(credentials, add_client, remove_client)
        return
    _check_open(host, credentials, no_auth=no_auth)
    lists = {"allow_hosts": allow_host, "deny_hosts": deny_host, "allow_networks": allow_network}
    limits = {"job_ttl": job_ttl, "lease": lease, "units_per_minute": units_per_minute}
    limits |= {"max_queue": max_queue, "max_per_client": max_per_client, "max_connections": max_connections}
    limits |= {"max_bytes": max_bytes, "max_files_bytes": max_files_bytes, "max_pixels": max_pixels}
    limits |= {"max_frames": max_frames, "compute_seconds": compute_seconds}
    settings = _settings(
        lists,
        http_loopback=allow_http_loopback,
        data_dir=data_dir,
        credentials=credentials,
        engine=engine,
        database=database,
        dask=dask,
        public_url=public_url,
        cors_origins=tuple(cors_origin or ()),
        **limits,
        **({} if workers is None else {"workers": workers}),
    )
    _run(settings, host, port)


def _edit_clients(path: Path | None, new: str | None, gone: str | None) -> None:
    """Change the file; a server that runs sees it at the next request."""
    if path is None:
        raise typer.BadParameter("--add-client, --remove-client: name the file with --credentials")
    from maskkit.server.credentials import add_client, remove_client

    if gone is not None:
        remove_client(path, gone)
    if new is not None:
        typer.echo(add_client(path, new))


def _check_open(host: str, credentials: Path | None, *, no_auth: bool) -> None:
    if no_auth == (credentials is not None):
        raise typer.BadParameter("give one of --credentials FILE and --no-auth")
    if no_auth and host not in ("127.0.0.1", "::1", "localhost"):
        raise typer.BadParameter("--no-auth: the server is open to all, so it listens on loopback only")


def _settings(lists: dict[str, list[str] | None], *, http_loopback: bool, **options: Any) -> Settings:
    from ipaddress import ip_network

    from maskkit.server import Policy, Settings

    try:
        networks = tuple(map(ip_network, lists.pop("allow_networks") or ()))
    except ValueError as error:
        raise typer.BadParameter(f"--allow-network: {error}") from None
    hosts = {name: tuple(globs or ()) for name, globs in lists.items()}
    policy = Policy(**hosts, allow_networks=networks, http_loopback=http_loopback)
    try:
        return Settings(policy=policy, **options)
    except MaskkitError as error:
        name, _, said = str(error).partition(": ")  # of lists the option is the singular
        raise typer.BadParameter(f"--{name.removesuffix('s').replace('_', '-')}: {said}") from None


def _run(settings: Settings, host: str, port: int) -> None:
    import logging

    try:
        import uvicorn

        from maskkit.server.app import check
        from maskkit.server.listen import uvicorn_config
    except ModuleNotFoundError as error:
        raise MissingExtraError("server", error.name or "uvicorn") from None
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # what no line of these shows need not be looked up for each
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.getLogger("httpx").setLevel(logging.WARNING)  # its lines hold whole URLs, signatures included
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise MaskkitError(f"--data-dir: {settings.data_dir}: {error.strerror}") from None
    check(settings)
    config = uvicorn_config(settings, host, port)
    with _listen(config) as listening:
        listening.listen(config.backlog)  # whoever comes from now on is served once the start-up is done
        shown = f"[{host}]" if ":" in host else host
        _stay()
        typer.echo(f"maskkit serves on http://{shown}:{listening.getsockname()[1]}/", err=True)
        uvicorn.Server(config).run(sockets=[listening])


def _listen(config: Any) -> Any:
    try:
        return config.bind_socket()
    except SystemExit:  # what uvicorn makes of a port that is taken; its log has said so
        raise MaskkitError(f"cannot listen on {config.host}, port {config.port}") from None


def _stay() -> None:
    """Settings of a process that stays, where `maskkit.cli.light_start` made those of a short one.

    Closed connections are cycles. Collected as rarely as a command collects, and beside the 100,000 objects
    of imported modules, which put off the full rounds, they piled up to several MB.
    """
    import gc

    gc.set_threshold(700, 10, 10)  # Python's own
    gc.collect()
    gc.freeze()
