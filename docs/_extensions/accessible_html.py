"""Make the HTML of references accessible: the children of a list are its items."""

from docutils import nodes
from sphinx.writers.html5 import HTML5Translator


def setup(app):
    html = (visit_citation, HTML5Translator.depart_citation)
    app.add_node(nodes.citation, override=True, html=html)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def visit_citation(translator, node):
    start = len(translator.body)
    HTML5Translator.visit_citation(translator, node)
    translator.body[start:] = [
        part.replace("doc-biblioentry", "listitem") for part in translator.body[start:]
    ]
