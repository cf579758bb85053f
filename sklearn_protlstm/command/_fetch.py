"""The subcommand `fetch`: viral proteins and their hosts from UniProt."""

import click

from sklearn_protlstm.command._errors import Subcommand
from sklearn_protlstm.command._options import (
    FORCE,
    JSON,
    SEPARATOR,
    output_option,
    with_options,
)
from sklearn_protlstm.command._output import check_output, is_interactive, print_json, write_rows

__all__ = ["fetch"]


@click.command(cls=Subcommand)
@click.argument("query")
@with_options(
    output_option("viruses.tsv", "TSV file to write."),
    click.option(
        "--hosts",
        type=click.Choice(["only", "first", "all"]),
        default="only",
        show_default=True,
        help="What to do with a protein of several hosts: only leaves it out, first takes the "
        "first host, and all writes all of them, as in human;pig.  Example: --hosts all",
    ),
    FORCE,
    JSON,
)
def fetch(query, output, hosts, force, as_json):
    """Download viral proteins and hosts from UniProt.

    Proteins without a known host are left out.
    QUERY is in UniProt's syntax (https://www.uniprot.org/help/query-fields). The columns are
    accession, organism, host, host_taxid and sequence.

    \b
    Example:
      protlstm fetch 'taxonomy_id:11118 AND reviewed:true' -o viruses.tsv
      protlstm check viruses.tsv --label-column host

    \b
    The same with several hosts:
      protlstm fetch 'taxonomy_id:11118 AND reviewed:true' --hosts all -o viruses.tsv
      protlstm check viruses.tsv --label-column host --hosts all
    """
    check_output(output, force=force)
    from sklearn_protlstm.datasets import fetch_uniprot_hosts

    viruses = fetch_uniprot_hosts(query, hosts=hosts, as_frame=True, verbose=is_interactive())
    rows = ([*map(_join, row)] for row in viruses.frame.itertuples(index=False))
    write_rows(output, [viruses.frame.columns, *rows])
    facts = {
        "output": output,
        "n_proteins": len(viruses.frame),
        "n_hosts": len(viruses.target_names),
        "n_without_host": viruses.n_without_host,
        "n_several_hosts": viruses.n_several_hosts,
        "release": viruses.release,
        "sha256": viruses.sha256,
    }
    if as_json:
        print_json(facts)
        return
    several = f", {viruses.n_several_hosts} with several hosts" if hosts == "only" else ""
    click.echo(
        f"{output}: {facts['n_proteins']} proteins with {facts['n_hosts']} hosts from UniProt "
        f"{viruses.release}. Left out: {viruses.n_without_host} without a host{several}."
    )


def _join(value):
    return SEPARATOR.join(map(str, value)) if isinstance(value, tuple) else value
