"""Pages of a UniProt search: how to ask for them, what they hold, and whether they fit together."""

import hashlib
import re
from typing import NamedTuple
from urllib.parse import urlencode, urljoin, urlsplit

from sklearn_protlstm.datasets._download import TransferError, download
from sklearn_protlstm.datasets._page_cache import Page

__all__ = ["Protein", "SearchResult", "download_page", "first_url"]

_PAGE_SIZE = 500  # the most that the service gives at once

# Fields by the name of their column. The length is there to see that the sequence is whole.
_FIELDS = {
    "Entry": "accession",
    "Organism": "organism_name",
    "Virus hosts": "virus_hosts",
    "Length": "length",
    "Sequence": "sequence",
}

# "Homo sapiens (Human) [TaxID: 9606]; Sus scrofa (Pig) [TaxID: 9823]"
_HOST = re.compile(r"(.*?\S) \[TaxID: (\d+)\](?:; ?|$)")
_NEXT_LINK = re.compile(r'<([^<>]*)>[^<]*?;\s*rel="?next"?(?=[\s;,]|$)', re.IGNORECASE)


class Protein(NamedTuple):
    """One row of a page.

    Parameters
    ----------
    accession : str
        UniProt accession.
    organism : str
        Name of the virus.
    sequence : str
        Residues.
    hosts : tuple of (str, int)
        Name and NCBI taxonomy identifier of each host.
    """

    accession: str
    organism: str
    sequence: str
    hosts: tuple


class SearchResult:
    """What the pages of one search hold, as far as they have been read.

    Attributes
    ----------
    proteins : list of Protein
        In the order of the service.
    release : str or None
        UniProt release of all pages.
    total : int or None
        Number of proteins that the service announced.
    digest : hash object
        SHA-256 of all pages so far.
    """

    def __init__(self):
        self.proteins = []
        self.release = None
        self.total = None
        self.digest = hashlib.sha256()
        self._accessions = set()
        self._urls = set()

    def add(self, page):
        """Add the next page, if it fits to those before it.

        Parameters
        ----------
        page : Page
            The page to which the last one linked.

        Returns
        -------
        int
            Number of proteins on it.

        Raises
        ------
        TransferError
            If it cannot be read, repeats something, or is of another release; if its proteins
            are not as many as announced. The result is then of no further use.
        """
        proteins = _read_proteins(page.text)
        if not self._urls:
            self.release, self.total = page.release, page.total
        if page.release != self.release:
            raise TransferError(
                f"it is of UniProt release {page.release}, but the pages before it are of "
                f"{self.release}"
            )
        self._urls.add(page.url)
        if page.next_url in self._urls:
            raise TransferError("its link to the next page leads back to a page read before")
        if not proteins and page.next_url is not None:
            raise TransferError("it holds no protein, but links to a next page")
        for protein in proteins:
            if protein.accession in self._accessions:
                raise TransferError(f"it holds protein {protein.accession}, which came before")
            self._accessions.add(protein.accession)
        self.proteins += proteins
        self._check_total(is_last=page.next_url is None)
        self.digest.update(page.text.encode("utf-8"))
        return len(proteins)

    def _check_total(self, is_last):
        n_proteins = len(self.proteins)
        if self.total is None:
            return
        if n_proteins > self.total or (is_last and n_proteins < self.total):
            raise TransferError(
                f"with it there are {n_proteins:,} proteins{' and no next page' if is_last else ''}"
                f", but {self.total:,} were announced"
            )


def first_url(query, search_url):
    """Address of the first page of a search.

    Parameters
    ----------
    query : str
        What to search for.
    search_url : str
        Address of the search service.

    Returns
    -------
    str
        The address, in ASCII.
    """
    fields = ",".join(_FIELDS.values())
    parameters = {"query": query, "format": "tsv", "fields": fields, "size": _PAGE_SIZE}
    return f"{search_url}?{urlencode(parameters)}"


def download_page(url, patience):
    """Get one page of the result, not yet looked into.

    Parameters
    ----------
    url : str
        Where it is.
    patience : Patience
        How long, how often and how much.

    Returns
    -------
    Page
        The page, with the address of the next one.

    Raises
    ------
    TransferError
        If it does not come, is no text, or links to another server.
    """
    answer = download(url, patience)
    total = answer.headers.get("X-Total-Results", "")
    try:
        text = answer.body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TransferError(f"byte {error.start} of the answer is not UTF-8") from error
    return Page(
        text=text,
        url=url,
        next_url=_next_url(answer.headers.get_all("Link", []), url),
        release=answer.headers.get("X-UniProt-Release"),
        total=int(total) if total.isdecimal() else None,
    )


def _next_url(links, url):
    """Address of the next page; None on the last. It must be of the same server."""
    found = _NEXT_LINK.search(", ".join(links))
    if found is None:
        return None
    try:
        target = urljoin(url, found[1])
        here, there = urlsplit(url), urlsplit(target)
    except ValueError:
        raise TransferError(f"the link to the next page is no address: {found[1]!r}") from None
    # A server must not send its clients elsewhere, nor to where others can read along.
    if (here.scheme, here.netloc) != (there.scheme, there.netloc.lower()):
        raise TransferError(
            f"the link to the next page leads to {there.scheme}://{there.netloc}, which is not "
            f"followed from {here.scheme}://{here.netloc}"
        )
    return target


def _read_proteins(text):
    header, *lines = text.split("\n")
    if header.split("\t") != list(_FIELDS):
        raise TransferError(
            f"it begins with {header[:80]!r} where the columns {', '.join(_FIELDS)} were expected"
        )
    return [_read_protein(line) for line in lines if line]


def _read_protein(line):
    values = line.split("\t")
    if len(values) != len(_FIELDS):
        raise TransferError(
            f"its line {line[:80]!r} has {len(values)} columns instead of {len(_FIELDS)}"
        )
    accession, organism, hosts, length, sequence = values
    if not (accession.isalnum() and sequence.isascii() and sequence.isalpha()):
        raise TransferError(f"its line {line[:80]!r} has no accession or no sequence")
    if length != str(len(sequence)):
        raise TransferError(
            f"protein {accession} has {len(sequence):,} residues, but its length is {length!r}"
        )
    return Protein(accession, organism, sequence, _read_hosts(hosts, accession))


def _read_hosts(text, accession):
    """Names and taxonomy identifiers of the hosts, nothing of the text left over."""
    hosts, end = [], 0
    while end < len(text):
        found = _HOST.match(text, end)
        if found is None:
            raise TransferError(
                f"protein {accession} has the hosts {text[:200]!r}, which cannot be read as "
                "'name [TaxID: number]; ...'"
            )
        hosts.append((found[1], int(found[2])))
        end = found.end()
    return tuple(hosts)
