"""The page decorator: one address answers the whole page or its changed parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, QueryDict
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe

from core.actor import OWNER, Actor
from core.clock import now
from core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Refused
from dashboard.base.nav import menu
from dashboard.base.times import zone_of
from events.models import Event
from ops.health import alarm

VARY = ("HX-Request", "HX-Request-Type", "HX-History-Restore-Request", "Cookie")
STATUS = {NotFound: 404, Forbidden: 403, Conflict: 409, Refused: 409, Invalid: 400}
HEADINGS = {
    400: "That address cannot be read",
    403: "Not permitted",
    404: "Nothing here",
    409: "Refused",
    503: "The database did not answer",
}
BUSY = "It is busy, or away for a moment. Nothing was lost; try again in a few seconds."
FRAME = {"alarm": "kit/_alarm.html"}  # parts of every page that has parts
THEMES = ("system", "light", "dark")
THEME_COOKIE = "orion_theme"
_FLEETING = (
    re.compile(r'(name="csrfmiddlewaretoken" value=")[^"]*'),
    re.compile(r'(data-tick="[^>]*>)[^<]*'),
)

View = Callable[..., HttpResponseBase]


@dataclass(slots=True)
class PageRequest:
    """Who asks for a page, when, in which zone, and how to answer."""

    http: HttpRequest
    actor: Actor
    now: datetime
    zone: ZoneInfo
    room: str = ""
    live: tuple[str, ...] = ()
    position: int = 0

    @property
    def asked(self) -> QueryDict:
        """The query parameters."""
        return self.http.GET

    @property
    def here(self) -> str:
        """The page's own address with its filter."""
        return self.http.get_full_path()

    @property
    def source(self) -> str:
        """The id of the element that htmx asks for, empty for a plain request."""
        return self.http.headers.get("HX-Source", "").partition("#")[2]

    @property
    def origin(self) -> str:
        """This server's address as the reader reaches it."""
        return f"{self.http.scheme}://{self.http.get_host()}"

    @property
    def triggers(self) -> str:
        """The events on which the page asks for its parts again."""
        kinds = dict.fromkeys(topic.partition(":")[0] for topic in self.live)
        return ", ".join(f"{kind}-changed from:body" for kind in kinds)

    def watch(self, *topics: str) -> None:
        """Keep the page fresh. Called before rows are read: the socket tells what came
        after the position that is noted here."""
        self.live = (*topics, *({"system"} - set(topics)))
        if not self.wants_parts:
            newest = Event.objects.order_by("-seq").values_list("seq", flat=True)
            self.position = newest.first() or 0

    @property
    def alarm(self) -> str:
        """What is wrong with the server itself, in a few words."""
        return alarm(self.now)

    @property
    def version(self) -> str:
        """The server's version."""
        return str(settings.SPECTACULAR_SETTINGS["VERSION"])

    @property
    def wants_parts(self) -> bool:
        """Whether only the parts are wanted, not the frame around them."""
        headers = self.http.headers
        return (
            headers.get("HX-Request-Type") == "partial"
            and headers.get("HX-History-Restore-Request") != "true"
        )

    def show(
        self,
        template: str,
        *,
        title: str,
        parts: Mapping[str, str] | None = None,
        more: str | None = None,
        status: int = 200,
        **context: Any,
    ) -> HttpResponse:
        """Answer with the page, or with those of its `parts` (id to template) that the
        asking element does not show yet; `more` holds the rows behind "show older"."""
        context |= {"page": self, "title": f"{title} · Orion"}
        if more and self.wants_parts and self.source == "older":
            return HttpResponse(render_to_string(more, context, self.http))
        drawn = {
            id: mark_safe(render_to_string(name, context, self.http))  # noqa: S308
            for id, name in ({**parts, **FRAME} if parts else {}).items()
        }
        tags = {id: _tag(html) for id, html in drawn.items()}
        if self.wants_parts and drawn:
            return self._changed(drawn, tags, context)
        context |= {
            "parts": drawn,
            "tags": _join(tags),
            "menu": menu(self.actor, self.room),
            "theme": self.theme,
        }
        return HttpResponse(
            render_to_string(template, context, self.http), status=status
        )

    @property
    def theme(self) -> str:
        """The chosen theme."""
        chosen = self.http.COOKIES.get(THEME_COOKIE, "")
        return chosen if chosen in THEMES else THEMES[0]

    def confirm(
        self,
        *,
        heading: str,
        said: Sequence[str],
        act: str,
        back: str,
        crumbs: Sequence[tuple[str, str | None]],
        is_grave: bool = False,
        form: Any = None,
        status: int = 200,
        **context: Any,
    ) -> HttpResponse:
        """Ask before something is done: what will happen, a button, a way back."""
        return self.show(
            "kit/confirm.html",
            title=heading.rstrip("?"),
            parts={"confirm": "kit/_confirm.html"},
            status=status,
            heading=heading,
            said=said,
            act=act,
            back=back,
            crumbs=crumbs,
            is_grave=is_grave,
            form=form,
            **context,
        )

    def back_or(self, route: str, *names: object) -> str:
        """Where the button was pressed, if it is here; else that page."""
        wanted = self.http.POST.get("next", "")
        if url_has_allowed_host_and_scheme(wanted, {self.http.get_host()}):
            return wanted
        return reverse(route, args=names)

    def problem(self, status: int, said: str) -> HttpResponse:
        """A page that says what is wrong and what to do."""
        heading = HEADINGS.get(status, "That did not work")
        return self.show(
            "kit/problem.html", title=heading, status=status, heading=heading, said=said
        )

    def _changed(
        self,
        drawn: Mapping[str, SafeString],
        tags: dict[str, str],
        context: dict[str, Any],
    ) -> HttpResponse:
        refresh = self.source == "live-part"
        known = _split(self.http.headers.get("HX-PTag", "")) if refresh else {}
        fresh = {id: html for id, html in drawn.items() if known.get(id) != tags[id]}
        if refresh and not fresh:
            return _tagged(HttpResponseNotModified(), tags)
        body = [format_html("<title>{}</title>", context["title"])]
        if not refresh and self.live:
            again = {**context, "tags": _join(tags)}
            fresh["live-part"] = mark_safe(  # noqa: S308 - rendered by the template
                render_to_string("kit/_live_part.html", again, self.http)
            )
        body += [
            format_html(
                '<hx-partial hx-target="#{}" hx-swap="outerMorph">{}</hx-partial>',
                id,
                html,
            )
            for id, html in fresh.items()
        ]
        response = HttpResponse("".join(body))
        return _tagged(response, tags) if refresh else response


def page(needs: str, *, room: str = "") -> Callable[[View], View]:
    """Make a view a page: it gets a `PageRequest` if the actor may do `needs`."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(http: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            request = PageRequest(http, OWNER, now(), zone_of(http), room)
            response = _answer(view, needs, request, *args, **kwargs)
            response.headers.setdefault("Cache-Control", "no-store, private")
            patch_vary_headers(response, VARY)
            return response

        return answer

    return decorate


def _answer(
    view: View, needs: str, request: PageRequest, *args: Any, **kwargs: Any
) -> HttpResponseBase:
    if not request.actor.may(needs):
        said = (
            f"This needs the permission {needs}; {request.actor.name} does not have it."
        )
        return request.problem(403, said)
    try:
        return view(request, *args, **kwargs)
    except (OperationalError, InterfaceError):
        answer = request.problem(503, BUSY)
        answer.headers["Retry-After"] = "5"
        return answer
    except DomainError as error:
        status = next((s for kind, s in STATUS.items() if isinstance(error, kind)), 400)
        return request.problem(status, str(error))


def _tag(html: str) -> str:
    """What stands for a part's content, without the CSRF token, which is new in every
    answer, and without texts that count by themselves."""
    for fleeting in _FLEETING:
        html = fleeting.sub(r"\1", html)
    return blake2b(html.encode(), digest_size=6).hexdigest()


def _join(tags: Mapping[str, str]) -> str:
    return " ".join(f"{id}={tag}" for id, tag in tags.items())


def _split(tags: str) -> dict[str, str]:
    return dict(one.split("=", 1) for one in tags.split() if "=" in one)


def _tagged(response: HttpResponse, tags: Mapping[str, str]) -> HttpResponse:
    response.headers["HX-PTag"] = _join(tags)
    return response
