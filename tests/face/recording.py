"""Keeps what a site renders: pages as they were sent, emails, and answers for programs."""

import inspect
import re
import sqlite3
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin

from playwright.sync_api import Browser, BrowserContext, Page, Response

from tests.face.normalized import answer_text, mail_text, mailbox_page, normalized
from tests.face.pages import READING, walk
from tests.face.visitor import LANGUAGES, Stop, Visitor
from tests.journeys import test_life
from tests.journeys.people import Patient
from tests.site import Site, running_site

_SETTINGS = {"INQUIRIES_PER_HOUR": "1000", "FORM_SECONDS": "0"}
# After these, let the emails come: the pages of the mailbox are looked at next.
_PAUSES = {"status-door-deleted", "error-429"}
_QUIET_SECONDS = 6
_API = "/api/v1/listings"
ANSWERS = (
    f"{_API}?near=60201",
    f"{_API}?near=60201&within=250&page=2",
    f"{_API}?near=60201&within=250&specialty=all&sort=name",
    f"{_API}?near=60201&within=100&sex=F&inquiries=yes&language=es",
    f"{_API}?near=59301&within=5&evidence=confirmed",
    f"{_API}?near=59301&within=5&evidence=confirmed&widen=no",
    f"{_API}?near=Evanston,+IL&sort=distance",
    f"{_API}?name=Vanderschoonhoven-Featherstonehaugh",
    f"{_API}?near=Evanstn",
    f"{_API}?near=evanst",
    f"{_API}?near=60201&within=7",
    f"{_API}?near=60201&page=0",
    f"{_API}?near=60201&version=999999999",
    f"{_API}?near=60201&unknown=1",
    _API,
    "/api/v1/nothing",
    "/api/",
    "/suggest?place=evan",
    "/suggest?name=ander",
    "/es/suggest?place=san",
    "/suggest",
    "/es/suggest",
    "/healthz",
    "/readyz",
    "/robots.txt",
    "/sitemap.xml",
    "/sitemaps/pages.xml",
    "/sitemaps/places-1.xml",
    "/sitemaps/places-99.xml",
    "/sitemaps/providers-2000000000.xml",
    "/static/nothing.css",
)
_EACH_WHICH = 60  # of the professionals that search engines may read


@dataclass
class Recorder:
    """Keeps in a folder what a site renders."""

    folder: Path
    site: Site
    asked: set[str] = field(default_factory=set)
    newest: dict[Page, Response] = field(default_factory=dict)

    def watch(self, context: BrowserContext) -> None:
        """Remember the newest page of each tab."""
        context.on("response", self._remember)

    def keep_page(self, name: str, page: Page) -> None:
        """Keep the page of a tab as the server sent it."""
        sent = self.newest[page]
        self._write(f"pages/{name}.html", answer_text(sent.status, sent.all_headers(), sent.text()))

    def keep_answer(self, path: str, name: str = "", cookie: str = "") -> str:
        """Ask for an address, keep what is answered, and return it; nothing is asked twice."""
        name = name or _file_name(path)
        if name in self.asked:
            return ""
        self.asked.add(name)
        text = _ask(urljoin(self.site.url, path), cookie)
        self._write(f"answers/{name}.txt", text)
        return text

    def keep_mail(self) -> None:
        """Keep all emails by receiver, sorted: they may have been sent in any order."""
        self.wait_for_mail()
        counts: dict[str, int] = {}
        for text in sorted(mail_text(each.read_bytes()) for each in self._mail()):
            name = "/".join(_file_name(_header(text, each)) for each in ("To", "Subject"))
            counts[name] = counts.get(name, 0) + 1
            self._write(f"mail/{name}-{counts[name]}.txt", text)

    def wait_for_mail(self) -> None:
        """Wait until no more emails come."""
        count, since = -1, time.monotonic()
        while time.monotonic() - since < _QUIET_SECONDS:
            if len(self._mail()) != count:
                count, since = len(self._mail()), time.monotonic()
            time.sleep(0.5)

    def _mail(self) -> list[Path]:
        return list((self.site.folder / "mailbox").glob("*.eml"))

    def _remember(self, response: Response) -> None:
        request = response.request
        if request.is_navigation_request() and not 300 <= response.status < 400:
            page = request.frame.page
            if request.frame == page.main_frame:
                self.newest[page] = response

    def _write(self, name: str, text: str) -> None:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        assert not file.exists(), file
        text = normalized(mailbox_page(text), is_mail="/demo-m" in name)
        file.write_text(text, encoding="utf-8")


def record_walk(folder: Path, browser: Browser, language: str) -> None:
    """Keep every stop of the walk in a language, and what was sent and can be asked meanwhile."""
    with _site() as site:
        context = browser.new_context(base_url=site.url)
        recorder = Recorder(folder, site)
        recorder.watch(context)
        for stop in walk(Visitor(site, context.new_page(), language)):
            recorder.keep_page(stop.name, stop.page)
            _keep_what_belongs(recorder, stop)
            if stop.name in _PAUSES:
                recorder.wait_for_mail()
        if language == "en":
            _keep_demo_emails(recorder)
            for path in ANSWERS:
                recorder.keep_answer(path)
        recorder.keep_mail()
        context.close()


def record_lives(folder: Path, browser: Browser) -> None:
    """Keep the emails of whole lives of inquiries, and the pages that they end with."""
    lives = [each for name, each in vars(test_life).items() if name.startswith("test_")]
    with _site() as site:
        recorder = Recorder(folder, site)
        for number, live in enumerate(lives):
            for language in LANGUAGES:
                context = browser.new_context(base_url=site.url)
                recorder.watch(context)
                name = f"life-{number}-{language}"
                _live(live, Visitor(site, context.new_page(), language).patient(name), site)
                for tab, page in enumerate(context.pages):
                    recorder.keep_page(f"{name}-{tab}", page)
                context.close()
        recorder.keep_mail()


def record_real(folder: Path) -> None:
    """Keep what a site shows once its people are not invented: search engines may read that."""
    with tempfile.TemporaryDirectory() as place:
        with running_site(Path(place), **_SETTINGS):
            pass
        _call_real(Path(place))
        with running_site(Path(place), **_SETTINGS) as site:
            recorder = Recorder(folder, site)
            listed = "".join(map(recorder.keep_answer, ANSWERS))
            npis = sorted(set(re.findall(r"/providers/(\d{10})", listed)))[::_EACH_WHICH]
            professionals = [f"/providers/{npi}" for npi in npis]
            for prefix in LANGUAGES.values():
                for path in [*READING.values(), *professionals]:
                    recorder.keep_answer(f"{prefix}{path}")


def _keep_what_belongs(recorder: Recorder, stop: Stop) -> None:
    """Keep the maps of a page, and the file for the clinic's program."""
    for each in stop.page.locator("img[src^='/map']").all():
        recorder.keep_answer(str(each.get_attribute("src")))
    cookies = stop.page.context.cookies()
    cookie = "; ".join(f"{each.get('name')}={each.get('value')}" for each in cookies)
    for each in stop.page.locator("a[href$='fhir.json']").all():
        recorder.keep_answer(str(each.get_attribute("href")), f"fhir-{stop.name}", cookie)


def _keep_demo_emails(recorder: Recorder) -> None:
    """Keep the text of every email that the product can send; its HTML is on the walk."""
    text = recorder.keep_answer("/demo/emails")
    for path in re.findall(r'href="(/demo/emails/[^"]+)"', text):
        recorder.keep_answer(path)


def _live(live: Callable[..., None], patient: Patient, site: Site) -> None:
    given = {"patient": patient, "context": patient.page.context, "site": site}
    live(**{each: given[each] for each in inspect.signature(live).parameters})


def _call_real(folder: Path) -> None:
    """Say that what is loaded came from the registry."""
    for file in folder.glob("*.db"):
        with closing(sqlite3.connect(file)) as connection, connection:
            tables = "SELECT name FROM sqlite_master WHERE name = 'release'"
            if connection.execute(tables).fetchone():
                connection.execute("UPDATE release SET source = 'nppes' WHERE source = 'demo'")


@contextmanager
def _site() -> Iterator[Site]:
    with tempfile.TemporaryDirectory() as folder, running_site(Path(folder), **_SETTINGS) as site:
        yield site


def _ask(url: str, cookie: str) -> str:
    request = urllib.request.Request(url, headers={"Cookie": cookie} if cookie else {})
    try:
        answer = urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer_text(answer.status, dict(answer.headers), answer.read().decode())


def _header(mail: str, name: str) -> str:
    found = re.search(rf"^{name}: (.*)$", mail, re.MULTILINE)
    assert found is not None, name
    return found[1]


def _file_name(path: str) -> str:
    """Return the address as a name, without the digest of a picture."""
    return re.sub(r"[^\w.-]+", "-", path.partition("&v=")[0]).strip("-") or "home"
