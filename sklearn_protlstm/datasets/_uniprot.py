"""Viral proteins and their hosts, as UniProt's search service knows them."""

import hashlib
from numbers import Integral, Real
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
from sklearn.datasets import get_data_home
from sklearn.utils import Bunch
from tqdm.auto import tqdm

from sklearn_protlstm._optional import make_frame
from sklearn_protlstm.datasets._download import Patience, TransferError
from sklearn_protlstm.datasets._page_cache import read_page, write_page
from sklearn_protlstm.datasets._uniprot_pages import SearchResult, download_page, first_url
from sklearn_protlstm.exceptions import DownloadError

__all__ = ["fetch_uniprot_hosts"]

_SEARCH_URL = "https://rest.uniprot.org/uniprotkb/search"

_DESCR = """\
Viral proteins and the hosts of their viruses, from UniProt
===========================================================

Query         {query}
Address       {url}
Release       {release}
SHA-256       {sha256}
Proteins      {n_found} found, {n_kept} kept
Left out      {n_without_host} without a host, {n_several_hosts} with several hosts

A host is an organism, or a group of organisms such as "Aves (birds)", that the virus can infect
by what UniProt knows; there may be others. It is a property of the virus and not of the protein,
so that host and virus are confounded. Relatives are many: give homology groups to the splitter,
as sklearn_protlstm.splitting.cluster_sequences makes them.

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
    """Download viral proteins and the hosts of their viruses from UniProt, once.

    The result is kept on disk page by page. A download that was interrupted goes on with the
    page that it had come to; one that is complete is read without a network.

    Parameters
    ----------
    query : str
        What to search for, in the `query syntax <https://www.uniprot.org/help/query-fields>`_ of
        UniProtKB, such as ``"(reviewed:true) AND (virus_host_id:9606)"``.
    hosts : {"single", "all"}, default="single"
        Which proteins to keep. "single" keeps those with exactly one host, ready for a
        classifier. "all" keeps those with one host or more, and makes each entry of ``target`` a
        tuple, ready for :class:`~sklearn.preprocessing.MultiLabelBinarizer`. Proteins without a
        host are left out in both cases: their hosts are unknown, not absent.
    data_home : str or path-like, default=None
        Folder for downloaded data, as in scikit-learn: by default ``~/scikit_learn_data``, or
        what the environment variable ``SCIKIT_LEARN_DATA`` says. Each query has a folder of its
        own below ``uniprot_hosts``.
    download_if_missing : bool, default=True
        If False, use what is on disk, and raise an error if that is not the whole result.
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        If True, everything of one entry per protein is a pandas Series, and ``frame`` holds the
        whole table. Needs pandas.
    n_retries : int, default=3
        Further tries of a page after a failure that may pass: a broken connection, a minute of
        silence, or a busy server.
    delay : float, default=1.0
        Seconds before the second try, doubled before each later one. The service may ask for
        more, up to two minutes.
    verbose : bool, default=False
        If True, show a progress bar.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object with these attributes.

        data : ndarray of shape (n_samples,), dtype object, or Series
            Sequences as UniProt gives them.
        target : ndarray of shape (n_samples,), dtype str or object, or Series
            Hosts as UniProt names them, such as ``Homo sapiens (Human)``. Tuples of names with
            ``hosts="all"``.
        host_taxid : ndarray of shape (n_samples,), dtype int64 or object, or Series
            NCBI taxonomy identifiers of the hosts, such as 9606. Tuples with ``hosts="all"``.
        accession : ndarray of shape (n_samples,), dtype object, or Series
            UniProt accessions, in the order of the service.
        organism : ndarray of shape (n_samples,), dtype object, or Series
            Names of the viruses.
        target_names : list of str
            All hosts in alphabetical order.
        n_found : int
            Number of proteins that the query finds.
        n_without_host : int
            Number of them without a host. They are left out.
        n_several_hosts : int
            Number of them with several hosts. They are left out with ``hosts="single"``.
        release : str or None
            UniProt release, such as ``2025_01``; None if the service did not name it.
        sha256 : str
            SHA-256 of all pages as they came. The same value means the same data.
        frame : DataFrame of shape (n_samples, 5) or None
            Columns accession, organism, host, host_taxid and sequence. None unless
            ``as_frame=True``.
        DESCR : str
            Provenance, licence and limits of the set.
        folder : str
            Where the pages are kept. Delete it to download the present release.

    (data, target) : tuple if ``return_X_y`` is True
        Sequences and hosts, as above.

    Raises
    ------
    DownloadError
        If the service cannot be reached, or sends what it should not. Pages that came before are
        kept.
    FileNotFoundError
        If ``download_if_missing=False`` and the result is not on disk, or not whole.
    ValueError
        If a parameter is out of its range, or if no protein is left.
    ImportError
        If ``as_frame=True`` and pandas is not installed.

    Warns
    -----
    AlteredCacheWarning
        If a page on disk is not what was downloaded. It is downloaded again.

    See Also
    --------
    load_virus_hosts : Viral proteins that need no network, with homology groups.
    sklearn_protlstm.splitting.cluster_sequences : Homology groups for cross-validation.

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
    result, folder = _fetch(
        query,
        data_home=data_home,
        download_if_missing=download_if_missing,
        verbose=verbose,
        search_url=_SEARCH_URL,
        patience=Patience(n_retries=int(n_retries), delay=float(delay)),
    )
    return _to_bunch(result, folder, query, hosts, return_X_y, as_frame)


def _check_parameters(query, hosts, n_retries, delay):
    if not isinstance(query, str) or not query.strip():
        raise ValueError(
            "query must be a string in UniProt's query syntax, such as "
            f"'(reviewed:true) AND (virus_host_id:9606)'; got {query!r}."
        )
    if not isinstance(hosts, str) or hosts not in ("single", "all"):
        raise ValueError(f"hosts must be 'single' or 'all'; got {hosts!r}.")
    if not isinstance(n_retries, Integral) or n_retries < 0:
        raise ValueError(f"n_retries must be an integer of at least 0; got {n_retries!r}.")
    if not isinstance(delay, Real) or not 0 <= delay < float("inf"):
        raise ValueError(f"delay must be a number of seconds of at least 0; got {delay!r}.")


def _fetch(query, *, data_home, download_if_missing, verbose, search_url, patience):
    """All proteins of a query, from disk as far as they are there, and their folder."""
    url = first_url(query, search_url)
    name = hashlib.sha256(url.encode("ascii")).hexdigest()[:16]
    folder = Path(get_data_home(data_home)) / "uniprot_hosts" / name
    if download_if_missing:
        folder.mkdir(parents=True, exist_ok=True)
    result = SearchResult()
    with tqdm(desc="UniProt", unit=" proteins", disable=not verbose) as bar:
        number = 1
        while url is not None:
            path = folder / f"page_{number:05d}.gz"
            page = read_page(path, url)
            is_new = page is None
            if is_new and not download_if_missing:
                raise FileNotFoundError(_missing_message(query, number, folder))
            try:
                if is_new:
                    page = download_page(url, patience)
                n_proteins = result.add(page)
            except TransferError as error:
                message = _failure_message(query, number, urlsplit(url).netloc, folder, error)
                raise DownloadError(message, url, str(folder)) from error
            # Only now: a page on disk is one that was found to be good.
            if is_new:
                write_page(path, page)
            bar.total = result.total
            bar.update(n_proteins)
            url = page.next_url
            number += 1
    return result, folder


def _missing_message(query, number, folder):
    return (
        f"Page {number} of the proteins that UniProt finds for {query!r} is not in {folder}, and "
        "download_if_missing=False. Call again with download_if_missing=True on a machine with a "
        "network, or give the data_home that holds them."
    )


def _failure_message(query, number, host, folder, error):
    if number == 1:
        way_out = "Call again later."
    else:
        kept = "Page 1 is" if number == 2 else f"Pages 1 to {number - 1} are"
        way_out = (
            f"{kept} kept in {folder}: call again later to go on from there, or delete that folder "
            "to start anew."
        )
    return (
        f"Page {number} of the proteins for {query!r} did not come from {host}: {error}. {way_out} "
        f"Without a network, make the same call on another machine and copy its {folder.name} to "
        f"{folder.parent}, or use load_virus_hosts(), which needs none."
    )


def _to_bunch(result, folder, query, hosts, return_X_y, as_frame):
    n_hosts = np.array([len(protein.hosts) for protein in result.proteins])
    wanted = n_hosts == 1 if hosts == "single" else n_hosts >= 1
    counts = {
        "n_found": len(n_hosts),
        "n_without_host": int(np.sum(n_hosts == 0)),
        "n_several_hosts": int(np.sum(n_hosts > 1)),
    }
    if not np.any(wanted):
        raise ValueError(_nothing_left_message(query, hosts, counts))
    kept = [result.proteins[row] for row in np.flatnonzero(wanted)]
    columns = _to_columns(kept, hosts)
    frame = None
    if as_frame:
        frame = columns = make_frame(columns, "fetch_uniprot_hosts(as_frame=True)")
    if return_X_y:
        return columns["sequence"], columns["host"]
    facts = counts | {"release": result.release, "sha256": result.digest.hexdigest()}
    return Bunch(
        data=columns["sequence"],
        target=columns["host"],
        host_taxid=columns["host_taxid"],
        accession=columns["accession"],
        organism=columns["organism"],
        target_names=sorted({name for protein in kept for name, _ in protein.hosts}),
        frame=frame,
        DESCR=_DESCR.format(
            query=query, url=first_url(query, _SEARCH_URL), n_kept=len(kept), **facts
        ),
        folder=str(folder),
        **facts,
    )


def _nothing_left_message(query, hosts, counts):
    way_out = "Widen the query"
    if hosts == "single" and counts["n_several_hosts"]:
        way_out += ", or keep proteins with several hosts with hosts='all'"
    return (
        f"No protein is left of query={query!r} with hosts={hosts!r}: UniProt finds "
        f"{counts['n_found']:,}, of which {counts['n_without_host']:,} have no host and "
        f"{counts['n_several_hosts']:,} have several. {way_out}."
    )


def _to_columns(proteins, hosts):
    """Columns by name, each an array of shape (n_samples,)."""
    columns = {
        "accession": [protein.accession for protein in proteins],
        "organism": [protein.organism for protein in proteins],
        "host": [tuple(name for name, _ in protein.hosts) for protein in proteins],
        "host_taxid": [tuple(taxid for _, taxid in protein.hosts) for protein in proteins],
        "sequence": [protein.sequence for protein in proteins],
    }
    if hosts == "single":
        columns["host"] = [name for (name,) in columns["host"]]
        columns["host_taxid"] = [taxid for (taxid,) in columns["host_taxid"]]
    # object: a fixed-width array would give each sequence the room of the longest
    columns = {
        name: np.fromiter(values, dtype=object, count=len(proteins))
        for name, values in columns.items()
    }
    if hosts == "single":
        columns["host"] = columns["host"].astype(str)
        columns["host_taxid"] = columns["host_taxid"].astype(np.int64)
    return columns
