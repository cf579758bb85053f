"""The report of the records that a reader dropped."""

from dataclasses import dataclass, field

from sklearn_protlstm._optional import make_frame

__all__ = ["ReadReport"]

# The number of ids that a report lists for each reason.
N_FIRST_IDS = 5


@dataclass(frozen=True)
class ReadReport:
    """How many records a reader kept, and why it dropped the others.

    Parameters
    ----------
    source : str
        Name of the file.
    n_kept : int
        Number of records in the table.
    counts : dict of str to int
        Number of dropped records for each reason, such as "no host". A record counts once, under
        the first reason that applies: no label, several labels, no sequence or translation, too
        short, ambiguous residues, duplicate.
    first_ids : dict of str to tuple of str
        Ids of the first five records dropped for each reason.
    n_kept_by_hosts : dict of str to int, optional
        Number of records that each value of the reader's parameter `hosts` keeps: "all", "first"
        and "only". It is empty unless the table was read with ``hosts="all"``. The last line of the
        printed report is then like ``hosts="all" keeps 9, hosts="first" keeps 9, hosts="only" keeps
        7``.

    See Also
    --------
    SequenceTable : The table that has this report.

    Examples
    --------
    >>> from sklearn_protlstm.readers import ReadReport
    >>> report = ReadReport("flu.gb", 7, {"no host": 2}, {"no host": ("AAX1.1", "AAX2.1")})
    >>> print(report)
    flu.gb: 7 of 9 records kept, 2 dropped
      no host: 2 (AAX1.1, AAX2.1)
    >>> report.n_dropped
    2
    """

    source: str
    n_kept: int
    counts: dict = field(default_factory=dict)
    first_ids: dict = field(default_factory=dict)
    n_kept_by_hosts: dict = field(default_factory=dict)

    @property
    def n_dropped(self):
        """Number of dropped records."""
        return sum(self.counts.values())

    def __str__(self):
        n_read = self.n_kept + self.n_dropped
        lines = [f"{self.source}: {self.n_kept} of {n_read} records kept, {self.n_dropped} dropped"]
        if not self.n_dropped:
            lines = [f"{self.source}: all {n_read} records kept"]
        for reason, count in self._by_frequency():
            ids = self.first_ids[reason]
            more = ", ..." if count > len(ids) else ""
            lines.append(f"  {reason}: {count} ({', '.join(ids)}{more})")
        if self.n_kept_by_hosts:
            kept = [f'hosts="{hosts}" keeps {n}' for hosts, n in self.n_kept_by_hosts.items()]
            lines.append(f"  {', '.join(kept)}")
        return "\n".join(lines)

    def frame(self):
        """Return the reasons as a pandas DataFrame, the most frequent first.

        Returns
        -------
        DataFrame of shape (n_reasons, 3)
            Columns reason, n_dropped and first_ids.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        rows = self._by_frequency()
        columns = {
            "reason": [reason for reason, _ in rows],
            "n_dropped": [count for _, count in rows],
            "first_ids": [", ".join(self.first_ids[reason]) for reason, _ in rows],
        }
        return make_frame(columns, "ReadReport.frame()")

    def _by_frequency(self):
        return sorted(self.counts.items(), key=lambda item: -item[1])
