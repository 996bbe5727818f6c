"""Commands of a network (keys, releases, decisions, answers, pools) and of disclosure control.

``cli`` holds the program they are part of.
"""

from __future__ import annotations

import datetime as dt
import os
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from pass_engine.console import progress
from pass_engine.run_options import DISK, MEMORY, PARTITIONS, PROCESSES, WORK, budget_of, partitions_of

keys = typer.Typer(help="Keys of a network and its trust file.", no_args_is_help=True)
protocol = typer.Typer(help="A study's protocol: its release, its document, checklists.", no_args_is_help=True)
site = typer.Typer(help="A registry answers a release.", no_args_is_help=True)
rounds = typer.Typer(help="Rounds of masked registries.", no_args_is_help=True)
audit = typer.Typer(help="The audit log of a node.", no_args_is_help=True)
disclose = typer.Typer(help="Look at a run as a reader would: can a withheld number be told?", no_args_is_help=True)

KeyOption = Annotated[
    Path, typer.Option("--key", help="Private key; its passphrase, if any, in PASS_ENGINE_PASSPHRASE.")
]
TrustOption = Annotated[Path, typer.Option("--trust", help="The network's trust file.")]
ReleaseArgument = Annotated[Path, typer.Argument(metavar="RELEASE", help="Folder or archive of a release.")]
RegistryOption = Annotated[Path, typer.Option("--registry", help="registry.yaml, or its folder.")]
BundleArgument = Annotated[Path, typer.Argument(metavar="BUNDLE", help="Folder that site run wrote.")]
LogOption = Annotated[Path, typer.Option("--log", help="Audit log of this node.")]
EarlierOption = Annotated[
    list[Path] | None,
    typer.Option("--earlier", help="Run published before; what would tell of few persons beside it is withheld."),
]
DayOption = Annotated[dt.datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day, as 2026-01-31.")]


def add_commands(app: typer.Typer, registry: typer.Typer) -> None:
    """Add these commands to the program, and the decision to those of a registry."""
    for name, group in (
        ("keys", keys), ("protocol", protocol), ("site", site), ("round", rounds), ("audit", audit),
        ("disclose", disclose),
    ):  # fmt: skip
        app.add_typer(group, name=name)
    app.command("pool")(pool)
    registry.command("decide")(decide)


def _passphrase() -> str:
    from pass_engine.sign import PASSPHRASE

    return os.environ.get(PASSPHRASE, "")


@keys.command("init")
def init_key(
    path: Annotated[Path, typer.Argument(help="Private key to write; the public one gets .pub.")],
    comment: Annotated[str, typer.Option(help="Whose key it is, for people.")] = "pass_engine",
) -> None:
    """Make a key pair (Ed25519). The private key never leaves its owner; the .pub file goes to the network."""
    from pass_engine.sign import fingerprint_of, make_key

    line = make_key(path, comment, _passphrase())
    typer.echo(f"Private key: {path} (keep it)")
    typer.echo(f"Public key:  {path}.pub (give it to the network)")
    typer.echo(f"Fingerprint: {fingerprint_of(line)}")


@keys.command("trust")
def trust(
    trust_file: Annotated[Path, typer.Argument(metavar="TRUST", help="Trust file; made if it is not there.")],
    public: Annotated[Path, typer.Argument(help="A .pub file.")],
    name: Annotated[str, typer.Option("--as", help="The registry's id, or the sponsor's name.")],
    since: DayOption,
    role: Annotated[
        str, typer.Option(help="registry: signs decisions and bundles; sponsor: signs releases.")
    ] = "registry",
) -> None:
    """Add a public key to the trust file, once its owner has confirmed the fingerprint by another way."""
    from pass_engine.sign import ROLES, fingerprint_of, load_public, trust_key

    if role not in ROLES:
        raise typer.BadParameter(f"one of {', '.join(ROLES)}", param_hint="--role")
    line = load_public(public)
    entry = trust_key(trust_file, name, role, line, since.date())
    typer.echo(f"{entry.name} may sign as {role} from {since:%Y-%m-%d} with {fingerprint_of(line)}")


@keys.command("revoke")
def revoke(
    trust_file: Annotated[Path, typer.Argument(metavar="TRUST", help="Trust file.")],
    public: Annotated[Path, typer.Argument(help="The .pub file of the key.")],
    since: DayOption,
) -> None:
    """Let a key no longer count for what is signed on or after a day (rotation, or a key that was lost)."""
    from pass_engine.sign import fingerprint_of, load_public, revoke_key

    line = load_public(public)
    entry = revoke_key(trust_file, line, since.date())
    typer.echo(f"{fingerprint_of(line)} of {entry.name} does not count from {entry.valid_before} on")


@protocol.command("release")
def release(
    path: Annotated[Path, typer.Argument(metavar="PROTOCOL", help="Folder of the protocol, or its protocol.yaml.")],
    out: Annotated[Path, typer.Option(help="New folder; the archive is written beside it.")],
    key: KeyOption,
    signer: Annotated[str, typer.Option("--as", help="The sponsor's name in the trust file.")],
    log: LogOption = Path("audit.jsonl"),
) -> None:
    """Release a protocol: signed, pinned to this engine, as a folder and as one archive."""
    from pass_engine.network import release_protocol

    facts = release_protocol(path, out, key_file=key, signer=signer, passphrase=_passphrase(), log=log)
    typer.echo(f"{facts.study} version {facts.version}: {out} and {out}.zip")
    typer.echo(f"Release digest: {facts.digest}")


def decide(  # noqa: PLR0913, PLR0917 - the options of one decision
    release_path: ReleaseArgument,
    registry_path: RegistryOption,
    key: KeyOption,
    trust_file: TrustOption,
    participate: Annotated[bool, typer.Option("--participate", help="Take part.")] = False,
    decline: Annotated[bool, typer.Option("--decline", help="Do not take part.")] = False,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take an earlier decision back.")] = False,
    reason: Annotated[str, typer.Option(help="Why; needed to decline or withdraw.")] = "",
    publish_reason: Annotated[bool, typer.Option("--publish-reason", help="The report may tell the reason.")] = False,
    analyses: Annotated[
        str, typer.Option(help="Analyses to take part in, with commas; all that the policy allows.")
    ] = "",
    valid_until: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day on which the decision holds.")
    ] = None,
) -> None:
    """Decide about a release; the signed decision is kept in the registry's decisions/."""
    from pass_engine.network import decide_participation
    from pass_engine.network.decisions import Asked

    answers = [a for a, said in (("participate", participate), ("decline", decline), ("withdraw", withdraw)) if said]
    if len(answers) != 1:
        raise typer.BadParameter("say one of --participate, --decline, --withdraw")
    if answers[0] != "participate" and not reason:
        raise typer.BadParameter(f"to {answers[0]} needs a reason", param_hint="--reason")
    named = tuple(a.strip() for a in analyses.split(",") if a.strip())
    until = valid_until.date() if valid_until else None
    asked = Asked(answers[0], named, until, reason, publish_reason)
    path = decide_participation(
        release_path, registry_path, asked, trust_file=trust_file, key_file=key, passphrase=_passphrase()
    )
    typer.echo(f"Decision: {path}")


@site.command("run")
def run(  # noqa: PLR0913, PLR0917 - each is an option of the command
    release_path: ReleaseArgument,
    registry_path: RegistryOption,
    trust_file: TrustOption,
    out: Annotated[Path, typer.Option(help="New folder for the bundle; it stays here until it is approved.")],
    threads: Annotated[int, typer.Option(min=1, max=64, help="Threads of the database.")] = 2,
    partitions: Annotated[str, PARTITIONS] = "auto",
    processes: Annotated[str, PROCESSES] = "auto",
    memory: Annotated[int, MEMORY] = 0,
    disk: Annotated[int, DISK] = 0,
    work: Annotated[Path | None, WORK] = None,
) -> None:
    """Run a release under a valid decision, and write a bundle for review. Nothing leaves by this."""
    from pass_engine.network import run_release

    parts, budget = partitions_of(partitions), budget_of(processes, memory, disk, work)
    with progress() as on_step:
        decision = run_release(
            release_path, registry_path, out,
            trust_file=trust_file, threads=threads, parts=parts, budget=budget, on_step=partial(on_step, ""),
        )  # fmt: skip
    typer.echo(f"Under decision {decision.number} for {', '.join(decision.analyses)}")
    typer.echo(f"Bundle: {out} (look at it with pass-engine site review, then site approve)")


@site.command("review")
def review(bundle: BundleArgument, registry_path: RegistryOption) -> None:
    """Show every table that would leave, and what was withheld and why."""
    from pass_engine.network import review_bundle

    for line in review_bundle(bundle, registry_path):
        typer.echo(line)


@site.command("approve")
def approve(
    bundle: BundleArgument,
    registry_path: RegistryOption,
    key: KeyOption,
    trust_file: TrustOption,
    round_path: Annotated[
        Path | None, typer.Option("--round", help="Masked registries: the round, folder or archive; with --release.")
    ] = None,
    release_path: Annotated[
        Path | None, typer.Option("--release", help="Masked registries: the release that was run.")
    ] = None,
) -> None:
    """Sign a bundle that was reviewed as it stands, and pack it for sending."""
    from pass_engine.network import Masking, approve_bundle

    if (round_path is None) != (release_path is None):
        raise typer.BadParameter("--round and --release go together")
    masking = Masking(round_path, release_path) if round_path and release_path else None
    archive = approve_bundle(
        bundle, registry_path, trust_file=trust_file, key_file=key, passphrase=_passphrase(), masking=masking
    )
    typer.echo(f"Approved: {archive.with_suffix('')}, to send as a folder or as {archive}")


@rounds.command("open")
def open_round(
    release_path: ReleaseArgument,
    decisions: Annotated[list[Path], typer.Argument(metavar="DECISIONS...", help="Signed decisions, or folders.")],
    trust_file: TrustOption,
    out: Annotated[Path, typer.Option(help="New folder for the round; the archive is written beside it.")],
    log: LogOption = Path("audit.jsonl"),
) -> None:
    """Open a round over all registries that decided to take part masked: who is summed is fixed by it."""
    from pass_engine.network import open_round

    asked = open_round(release_path, decisions, out, trust_file=trust_file, log=log)
    typer.echo(f"Round {asked.digest}: {out} and {out}.zip")
    typer.echo(f"Members: {', '.join(asked.members)}")
    typer.echo(f"Analyses: {', '.join(asked.analyses)}")


@rounds.command("end")
def end_round(
    messages: Annotated[list[Path], typer.Argument(metavar="BUNDLES...", help="What members of the round sent.")],
    log: LogOption = Path("audit.jsonl"),
) -> None:
    """End a round that a member left: destroy the messages of the others. Nothing can be read from them after that."""
    from pass_engine.network import end_round

    ended = end_round(messages, log)
    typer.echo(f"Messages destroyed: {len(ended)}")


def pool(
    release_path: ReleaseArgument,
    bundles: Annotated[list[Path], typer.Argument(metavar="BUNDLES...", help="Approved bundles, folders or archives.")],
    trust_file: TrustOption,
    out: Annotated[Path, typer.Option(help="Run folder to make; an earlier run there is replaced.")],
    decisions: Annotated[
        list[Path] | None, typer.Option("--decision", help="A decision without a bundle, or a folder of them.")
    ] = None,
    earlier: EarlierOption = None,
    log: LogOption = Path("audit.jsonl"),
) -> None:
    """Verify a release and the bundles that answer it, pool them, and make results and report."""
    from pass_engine.network import Centre, pool_release

    centre = Centre(trust_file, log, tuple(earlier or ()))
    pooled = pool_release(release_path, bundles, out, centre, decision_paths=decisions or [])
    for name, status in pooled.statuses.items():
        typer.echo(f"{name}: {status}")
    typer.echo(f"Report: {out / 'report.pdf'}")


@audit.command("verify")
def verify(
    log: Annotated[Path, typer.Argument(help="An audit.jsonl.")],
    against: Annotated[
        list[Path] | None, typer.Option(help="A signed document of this node (its .json): the log must reach it.")
    ] = None,
) -> None:
    """Find any edit of an audit log, and a tail cut off before a signed document was made."""
    from pass_engine.network import verify_audit

    head = verify_audit(log, against or [])
    typer.echo(f"{log}: {head.lines} entries, whole. Last: {head.digest}")


@disclose.command("audit")
def audit_disclosure(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="Run folder.")],
    earlier: Annotated[list[Path] | None, typer.Option(help="Run published before; may be given again.")] = None,
) -> None:
    """Say which relations between published numbers were looked at, and which withheld number they tell."""
    from pass_engine.run.leaks import audit_lines, audit_run, refuse_leaks

    found = audit_run(run_folder, earlier or ())
    typer.echo("\n".join(audit_lines(found)))
    refuse_leaks(run_folder, found)
    typer.echo("No withheld number can be told.")
