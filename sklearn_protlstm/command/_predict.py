"""The subcommand `predict`: predictions for new proteins, beside the nearest training proteins."""

import os
from collections import Counter
from contextlib import suppress
from itertools import islice
from pathlib import Path

import click

from sklearn_protlstm.command._errors import Subcommand, resumable
from sklearn_protlstm.command._input import Source, as_fasta
from sklearn_protlstm.command._options import (
    FORCE,
    JSON,
    SEPARATOR,
    input_options,
    output_option,
    with_options,
)
from sklearn_protlstm.command._output import (
    check_output,
    is_interactive,
    print_json,
    print_table,
    say,
    working,
    write_rows,
)

__all__ = ["predict"]

_CHUNK_SIZE = 4096
_SKIPPED = ".skipped.tsv"
_NO_LABEL = "(no label)"
_RELATIVES = ["nearest_label", "percent_identity", "percent_coverage"]


@click.command(cls=Subcommand)
@click.argument("model", type=click.Path(exists=True, dir_okay=False))
@with_options(
    input_options,
    output_option("hosts.tsv", "TSV file to write."),
    click.option(
        "--skip-invalid",
        is_flag=True,
        help="Leave out sequences that are not proteins, such as those with digits, and list them "
        "in FILE.skipped.tsv.  Example: --skip-invalid",
    ),
    FORCE,
    JSON,
)
def predict(model, output, skip_invalid, force, as_json, **source):
    """Predict the proteins of a file.

    The columns are id, prediction, probability (the highest one), reason (why the prediction is
    unknown), the label and the similarity of the nearest training protein, and the probability of
    each class.

    A model of any number of labels predicts all of them, as in human;pig. Its columns are id,
    prediction and the probability of each label.

    Predictions go to FILE.partial until they are complete. Run an interrupted command again to
    resume it.

    \b
    Examples:
      protlstm predict hosts.model unknown.fasta -o hosts.tsv
      zcat unknown.fasta.gz | protlstm predict hosts.model - -o hosts.tsv --json
    """
    source = Source(**source)
    check_output(output, force=force, inputs=[model, source.proteins])
    check_output(f"{output}{_SKIPPED}", force=force)
    fitted = _load(model)
    partial = f"{output}.partial"
    with (
        resumable(f"Run the same command again to resume from {partial}."),
        as_fasta(source) as fasta,
    ):
        _predict_fasta(fitted, fasta, partial, skip_invalid)
        counts = _finish(fitted, fasta, partial, output)
    n_skipped = _remove_partial(partial, output)
    if as_json:
        print_json({"output": output, "n_skipped": n_skipped, "predictions": counts})
        return
    kind = "label" if _predicts_multilabel(fitted) else "prediction"
    print_table({kind: list(counts), "proteins": list(counts.values())}, title=output)
    if n_skipped:
        say(f"{n_skipped} sequences were skipped. They are in {output}{_SKIPPED}.")


def _load(path):
    from sklearn_protlstm.persistence import load_model

    with working("Loading the model"):
        return load_model(path)


def _predict_fasta(fitted, fasta, partial, skip_invalid):
    from sklearn_protlstm.table_prediction import predict_fasta

    predict_fasta(
        fitted,
        fasta,
        partial,
        on_invalid="skip" if skip_invalid else "raise",
        verbose=int(is_interactive()),
    )


def _finish(fitted, fasta, partial, output):
    """Write the final table, and count the classes or labels, the most frequent first."""
    counts = Counter()
    with working("Looking for the nearest training proteins"):
        write_rows(output, _final_rows(fitted, fasta, partial, counts))
    return {name or _NO_LABEL: n for name, n in counts.most_common()}


def _final_rows(fitted, fasta, partial, counts):
    """Yield the header and the rows of the final table, and count the predictions.

    Rows are read in chunks, so memory does not grow with the file.
    """
    multilabel = _predicts_multilabel(fitted)
    knows_proteins = getattr(fitted, "sequences_", None) is not None
    sequences = _predicted_sequences(fasta, partial)
    with open(partial, encoding="utf-8", newline="\n") as file:
        rows = (line.rstrip("\n").split("\t") for line in file)
        header = next(rows)
        n_texts = 3 if header[2] == "reason" else 2
        added = _RELATIVES if knows_proteins else []
        highest = [] if multilabel else ["probability"]
        yield [*header[:2], *highest, *header[2:n_texts], *added, *header[n_texts:]]
        while chunk := list(islice(rows, _CHUNK_SIZE)):
            relatives = [[]] * len(chunk)
            if knows_proteins:
                relatives = _find_relatives(fitted, list(islice(sequences, len(chunk))))
            for row, relative in zip(chunk, relatives):
                probabilities = row[n_texts:]
                highest = [] if multilabel else [max(probabilities, key=float)]
                counts.update(row[1].split(SEPARATOR) if multilabel else row[1:2])
                yield [*row[:2], *highest, *row[2:n_texts], *relative, *probabilities]


def _predicts_multilabel(fitted):
    from sklearn_protlstm._labels.models import predicts_multilabel

    return predicts_multilabel(fitted)


def _predicted_sequences(fasta, partial):
    """Yield the sequences that have a row."""
    from sklearn_protlstm.readers import iter_fasta

    skipped = set(_skipped_numbers(partial))
    for number, (_, _, sequence) in enumerate(iter_fasta(fasta)):
        if number not in skipped:
            yield sequence


def _skipped_numbers(partial):
    """Return the numbers of the records without a row."""
    try:
        lines = Path(f"{partial}{_SKIPPED}").read_text(encoding="utf-8").splitlines()[1:]
    except FileNotFoundError:
        return []
    return [int(line.partition("\t")[0]) for line in lines]


def _find_relatives(fitted, sequences):
    """Return label, percent identity and percent coverage of the nearest training proteins."""
    from sklearn_protlstm.homology import nearest_proteins

    labels = fitted.classes_[fitted.codes_]
    return [
        [labels[index], f"{100 * identity:.1f}", f"{100 * coverage:.1f}"]
        if index >= 0
        else [""] * 3
        for index, identity, coverage in zip(*nearest_proteins(sequences, fitted.sequences_))
    ]


def _remove_partial(partial, output):
    """Remove the partial file, keep the list of skipped records, and return their number."""
    n_skipped = len(_skipped_numbers(partial))
    Path(f"{output}{_SKIPPED}").unlink(missing_ok=True)  # of an earlier prediction
    with suppress(FileNotFoundError):
        os.replace(f"{partial}{_SKIPPED}", f"{output}{_SKIPPED}")
    Path(partial).unlink()
    return n_skipped
