"""Words on a command line in, exit status out: 0 done, 1 something is wrong, 2 usage, 75 try again later, 78 settings."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from gateway import __version__, maillog
from gateway.commands.ticket import TicketWords, ticket_app
from gateway.problems import ConfigError, GatewayError
from gateway.settings import Settings

BAD_SETTINGS, TRY_LATER = 78, 75

app = typer.Typer(
    name="gateway",
    help="Mail comes in by SMTP and becomes a ticket on a help desk that speaks the StaffAPI.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
spool_app = typer.Typer(help="What is in the spool, and what is to become of it.", no_args_is_help=True)
rules_app = typer.Typer(help="Rule files.", no_args_is_help=True)
app.add_typer(spool_app, name="spool")
app.add_typer(rules_app, name="rules")


def carry_out(words: TicketWords) -> NoReturn:
    """What every command of `gateway ticket` ends in."""
    from gateway.commands.ticket_run import run

    raise SystemExit(run(settings_from(words.config), words))


app.add_typer(ticket_app, name="ticket", result_callback=carry_out)

Config = Annotated[
    Path | None,
    typer.Option("--config", help="Settings as TOML; gateway.toml is read if it is there.", show_default=False),
]


def main() -> None:
    """The console script."""
    try:
        app()
    except ConfigError as error:
        fail(error, BAD_SETTINGS)
    except GatewayError as error:
        from gateway.spool.errors import SpoolError

        fail(error, TRY_LATER if isinstance(error, SpoolError) else 1)


def fail(error: GatewayError, status: int) -> NoReturn:
    lines = [str(problem) for problem in error.problems] if isinstance(error, ConfigError) else [str(error)]
    for line in lines:
        print(f"error: {line}", file=sys.stderr)
    if len(lines) > 1:
        print(f"{len(lines)} mistakes", file=sys.stderr)
    raise SystemExit(status)


def settings_from(config: Path | None, defaults: dict[tuple[str, ...], object] | None = None) -> Settings:
    from gateway import settings

    if config is None and Path("gateway.toml").exists():
        config = Path("gateway.toml")
    loaded = settings.load(file=config, defaults=defaults)
    maillog.configure(loaded.log.format)
    return loaded


@app.callback(invoke_without_command=True)
def version(show: Annotated[bool, typer.Option("--version", help="Show the version.")] = False) -> None:
    if show:
        print(f"gateway {__version__}")
        raise typer.Exit


@app.command()
def serve(
    config: Config = None,
    no_intake: Annotated[bool, typer.Option("--no-intake", help="Accept no mail here.")] = False,
    no_delivery: Annotated[bool, typer.Option("--no-delivery", help="Push nothing from here.")] = False,
    no_console: Annotated[bool, typer.Option("--no-console", help="Serve no console.")] = False,
    one_process: Annotated[bool, typer.Option("--one-process", help="All in one process, for tests.")] = False,
) -> None:
    """Accept mail, push tickets, serve the console."""
    from gateway.app import Roles
    from gateway.app import serve as run

    roles = Roles(intake=not no_intake, delivery=not no_delivery, console=not no_console)
    raise SystemExit(run(settings_from(config), roles, one_process=one_process))


@app.command()
def demo(config: Config = None) -> None:
    """Serve against a sandbox help desk: loopback only, every recipient, nothing to configure."""
    from gateway.commands.demo import run

    raise SystemExit(run(lambda defaults: settings_from(config, defaults)))


@app.command()
def desk(
    listen: Annotated[str, typer.Option(help="Address of the pages and the StaffAPI.")] = "127.0.0.1:8026",
    database: Annotated[Path, typer.Option(help="SQLite file for its tickets.")] = Path("desk.db"),
    dialect: Annotated[
        str, typer.Option(help="page (as documented) or classic (as desks in the field behave).")
    ] = "page",
    fault: Annotated[
        list[str] | None,
        typer.Option(help="KIND[,count=N|all,on=CALL,match=…,seconds=N,status=N,skip=N,chance=P]; see /control."),
    ] = None,
    lose: Annotated[float, typer.Option(help="How many answers to pushes are lost after the effect, 0 to 1.")] = 0.0,
    seed: Annotated[int | None, typer.Option(help="Chance takes the same course each time.")] = None,
    post_max_size: Annotated[
        int | None, typer.Option(help="Bytes of a POST; the form of a longer one arrives empty.")
    ] = None,
    no_gzip: Annotated[bool, typer.Option("--no-gzip", help="Answers are not compressed.")] = False,
    change: Annotated[
        list[str] | None,
        typer.Option(help="What /control can do: NAME[,FIELD=VALUE,…], as switch,name=utf8mb3,value=yes."),
    ] = None,
) -> None:
    """The sandbox help desk alone. Account: gateway, password: sandbox; API key: gateway, secret: sandbox-secret."""
    from gateway.app import sandbox

    if dialect not in ("page", "classic"):
        raise typer.BadParameter(f"`{dialect}` is no dialect; use page or classic")
    host, _, port = listen.rpartition(":")
    if not port.isdecimal():
        raise typer.BadParameter(f"`{listen}` is no address; write HOST:PORT")
    database.absolute().parent.mkdir(parents=True, exist_ok=True)

    def say(url: str) -> None:
        print(
            f"help desk  {url}/  account gateway, password sandbox, API key gateway, secret sandbox-secret", flush=True
        )
        print(f"control    {url}/control  faults, and changes to the desk", flush=True)

    changes = list(change or ())
    if post_max_size is not None:
        changes += [
            f"switch,name=post_max,value={post_max_size}",
            "switch,name=empties_large_posts,value=yes",
        ]
    if no_gzip:
        changes.append("switch,name=gzip,value=no")
    raise SystemExit(
        sandbox(
            database,
            host.strip("[]"),
            int(port),
            dialect=dialect,
            changes=changes,
            faults=fault or (),
            lose=lose,
            seed=seed,
            ready=say,
        )
    )


@app.command()
def check(
    config: Config = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of rule files instead.")] = False,
    live: Annotated[
        bool, typer.Option("--live", help="Log in to the desk too, and resolve every name the rules use.")
    ] = False,
) -> None:
    """Find every mistake in settings and rules. Needs no desk unless --live is given."""
    if schema:
        from gateway.routing.schema import json_schema

        print(json.dumps(json_schema(), indent=2))
        return
    from gateway.commands.check import check as check_all

    raise SystemExit(check_all(lambda: settings_from(config), live=live))


@app.command()
def inspect(
    files: Annotated[list[Path], typer.Argument(help="Mails; - is standard input.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, in the order of the files.")] = False,
) -> None:
    """What the reader makes of a mail."""
    from gateway.commands.inspect import show

    raise SystemExit(show(files, as_json=as_json))


@app.command()
def explain(
    file: Annotated[Path, typer.Argument(help="A mail; - is standard input.", show_default=False)],
    config: Config = None,
    xml: Annotated[bool, typer.Option("--xml", help="Print the exact documents instead.")] = False,
    rcpt: Annotated[
        list[str] | None, typer.Option("--rcpt", help="Envelope recipient; To of the mail if left out.")
    ] = None,
    sender: Annotated[str | None, typer.Option("--from", help="Envelope sender; From of the mail if left out.")] = None,
) -> None:
    """The whole decision for a mail, without sending anything."""
    from gateway.commands.explain import explain as run

    raise SystemExit(run(settings_from(config), file, xml=xml, rcpt=rcpt or [], sender=sender))


@app.command("import")
def import_(
    files: Annotated[
        list[Path],
        typer.Argument(help="eml or mbox files, Maildirs, folders of them; - for a pipe.", show_default=False),
    ],
    config: Config = None,
    rcpt: Annotated[
        list[str] | None, typer.Option("--rcpt", help="Envelope recipient; To of the mail if left out.")
    ] = None,
    sender: Annotated[str | None, typer.Option("--from", help="Envelope sender; From of the mail if left out.")] = None,
) -> None:
    """Put mails into the spool. Exit status 75 if that has to be tried again later."""
    from gateway.commands.import_ import run

    raise SystemExit(run(settings_from(config), files, rcpt=rcpt or [], sender=sender))


@app.command()
def ready(
    config: Config = None,
    wait: Annotated[float, typer.Option("--wait", help="Seconds to keep asking.")] = 0.0,
) -> None:
    """Ask the running gateway whether it would take mail."""
    from gateway.commands.ready import ask_ready

    raise SystemExit(ask_ready(settings_from(config).console.listen, wait=wait))


@rules_app.command("init")
def rules_init(folder: Annotated[Path, typer.Argument(help="Where to.")] = Path("rules")) -> None:
    """Copy the sample rules. Never overwrites."""
    from gateway.rulefolder import sample_folder

    made = 0
    folder.mkdir(parents=True, exist_ok=True)
    for source in sorted(sample_folder().glob("*.yaml")):
        target = folder / source.name
        if target.exists():
            print(f"{target} is there already and was left alone", file=sys.stderr)
            continue
        target.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
        made += 1
    print(f"{made} files copied to {folder}; `gateway check` reads them")


@spool_app.command("ls")
def spool_ls(
    config: Config = None,
    state: Annotated[str | None, typer.Option(help="queued, claimed, held, delivered or discarded.")] = None,
    limit: Annotated[int, typer.Option(help="How many at the most.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """The newest mails first."""
    from gateway.commands.operate import list_deliveries

    raise SystemExit(list_deliveries(settings_from(config), state=state, limit=limit, as_json=as_json))


@spool_app.command("show")
def spool_show(
    id: int, config: Config = None, raw: Annotated[bool, typer.Option("--raw", help="The mail itself instead.")] = False
) -> None:
    """All that is known of one mail: its way, its attempts, its tickets."""
    from gateway.commands.operate import show_delivery

    raise SystemExit(show_delivery(settings_from(config), id, raw=raw))


Ids = Annotated[list[int], typer.Argument(help="Numbers as `gateway spool ls` shows them.", show_default=False)]
Reason = Annotated[str, typer.Option("--reason", help="Why, for whoever looks later.")]


def _act(config: Path | None, verb: str, ids: list[int], *arguments: Any) -> NoReturn:
    from gateway.commands.operate import act

    raise SystemExit(act(settings_from(config), verb, ids, *arguments))


@spool_app.command("retry")
def spool_retry(ids: Ids, config: Config = None) -> None:
    """Work on these now instead of later."""
    _act(config, "retry", ids)


@spool_app.command("hold")
def spool_hold(ids: Ids, config: Config = None, reason: Reason = "held by an operator") -> None:
    """Keep these back until they are released."""
    _act(config, "hold", ids, reason)


@spool_app.command("release")
def spool_release(ids: Ids, config: Config = None) -> None:
    """Let held mails go on."""
    _act(config, "release", ids)


@spool_app.command("drop")
def spool_drop(ids: Ids, config: Config = None, reason: Reason = "dropped by an operator") -> None:
    """Push these never."""
    _act(config, "drop", ids, reason)
