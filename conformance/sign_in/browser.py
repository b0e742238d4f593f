"""A browser without scripts: keeps cookies, follows redirects, fills in forms."""

import html
import re
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar


class Page:
    def __init__(self, response):
        self.url, self.status = response.geturl(), response.status
        self.text = response.read().decode()

    @property
    def path(self):
        return urllib.parse.urlsplit(self.url).path


class Browser:
    def __init__(self):
        self.cookies = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, url):
        return self._open(urllib.request.Request(url))

    def submit(self, page, **fields):
        """Fills in the first form of a page."""
        form = re.search(r"<form[^>]*action=\"([^\"]*)\".*?</form>", page.text, re.S)
        sent = {}
        for field in re.findall(r"<input[^>]*>", form.group(0)):
            name = re.search(r"name=\"([^\"]*)\"", field)
            value = re.search(r"value=\"([^\"]*)\"", field)
            if name:
                sent[name.group(1)] = html.unescape(value.group(1)) if value else ""
        url = urllib.parse.urljoin(page.url, html.unescape(form.group(1)))
        origin = "{0.scheme}://{0.netloc}".format(urllib.parse.urlsplit(page.url))
        body = urllib.parse.urlencode({**sent, **fields}).encode()
        return self._open(urllib.request.Request(url, body, {"Origin": origin}))

    def _open(self, request):
        try:
            return Page(self.opener.open(request, timeout=60))
        except urllib.error.HTTPError as refused:
            return Page(refused)
