"""Viral proteins and the hosts of their viruses from UniProt."""

import hashlib
from numbers import Integral, Real
from pathlib import Path

import numpy as np
from sklearn.datasets import get_data_home
from sklearn.utils import Bunch

from sklearn_protlstm._optional import make_frame
from sklearn_protlstm.datasets._download import DownloadLimits, TransferError, download
from sklearn_protlstm.datasets._uniprot_cache import read_cache, write_cache
from sklearn_protlstm.datasets._uniprot_table import read_answer, table_url
from sklearn_protlstm.exceptions import DownloadError

__all__ = ["fetch_uniprot_hosts"]

# Both keep the proteins of exactly one host. "single" is the former name.
_ONE_HOST = ("single", "only")

_STREAM_URL = "https://rest.uniprot.org/uniprotkb/stream"

_DESCR = """\
Viral proteins and the hosts of their viruses, from UniProt
===========================================================

Query         {query}
Address       {url}
Release       {release}
SHA-256       {sha256}
Proteins      {n_found} found, {n_kept} kept
Left out      {left_out}

A host is an organism, or a group of organisms such as "Aves (birds)", that UniProt knows the virus
to infect. There may be others. The host is a property of the virus, not of the protein, so host
and virus are confounded. Many proteins are related: pass homology groups to the splitter. Make
them with sklearn_protlstm.homology.cluster_sequences.

UniProt data are (c) UniProt Consortium, under the Creative Commons Attribution 4.0 International
licence (CC BY 4.0, https://creativecommons.org/licenses/by/4.0/). Please credit: The UniProt
Consortium, "UniProt: the Universal Protein Knowledgebase in 2025", Nucleic Acids Research 53,
D609-D617 (2025), https://doi.org/10.1093/nar/gkae1010.
"""


def fetch_uniprot_hosts(
    query,
    *,
    hosts="single",
    data_home=None,
    download_if_missing=True,
    return_X_y=False,
    as_frame=False,
    n_retries=3,
    delay=1.0,
    verbose=False,
):
    """Load viral proteins and the hosts of their viruses from UniProt (classification).

    The proteins are downloaded on the first call and read from disk afterwards. The download
    needs `pooch <https://www.fatiando.org/pooch>`_; a set on disk needs no network and no pooch.

    Parameters
    ----------
    query : str
        Query in the `syntax of UniProtKB <https://www.uniprot.org/help/query-fields>`_, such as
        ``"(reviewed:true) AND (virus_host_id:9606)"``.
    hosts : {"only", "first", "all"}, default="single"
        Which proteins to keep. "only" keeps those with exactly one host, ready for a classifier;
        "single" is its former name. "first" also keeps those with several hosts, and uses the
        first one; their order has no meaning. "all" keeps the same proteins with all hosts. Each
        entry of ``target`` is then a tuple, ready for a multi-label classifier or
        :class:`~sklearn.preprocessing.MultiLabelBinarizer`. Proteins without a host are always
        left out: their hosts are unknown, not absent.
    data_home : str or path-like, default=None
        Folder for downloaded data. By default, scikit-learn's data folder: the environment
        variable ``SCIKIT_LEARN_DATA`` or else ``~/scikit_learn_data``. Each query has its own
        folder below ``uniprot_hosts``.
    download_if_missing : bool, default=True
        If False, raise a FileNotFoundError if the proteins are not on disk.
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        If True, return Series instead of arrays, and the whole table in ``frame``. Needs pandas.
    n_retries : int, default=3
        Number of retries after a failure that may pass: a broken connection, a minute of
        silence, a busy server or an incomplete answer.
    delay : float, default=1.0
        Number of seconds before the first retry, doubled before each further one. The server may
        ask for a longer delay, up to two minutes.
    verbose : bool, default=False
        If True, show a progress bar.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object with the following attributes.

        data : ndarray of shape (n_samples,), dtype object, or Series
            Sequences.
        target : ndarray of shape (n_samples,), dtype str or object, or Series
            Hosts as UniProt names them, such as ``Homo sapiens (Human)``. Tuples of names if
            ``hosts="all"``.
        host_taxid : ndarray of shape (n_samples,), dtype int64 or object, or Series
            NCBI taxonomy identifiers of the hosts, such as 9606. Tuples if ``hosts="all"``.
        accession : ndarray of shape (n_samples,), dtype object, or Series
            UniProt accessions, in UniProt's order.
        organism : ndarray of shape (n_samples,), dtype object, or Series
            Names of the viruses.
        target_names : list of str
            All hosts in ``target``, in alphabetical order.
        n_found : int
            Number of proteins that match the query.
        n_without_host : int
            Number of matching proteins without a host. They are left out.
        n_several_hosts : int
            Number of matching proteins with several hosts. They are left out by default.
        release : str or None
            UniProt release, such as ``2025_01``. None if UniProt did not name it.
        sha256 : str
            SHA-256 of the table before compression. Equal values mean equal data.
        frame : DataFrame of shape (n_samples, 5) or None
            Columns accession, organism, host, host_taxid and sequence. None unless
            ``as_frame=True``.
        DESCR : str
            Provenance, licence and limits of the set.
        folder : str
            Folder of the downloaded table. Delete it to download the current release.

    (data, target) : tuple if ``return_X_y=True``
        Sequences and hosts as above.

    Raises
    ------
    DownloadError
        If UniProt cannot be reached or its answer is not the expected table.
    FileNotFoundError
        If ``download_if_missing=False`` and the proteins are not on disk.
    ValueError
        If a parameter is out of range, or if no protein is left.
    ImportError
        If pooch is needed and not installed, or if ``as_frame=True`` and pandas is not installed.

    Warns
    -----
    AlteredCacheWarning
        If a file on disk has changed since it was downloaded. It is downloaded again.

    See Also
    --------
    load_virus_hosts : Bundled viral proteins with homology groups. Needs no network.
    sklearn_protlstm.homology.cluster_sequences : Homology groups for cross-validation.

    References
    ----------
    The UniProt Consortium. UniProt: the Universal Protein Knowledgebase in 2025. Nucleic Acids
    Research 53 (2025) D609-D617. :doi:`10.1093/nar/gkae1010`

    Examples
    --------
    >>> from sklearn_protlstm.datasets import fetch_uniprot_hosts
    >>> X, y = fetch_uniprot_hosts(
    ...     "(reviewed:true) AND (taxonomy_id:11118)", return_X_y=True
    ... )  # doctest: +SKIP
    """
    _check_parameters(query, hosts, n_retries, delay)
    limits = DownloadLimits(n_retries=int(n_retries), delay=float(delay))
    url = table_url(query, _STREAM_URL)
    folder = _cache_folder(url, data_home)
    table = read_cache(folder, url)
    if table is None:
        if not download_if_missing:
            raise FileNotFoundError(_missing_message(query, folder))
        table = _download_table(query, url, folder, limits, verbose)
    return _to_bunch(table, folder, url, query, hosts, return_X_y, as_frame)


def _check_parameters(query, hosts, n_retries, delay):
    if not isinstance(query, str) or not query.strip():
        raise ValueError(
            "query must be a string in UniProt's query syntax, such as "
            f"'(reviewed:true) AND (virus_host_id:9606)'; got {query!r}."
        )
    if not isinstance(hosts, str) or hosts not in (*_ONE_HOST, "first", "all"):
        raise ValueError(f"hosts must be 'only', 'first' or 'all'; got {hosts!r}.")
    if not isinstance(n_retries, Integral) or n_retries < 0:
        raise ValueError(f"n_retries must be an integer of at least 0; got {n_retries!r}.")
    if not isinstance(delay, Real) or not 0 <= delay < float("inf"):
        raise ValueError(f"delay must be a finite number of seconds of at least 0; got {delay!r}.")


def _cache_folder(url, data_home):
    name = hashlib.sha256(url.encode("ascii")).hexdigest()[:16]
    return Path(get_data_home(data_home)) / "uniprot_hosts" / name


def _download_table(query, url, folder, limits, verbose):
    """Download the table of a query and store it once it has been found valid."""
    folder.mkdir(parents=True, exist_ok=True)

    def read_and_store(body, headers):
        table = read_answer(body, headers)
        write_cache(folder, url, body, table)
        return table

    try:
        return download(url, read_and_store, limits, verbose=verbose)
    except TransferError as error:
        raise DownloadError(_failure_message(query, folder, error), url, str(folder)) from error


def _missing_message(query, folder):
    return (
        f"The UniProt proteins for query={query!r} are not in {folder}, and "
        "download_if_missing=False. Pass download_if_missing=True to download them, or pass the "
        "data_home that holds them."
    )


def _failure_message(query, folder, error):
    return (
        f"Downloading the UniProt proteins for query={query!r} failed: {error}. Try again later, "
        f"or try the query on https://www.uniprot.org. Without a network, copy {folder.name} from "
        f"the same folder of another machine to {folder.parent}, or use load_virus_hosts(), which "
        "needs no network."
    )


def _to_bunch(table, folder, url, query, hosts, return_X_y, as_frame):
    n_hosts = np.array([len(protein.hosts) for protein in table.proteins])
    wanted = n_hosts == 1 if hosts in _ONE_HOST else n_hosts >= 1
    counts = {
        "n_found": len(n_hosts),
        "n_without_host": int(np.sum(n_hosts == 0)),
        "n_several_hosts": int(np.sum(n_hosts > 1)),
    }
    if not np.any(wanted):
        raise ValueError(_nothing_left_message(query, hosts, counts))
    kept = [table.proteins[row] for row in np.flatnonzero(wanted)]
    columns = _to_columns(kept, hosts)
    frame = None
    if as_frame:
        frame = columns = make_frame(columns, "fetch_uniprot_hosts(as_frame=True)")
    if return_X_y:
        return columns["sequence"], columns["host"]
    facts = counts | {"release": table.release, "sha256": table.sha256}
    return Bunch(
        data=columns["sequence"],
        target=columns["host"],
        host_taxid=columns["host_taxid"],
        accession=columns["accession"],
        organism=columns["organism"],
        target_names=_list_hosts(columns["host"], hosts),
        frame=frame,
        DESCR=_DESCR.format(
            query=query,
            url=url,
            n_kept=len(kept),
            left_out=_describe_left_out(counts, hosts),
            **facts,
        ),
        folder=str(folder),
        **facts,
    )


def _list_hosts(column, hosts):
    return sorted(set().union(*column) if hosts == "all" else set(column.tolist()))


def _describe_left_out(counts, hosts):
    without_host = f"{counts['n_without_host']} without a host"
    if hosts in _ONE_HOST:
        return f"{without_host}, {counts['n_several_hosts']} with several hosts"
    return without_host


def _nothing_left_message(query, hosts, counts):
    remedy = "Widen the query"
    if hosts in _ONE_HOST and counts["n_several_hosts"]:
        remedy += ", or pass hosts='all' to keep proteins with several hosts"
    return (
        f"No protein is left for query={query!r} with hosts={hosts!r}. UniProt finds "
        f"{counts['n_found']:,} proteins: {counts['n_without_host']:,} without a host and "
        f"{counts['n_several_hosts']:,} with several hosts. {remedy}."
    )


def _to_columns(proteins, hosts):
    """Return the columns by name, each of shape (n_samples,)."""
    columns = {
        "accession": [protein.accession for protein in proteins],
        "organism": [protein.organism for protein in proteins],
        "host": [tuple(name for name, _ in protein.hosts) for protein in proteins],
        "host_taxid": [tuple(taxid for _, taxid in protein.hosts) for protein in proteins],
        "sequence": [protein.sequence for protein in proteins],
    }
    if hosts != "all":
        columns["host"] = [names[0] for names in columns["host"]]
        columns["host_taxid"] = [taxids[0] for taxids in columns["host_taxid"]]
    # A fixed-width dtype would pad each sequence to the longest one.
    columns = {
        name: np.fromiter(values, dtype=object, count=len(proteins))
        for name, values in columns.items()
    }
    if hosts != "all":
        columns["host"] = columns["host"].astype(str)
        columns["host_taxid"] = columns["host_taxid"].astype(np.int64)
    return columns
