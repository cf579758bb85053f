"""The subcommand `fetch`: viral proteins and their hosts from UniProt."""

import click

from sklearn_protlstm.command._errors import Subcommand
from sklearn_protlstm.command._options import FORCE, JSON, output_option, with_options
from sklearn_protlstm.command._output import check_output, is_interactive, print_json, write_rows

__all__ = ["fetch"]


@click.command(cls=Subcommand)
@click.argument("query")
@with_options(output_option("viruses.tsv", "TSV file to write."), FORCE, JSON)
def fetch(query, output, force, as_json):
    """Download viral proteins and hosts from UniProt.

    Only proteins with one known host are kept.
    QUERY is in UniProt's syntax (https://www.uniprot.org/help/query-fields). The columns are
    accession, organism, host, host_taxid and sequence.

    \b
    Example:
      protlstm fetch 'taxonomy_id:11118 AND reviewed:true' -o viruses.tsv
      protlstm check viruses.tsv --label-column host
    """
    check_output(output, force=force)
    from sklearn_protlstm.datasets import fetch_uniprot_hosts

    viruses = fetch_uniprot_hosts(query, as_frame=True, verbose=is_interactive())
    write_rows(output, [viruses.frame.columns, *viruses.frame.itertuples(index=False)])
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
    click.echo(
        f"{output}: {facts['n_proteins']} proteins with {facts['n_hosts']} hosts from UniProt "
        f"{viruses.release}. Left out: {viruses.n_without_host} without a host, "
        f"{viruses.n_several_hosts} with several hosts."
    )
