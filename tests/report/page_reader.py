"""Read a page as a browser does, and collect what is wrong with it."""

from html.parser import HTMLParser
from itertools import pairwise

VOID = {"img", "meta"}


class PageReader(HTMLParser):
    """Tags, attributes and text of a page; `problems` lists tags that are not closed."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.problems, self.text, self._open = [], [], [], []
        self.feed(html)
        self.close()
        self.problems += [f"{tag} is not closed" for tag in self._open]

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        if not self._open or self._open.pop() != tag:
            self.problems.append(f"{tag} is closed in the wrong place")

    def handle_data(self, data):
        self.text.append(data)

    def all(self, *names):
        """Attributes of the tags with one of the names."""
        return [attributes for tag, attributes in self.tags if tag in names]

    def joined_text(self):
        return " ".join(" ".join(self.text).split())


def list_faults(html):
    """Faults that a reader with a screen reader, without a network or on paper would notice."""
    page = PageReader(html)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    levels = [int(tag[1]) for tag, _ in page.tags if tag in {"h1", "h2", "h3", "h4"}]
    targets = [
        a.get("href") or a.get("src") or "nothing" for a in page.all("a", "img", "link", "script")
    ]
    return [
        *page.problems,
        *(f"id {id_} occurs twice" for id_ in set(ids) if ids.count(id_) > 1),
        *(
            f"heading {low} is followed by {high}"
            for low, high in pairwise(levels)
            if high > low + 1
        ),
        *(["not one h1"] if levels.count(1) != 1 else []),
        *(f"{a} without scope" for a in page.all("th") if a.get("scope") not in {"row", "col"}),
        *(f"{a} without alt" for a in page.all("img") if not a.get("alt")),
        *(f"{a} scrolls without a name" for a in scrolling(page) if not a.get("aria-label")),
        *(
            f"{tag} is active"
            for tag, _ in page.tags
            if tag in {"script", "iframe", "object", "link"}
        ),
        *(f"{name} is active" for _, a in page.tags for name in a if name.startswith("on")),
        *(f"{t[:40]} is elsewhere" for t in targets if not t.startswith(("data:image/", "#"))),
        *(f"{t} leads nowhere" for t in targets if t[0] == "#" and t[1:] not in ids),
        *(["no language"] if page.all("html") != [{"lang": "en"}] else []),
        *(["styles from elsewhere"] if "url(" in html or "@import" in html else []),
    ]


def scrolling(page):
    return [a for _, a in page.tags if "tabindex" in a and "role" in a]
