"""A local server that imitates UniProt's stream endpoint and its failures."""

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

HUMAN = "Homo sapiens (Human) [TaxID: 9606]"
PIG = "Sus scrofa (Pig) [TaxID: 9823]"
BAT = "Pipistrellus abramus (Japanese pipistrelle) (Pipistrellus javanicus abramus) [TaxID: 105295]"
HEADER = "Entry\tOrganism\tVirus hosts\tLength\tSequence"
QUERY = "(reviewed:true) AND (organism_name:'A & B = ü')"


def row(accession, hosts, sequence="MNTQ", organism="Influenza A virus (strain A/x/1934 H1N1)"):
    return "\t".join([accession, organism, hosts, str(len(sequence)), sequence])


def table_of(*rows):
    return gzip.compress("\n".join([HEADER, *rows, ""]).encode(), mtime=0)


ROWS = [
    row("P1", HUMAN, "MNTQILVF"),
    row("P2", f"Aves (birds) [TaxID: 8782]; {HUMAN}; {PIG}"),
    row("P3", "", "ACDX"),
    row("P4", PIG, "ACDE"),
    row("P5", BAT, "KLMU", organism="Bat virus"),
]


class UniProtServer(ThreadingHTTPServer):
    """Serve `rows`, after one misbehaviour for each of the first requests."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.stream_url = f"http://127.0.0.1:{self.server_port}/uniprotkb/stream"
        self.rows = list(ROWS)
        self.release = "2025_01"
        self.total = None
        self.misbehaviours = []
        self.n_requests = 0
        self.closing = threading.Event()

    def handle_error(self, *_):
        """Print no traceback if a client hangs up."""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.parameters = parse_qs(urlsplit(self.path).query)
        self.server.n_requests += 1
        if self.server.misbehaviours:
            self.server.misbehaviours.pop(0)(self)
        else:
            self.answer()

    def answer(self, body=None, status=200, **headers):
        if body is None:
            body = table_of(*self.server.rows)
        standard = {
            "Content-Length": len(body),
            "X-Total-Results": self.server.total,
            "X-UniProt-Release": self.server.release,
        }
        self.send_response(status)
        for name, value in (standard | headers).items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def answer(body=None, status=200, **headers):
    body = body.encode() if isinstance(body, str) else body
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: handler.answer(body, status, **headers)


def answer_in_chunks(handler):
    """Send the table without a Content-Length, as UniProt does."""
    handler.protocol_version = "HTTP/1.1"
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.send_header("Connection", "close")
    handler.end_headers()
    body = table_of(*handler.server.rows)
    handler.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))


def stay_silent(handler):
    handler.server.closing.wait(20)


def send_without_end(handler):
    handler.send_response(200)
    handler.end_headers()
    while not handler.server.closing.wait(0.02):
        handler.wfile.write(bytes(1 << 15))


def hang_up(handler):
    handler.connection.close()


def hang_up_within_a_chunk(handler):
    handler.protocol_version = "HTTP/1.1"
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"5\r\nEntry\r\nff\r\n\tOrg")
