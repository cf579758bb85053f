"""Link names to the API reference.

Code in the text that is a public name, as in ``compare_models()``, becomes a link, and so does a
role with a short name. Parameters and attributes get an anchor. Attributes are in the index and
search.
"""

from docutils import nodes
from sphinx import addnodes
from sphinx.ext.intersphinx import InventoryAdapter
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode

LINKED = ("class", "exception", "function")
LINKED_WITH_CLASS = (*LINKED, "method", "attribute", "property")
SECTIONS = ("Parameters", "Other Parameters", "Attributes")


def setup(app):
    app.connect("doctree-read", add_anchors)
    app.connect("missing-reference", resolve_short_name)
    app.add_post_transform(CodeLinks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def add_anchors(app, doctree):
    """Give the parameters and attributes in numpydoc sections an anchor."""
    for description in doctree.findall(addnodes.desc):
        if description["domain"] == "py" and description[0]["ids"]:
            for section, term in find_terms(description[-1]):
                add_anchor(app.env, description[0]["ids"][0], section, term)


def find_terms(content):
    """Names in the sections of a docstring, without those of the methods."""
    for fields in content.children:
        if isinstance(fields, nodes.field_list):
            for field in fields:
                section = field[0].astext()
                if section in SECTIONS:
                    yield from ((section, term) for term in field.findall(nodes.term))


def add_anchor(env, owner, section, term):
    names = next(term.findall(nodes.strong), None)
    if names is None:  # numpydoc links a property to its own description
        return
    domain = env.domains.python_domain
    for name in names.astext().replace("*", "").split(", "):
        anchor = f"{owner}.{name}"
        if anchor not in domain.objects:
            term["ids"].append(anchor)
            link = nodes.reference("", "#", refid=anchor, classes=["headerlink"])
            term += link
            link["reftitle"] = f"Link to {name}"
            if section == "Attributes":
                domain.note_object(anchor, "attribute", anchor, location=term)


def find_public_name(env, name):
    """Full name, page and anchor of a public name, if no other one ends like this."""
    kinds = LINKED_WITH_CLASS if "." in name else LINKED
    found = [
        (full_name, entry.docname, entry.node_id)
        for full_name, entry in env.domains.python_domain.objects.items()
        if f".{full_name}".endswith(f".{name}") and entry.objtype in kinds and not entry.aliased
    ]
    return found[0] if len(found) == 1 else None


def resolve_short_name(app, env, node, contents):
    """Resolve a role with the name alone, or with the module where a name is defined."""
    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"]
    found = find_public_name(env, target.rpartition(".")[2] if is_own(target) else target)
    if found is None:
        return None
    full_name, page, anchor = found
    return make_refnode(app.builder, node["refdoc"], page, anchor, contents, full_name)


def is_own(target):
    return target.startswith("sklearn_protlstm.")


class CodeLinks(SphinxPostTransform):
    """Turn inline code that is a public name into a link."""

    default_priority = 5  # before roles become links

    def run(self, **kwargs):
        for literal in list(self.document.findall(nodes.literal)):
            if not is_inside(literal, (nodes.reference, nodes.title, addnodes.pending_xref)):
                target = self.find_target(literal.astext().removesuffix("()"))
                if target:
                    literal.replace_self(role(target, self.env.docname, literal.deepcopy()))

    def find_target(self, name):
        found = find_public_name(self.env, name)
        if found is None:
            return self.find_elsewhere(name)
        full_name, page, _ = found
        return full_name if page != self.env.docname else None

    def find_elsewhere(self, name):
        """Full name in another library. The builtins of Python need no link."""
        inventories = InventoryAdapter(self.env).named_inventory
        names = [
            full_name
            for library in inventories.keys() - {"python"}
            for kind in LINKED
            for full_name in inventories[library].get(f"py:{kind}", {})
        ]
        return next((full for full in sorted(names) if f".{full}".endswith(f".{name}")), None)


def role(target, page, contents):
    options = {"refdomain": "py", "reftype": "obj", "reftarget": target, "refdoc": page}
    return addnodes.pending_xref("", contents, refexplicit=True, refwarn=False, **options)


def is_inside(node, kinds):
    while node is not None and not isinstance(node, kinds):
        node = node.parent
    return node is not None
