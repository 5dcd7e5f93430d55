"""The one page that is served, and what is shown where there is no room for another visitor."""

from __future__ import annotations

from typing import Any

import tornado.web
from voila.tornado.handler import TornadoVoilaHandler

from mlprov_widgets.server.kernels import Seat
from mlprov_widgets.wording import format_count

RETRY = 30  # seconds
# Voilà's page would ask other machines for fonts; widgets come as code in the page or as a blob.
_ALONE = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' ws: wss: blob: data:; object-src 'none'; base-uri 'self'"
)
_FULL = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="{retry}"><title>Full at the moment</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:34em;margin:18vh auto;padding:0 1em;
color:#212121;background:#fff}}h1{{font-size:1.5em;font-weight:600}}
@media(prefers-color-scheme:dark){{body{{color:#e0e0e0;background:#111}}}}</style></head>
<body><main role="status"><h1>All places are taken</h1>
<p>{visitors} this app at the moment, which is as many as it has room for. A place is free
soon after somebody closes the page.</p>
<p>This page tries again by itself every {retry} seconds; nothing has to be clicked.</p>
</main></body></html>
"""


class AppPage(TornadoVoilaHandler):
    """The app for one visitor more, if there is room."""

    def initialize(self, **kwargs: Any) -> None:
        """Take over Voilà's settings, how many visitors may be there, and whom the page may ask."""
        self._most, self._alone = kwargs.pop("visitors"), kwargs.pop("alone")
        self._seat: Seat | None = None
        super().initialize(**kwargs)

    @property
    def kernel_manager(self) -> Any:
        """The visitors' kernels; once there is a seat, as this visitor sees them."""
        return self._seat or super().kernel_manager

    @tornado.web.authenticated
    async def get(self, path: str | None = None) -> None:
        """Send the page."""
        if self._alone:
            policy = f"{self.content_security_policy}; {_ALONE}"
            self.set_header("Content-Security-Policy", policy)
        if path:
            raise tornado.web.HTTPError(404)
        # They are not looked at, and only keep kernels from being used that wait.
        for name in ("template", "theme"):
            self.request.arguments.pop(name, None)
        kernels = self.kernel_manager
        if kernels.visitors() >= self._most:
            self._say_full()
            return
        self._seat = Seat(kernels)
        kernels.seats.append(self._seat)
        try:
            await super().get(path)
        finally:
            self._seat.made()

    def _say_full(self) -> None:
        self.set_status(503, "Full")
        self.set_header("Retry-After", str(RETRY))
        self.set_header("Cache-Control", "no-store")
        visitors = format_count(self._most, "person uses", "people use")
        self.finish(_FULL.format(retry=RETRY, visitors=visitors))

    def write_error(self, status_code: int, **_more: Any) -> None:
        """Say what is wrong without a traceback or a path of the server's."""
        words = "There is no page here." if status_code == 404 else "The page could not be made."
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(
            f'<!DOCTYPE html><html lang="en"><title>{words}</title><p>{words} '
            f'<a href="{self.base_url}">Open the app</a></p></html>'
        )
