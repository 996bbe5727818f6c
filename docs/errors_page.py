"""docs/errors.md: every error code, what it means, and the exit code of its family.

Codes of a protocol and of a registry.yaml have their meanings beside the checks (``pass_engine.protocol.numbers``,
``pass_engine.registry.numbers``); the others stand here. A test holds the page against the codes that the package
raises.
"""

from __future__ import annotations

from pass_engine import errors
from pass_engine.protocol.numbers import MEANINGS, Wrong
from pass_engine.registry.numbers import MEANINGS as REGISTRY_MEANINGS

FAMILIES = (
    errors.ProtocolError,
    errors.SourceError,
    errors.HarmoniseError,
    errors.MethodError,
    errors.DisclosureError,
    errors.BundleError,
    errors.PinError,
    errors.ReportError,
    errors.TrustError,
)

OTHERS = {
    "PE210": "no registry that the protocol invites is in the folder",
    "PE211": "two registries in the folder have the same id",
    "PE221": "a file, folder or OMOP table that registry.yaml names is not there",
    "PE222": "a table, sheet or schema that the mapping names is not there",
    "PE223": "a column that the mapping names is not in the source",
    "PE224": "an empty file, without even a header",
    "PE225": "a text file in another encoding than stated",
    "PE226": "a text file with another delimiter than stated",
    "PE227": "a row of a text file that is broken: fields too many or too few, or a stray quotation mark",
    "PE228": "a file that is damaged, or of a kind that no reader takes",
    "PE229": "a source with the same column name twice",
    "PE230": "a column of a type that no reader takes",
    "PE231": "a file that the system does not let the engine read",
    "PE233": "the words that open a database are not where registry.yaml says, or are not there",
    "PE234": "a file of credentials that others than its owner may read",
    "PE235": "a database that cannot be reached, or does not let the engine in",
    "PE236": "a database that went away before every row was read",
    "PE237": "a table that the database does not let this user read",
    "PE238": "a folder that holds an OMOP table twice",
    "PE239": "a study that needs what this OMOP common data model does not have, or cannot say",
    "PE260": "files that are to become one table, and do not have the same columns",
    "PE261": "files from which no mapping can be drafted, or a draft or list of terms that would replace a file",
    "PE259": "the registry's secret for fingerprints cannot be read or made",
    "PE270": "a cluster that is to count, and no client for it: the extra is not installed",
    "PE271": "a cluster that does not answer: a wrong address, or one that went away in the middle",
    "PE272": "a cluster that does not let this user in, or not as far as a step needs",
    "PE273": "a table that a step reads and that the cluster does not have",
    "PE274": "a step that a cluster could not do",
    "PE275": "a source on a cluster, asked for on another engine",
    "PE301": "a variable that the study requires is not mapped: the registry cannot take part",
    "PE302": "a variable that the study requires has no usable value: the registry cannot take part",
    "PE303": "a date format that says no date, or not one date",
    "PE304": "a mapping that leads to a code which the core data model does not have",
    "PE305": "a map, terms or dictionary file is not there",
    "PE306": "a map, terms or dictionary file that cannot be used",
    "PE307": "most of a column cannot be read: the stated format is not the one the data have",
    "PE308": "rows of one person that disagree, in a table of one row a person",
    "PE309": "rows to be merged that hold different values",
    "PE313": "code lists that name groups of MedDRA terms, and a dictionary that does not say what lies in them",
    "PE315": "dates of two formats in one column, of which each reads dates of the other",
    "PE317": "a variable of the study's own that is mapped as something else than the protocol says it is",
    "PE401": "two registries cover one country, and no rule keeps their persons apart",
    "PE402": "the protocol has no such count",
    "PE403": "a registry that needs more memory or disk than there is",
    "PE407": "the files of a large registry have come to need more room than there is",
    "PE405": "less room on the disk for a large registry than the run may need",
    "PE406": "a process that counted a part of a registry and was ended by the system",
    "PE404": "a quality gate of the protocol that stops the study",
    "PE501": "a table that may not leave a registry",
    "PE502": "a column that may not leave a registry, or one that is missing",
    "PE503": "a value that is not a whole number where only counts may leave",
    "PE504": "a text that is not a short identifier or label where only those may leave",
    "PE505": "counts of an analysis that the protocol does not have",
    "PE506": "a withheld number that a release would give back, when nothing is left to withhold",
    "PE507": "a withheld number that a published release tells",
    "PE508": "a number that tells of few persons or events beside the same number of an earlier release",
    "PE520": "levels that the protocol does not name, at a registry whose counts are masked",
    "PE601": "a folder for writing that holds something else, or a bundle without a manifest",
    "PE602": "a manifest of another format",
    "PE603": "a bundle that lacks a file",
    "PE604": "a file that the bundle's manifest does not know",
    "PE605": "a file of a bundle that differs from its manifest",
    "PE606": "a bundle made for another protocol",
    "PE607": "a table of a bundle that cannot be read",
    "PE608": "results of a run that are not whole",
    "PE609": "a run folder that cannot be written, or that another run writes now",
    "PE610": "a run without counts between data lock points, where two extracts are to be compared",
    "PE612": "a disk that is full, broken or not to be written to, or a folder that another command writes now",
    "PE611": "a newer extract that lacks the last lock point of the older one",
    "PE613": "messages of masked registries that are not those of one round",
    "PE701": "a file of a run that differs from the run's manifest",
    "PE702": "a file that the run's manifest names and that is not there",
    "PE703": "a file in a run folder that the run's manifest does not know",
    "PE704": "a manifest of a run that SHA256SUMS does not vouch for",
    "PE710": "a protocol that was edited since it was pinned",
    "PE711": "an edited protocol pinned anew without an amendment, or under the same version",
    "PE712": "a protocol pinned to another engine than the one installed",
    "PE713": "a lock that cannot be read or written",
    "PE714": "an unchanged protocol to be pinned with other dictionaries or worked cases than it is pinned with",
    "PE720": "a run that is not the same when it is made again",
    "PE721": "data without any registry of the run",
    "PE722": "a replay that does not run to its end in a plain DuckDB, or none without data",
    "PE723": "a folder for a replay that is there already",
    "PE724": "a table of counts that is another when it is replayed",
    "PE725": "a second engine that is not installed, or does not start",
    "PE726": "a table of counts that a second engine counts otherwise",
    "PE727": "a record of a re-run that cannot be written",
    "PE730": "a run to be archived that another engine made",
    "PE731": "an archive that is there already, or cannot be written",
    "PE732": "no archive of a run",
    "PE733": "a file of an archive that is missing, changed or foreign",
    "PE734": "a description of an archive that does not agree with its sums",
    "PE735": "an archive without its engine, or with SQL that is not that of the run",
    "PE801": "a run folder that lacks a file the report needs",
    "PE802": "results without a column the report needs",
    "PE803": "a manifest of a run that is no manifest, or one of another format",
    "PE804": "a report that cannot be written",
    "PE805": "a data request that cannot be written",
    "PE806": "an identifier that names no row of a run's results",
    "PE807": "a heading of the report without content",
    "PE808": "documents that cannot be written",
    "PE809": "a qualification that cannot be written",
    "PE810": "a value outside its own interval",
    "PE811": "more persons with an event than persons",
    "PE812": "more persons with an event than events",
    "PE813": "levels of a stratifier that do not add up to the overall row",
    "PE814": "a number in the results that should not be seen",
    "PE815": "a table with nothing in it that does not say why",
    "PE816": "a character that the report's fonts do not have",
    "PE817": "a percentage below 0 or over 100",
    "PE818": "a part above its whole",
    "PE819": "a footnote that names another interval method than was computed",
    "PE820": "system libraries that the PDF needs are not installed",
    "PE821": "a file given to a dossier, national statistics or words, that cannot be used",
    "PE822": "runs that describe no registry, so that a dossier would say nothing",
    "PE830": "an export of results that cannot be written, or would replace a file",
    "PE901": "a key file that is missing, no Ed25519 key, or there already",
    "PE902": "a private key that others than its owner may read",
    "PE903": "a private key locked with a passphrase that was not given, or is another",
    "PE904": "a trust file that is missing, has a line that cannot be read, or has or lacks the key",
    "PE905": "a signed document that lacks one of its three files, or is of another form",
    "PE906": "a statement and signatures that do not belong together: a byte was changed",
    "PE907": "a key that the trust file does not have for this name and kind of document",
    "PE908": "a key that did not count on the day of signing: not yet, rotated or revoked",
    "PE909": "a file of a release that is missing, changed or foreign",
    "PE910": "no release, or one of another format",
    "PE911": "a release pinned to another version of the engine, or to other SQL",
    "PE912": "a registry that the release does not invite",
    "PE913": "no decision of the registry about this release",
    "PE914": "a decision to decline, or one that was withdrawn",
    "PE915": "a day on which the decision is not valid: before it, or expired",
    "PE916": "a file in decisions/ that is no decision, or a decision missing there that the audit log has",
    "PE917": "an analysis that the release does not have, the policy does not allow, or the decision does not cover",
    "PE918": "a folder for writing that holds something, or cannot be written",
    "PE919": "an archive that is damaged or unsafe to open",
    "PE920": "a bundle that cannot be approved: not made here, not reviewed as it stands, or under an older decision",
    "PE921": "a bundle of another registry, or two of one",
    "PE922": "an audit log that is missing, or was edited",
    "PE923": "an audit log that was cut short",
    "PE924": "a bundle older than one that was pooled before",
    "PE925": "a registry's signature for another bundle, release or decision",
    "PE926": "no round of masked registries, or one of another release, of other decisions or of other analyses",
    "PE927": "masked registries whose sums would tell of fewer than three of them",
    "PE928": "an analysis that a round sums and one of its members keeps back",
    "PE929": "a round that lacks the message of a member",
    "PE930": "counts that would leave another way than the registry's policy says",
    "PE931": "a mask key that was used before, or is another",
    "PE932": "copies of what left a registry before that are not those of its audit log",
    "PE940": "a signed report that cannot be written",
    "PE941": "a signed report whose bytes or signature do not hold, or that is of another report",
    "PE942": "a PKCS #12 file that cannot be used",
}
"""Meanings of the codes outside protocols. A new code needs a line."""

SHARED = tuple(wrong for wrong in Wrong if wrong < 10)  # noqa: PLR2004 - faults of any YAML file, the same number in both
"""Faults that a registry.yaml can have as well, there with PE2."""

HEAD = """\
# Errors

<!-- Made by `make docs` from docs/errors_page.py; do not edit. -->

A mistake in a file is answered with a code, its place, and three lines: what was found, what the problem is, and how to
mend it. All faults of a file are shown at once, in the order of their lines. The exit code of `pass-engine` tells the
family. No message holds a value of a person's row.

Anything that ends with a traceback is a bug of the engine, not of your input.
"""


def meanings() -> dict[str, str]:
    """Every code with its meaning. A code means one thing: ValueError where two lists claim it."""
    protocol = {f"PE1{wrong:02d}": MEANINGS[wrong] for wrong in Wrong}
    registry = {f"PE2{wrong:02d}": MEANINGS[wrong].replace("the protocol", "the file") for wrong in SHARED}
    registry |= {f"PE2{wrong:02d}": meaning for wrong, meaning in REGISTRY_MEANINGS.items()}
    claimed = OTHERS.keys() & (protocol.keys() | registry.keys())
    if claimed:
        raise ValueError(f"two meanings for {', '.join(sorted(claimed))}")
    return dict(sorted((protocol | registry | OTHERS).items()))


def errors_page() -> str:
    """The whole page: one table a family."""
    known = meanings()
    parts = [HEAD]
    for family in FAMILIES:
        rows = [f"| {code} | {meaning} |" for code, meaning in known.items() if code.startswith(family.family)]
        title = (family.__doc__ or "").splitlines()[0].rstrip(".")
        parts.append(f"## {family.family}xx: {title[0].lower()}{title[1:]} (exit code {family.exit_code})\n")
        parts.append("\n".join(["| code | meaning |", "|---|---|", *rows]) + "\n" if rows else "None yet.\n")
    return "\n".join(parts)
