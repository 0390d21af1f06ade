"""The command line: ``neurosim COMMAND``.

Each command is a function in ``neurosim.commands`` with a Typer signature; its docstring is its help. `COMMANDS`
names them as ``module:function``, and a module is imported when its command is called or listed, so these modules
import whatever is slow (NumPy, Brian2, Matplotlib) inside their functions.

Exit status: 0 done, 1 an error that the message explains, 2 wrong usage, 130 interrupted.
"""

import signal
import threading
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

COMMANDS = {
    "list": "neurosim.commands.list_cases:list_cases",
    "run": "neurosim.commands.run:run",
    "simulate": "neurosim.commands.simulate:simulate",
    "export": "neurosim.commands.export:export",
    "margins": "neurosim.commands.margins:margins",
    "shmoo": "neurosim.commands.shmoo:shmoo",
    "yield": "neurosim.commands.process_yield:process_yield",
    "optimise": "neurosim.commands.optimise:optimise",
    "iv": "neurosim.commands.iv:iv",
    "characterise": "neurosim.commands.characterise:characterise",
    "cells": "neurosim.commands.cells:cells",
    "doctor": "neurosim.commands.doctor:doctor",
}


def load(name: str) -> Callable[..., Any]:
    """Import the function behind a command.

    Parameters
    ----------
    name
        A key of `COMMANDS`.
    """
    module, _, function = COMMANDS[name].partition(":")
    loaded: Callable[..., Any] = getattr(import_module(module), function)
    return loaded


class Commands(TyperGroup):
    """The commands of `COMMANDS`, imported one at a time, and the one place where errors become messages."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Name the commands in the order of the table."""
        return [name for name, target in COMMANDS.items() if find_spec(target.partition(":")[0])]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Build the command `cmd_name`, or return None for a name that is not in the table."""
        if cmd_name not in self.list_commands(ctx):
            return None
        single = typer.Typer(add_completion=False)
        single.command(cmd_name)(load(cmd_name))
        return typer.main.get_command(single)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Suggest the nearest command for a misspelt one, which Typer does only for those it holds itself."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and self.get_command(ctx, name) is None:
            from difflib import get_close_matches

            available = self.list_commands(ctx)
            close = get_close_matches(name, available, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"available: {', '.join(available)}"
            ctx.fail(f"No such command {name!r}; {hint}")
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Accept ``--debug`` after the command too, where one adds it to a line that has just failed."""
        own = args[: args.index("--")] if "--" in args else args
        if "--debug" in own:
            args = ["--debug", *(arg for arg in own if arg != "--debug"), *args[len(own) :]]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; an error that names its own remedy is printed as one message."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            report("interrupted")
            raise typer.Exit(130) from None
        except Exception as error:
            if ctx.params.get("debug") or (message := explanation(error)) is None:
                raise
            report(message)
            raise typer.Exit(1) from None


def explanation(error: Exception) -> str | None:
    """Return the message for an error that the user can act on, and None for one that is a defect of ours."""
    from spice_models.errors import NeurofluxonError

    if isinstance(error, NeurofluxonError):
        return str(error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return None


def report(message: str) -> None:
    """Print ``error: message`` to standard error, in red where that is a terminal."""
    from rich.console import Console
    from rich.text import Text

    Console(stderr=True, soft_wrap=True).print(Text("error: ", style="bold red").append(message, style="red"))


def _version(wanted: bool) -> None:
    if wanted:
        from neurosim import __version__

        typer.echo(f"neurofluxon {__version__}")
        raise typer.Exit


app = typer.Typer(cls=Commands, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what is done to standard error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Neuromorphic networks from spikes to circuits."""
    if verbose:
        import logging

        logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")


def _leave(number: int, frame: object) -> None:
    """End as on Ctrl-C, so that simulators and scratch folders go too."""
    raise SystemExit(128 + number)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status.

    Parameters
    ----------
    arguments
        The words after ``neurosim``; those of the process when not given.
    """
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name) and threading.current_thread() is threading.main_thread():
            signal.signal(getattr(signal, name), _leave)
    app(args=None if arguments is None else list(arguments), prog_name="neurosim")
