//! Plain pages: no scripts, nothing from elsewhere, forms that work without either.

use std::fmt::Write as _;

use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_FRAME_OPTIONS};
use http::{HeaderValue, StatusCode};
use wigwag_kit::{Ctx, Reply};

use crate::sign_in::factor::{RecoveryRep, SetUpRep};
use crate::sign_in::visit::base;

const STYLE: &str = include_str!("style.css");
/// Nobody may frame the page. What it says of forms follows.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; \
                      form-action 'self'";

/// A page in the making.
pub(super) struct Html {
    body: String,
    /// Where forms may lead besides ourselves.
    leads_to: String,
}

impl Html {
    /// A page with a heading.
    pub(super) fn new(title: &str) -> Self {
        let mut page = Self { body: String::new(), leads_to: String::new() };
        let title = escaped(title);
        page.raw(&format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title} · Wigwag</title>\n<style>{STYLE}</style>\n<main>\n<h1>{title}</h1>\n"
        ));
        page
    }

    /// Text as it is.
    fn raw(&mut self, html: &str) {
        self.body.push_str(html);
    }

    /// A paragraph.
    pub(super) fn text(mut self, text: &str) -> Self {
        // Writing to a string cannot fail.
        let _infallible = writeln!(self.body, "<p>{}</p>", escaped(text));
        self
    }

    /// A heading within the page.
    pub(super) fn heading(mut self, text: &str) -> Self {
        let _infallible = writeln!(self.body, "<h2>{}</h2>", escaped(text));
        self
    }

    /// What went wrong, if anything; announced by screen readers.
    pub(super) fn problem(mut self, problem: Option<&str>) -> Self {
        if let Some(problem) = problem {
            let _infallible = writeln!(self.body, "<p role=\"alert\" class=\"problem\">{}</p>", escaped(problem));
        }
        self
    }

    /// A link.
    pub(super) fn link(mut self, href: &str, text: &str) -> Self {
        let _infallible = writeln!(self.body, "<p><a href=\"{}\">{}</a></p>", escaped(href), escaped(text));
        self
    }

    /// Lines to be copied.
    pub(super) fn lines<S: AsRef<str>>(mut self, lines: impl IntoIterator<Item = S>) -> Self {
        self.raw("<ul>\n");
        for line in lines {
            let _infallible = writeln!(self.body, "<li><code>{}</code></li>", escaped(line.as_ref()));
        }
        self.raw("</ul>\n");
        self
    }

    /// A form that is sent to `action`.
    pub(super) fn form(mut self, action: &str, fields: &[Field<'_>], buttons: &[Button<'_>]) -> Self {
        let _infallible = writeln!(self.body, "<form method=\"post\" action=\"{}\">", escaped(action));
        for field in fields {
            self.field(field);
        }
        for button in buttons {
            let (name, value, text) = (escaped(button.name), escaped(button.value), escaped(button.text));
            let _infallible = writeln!(self.body, "<button name=\"{name}\" value=\"{value}\">{text}</button>");
        }
        self.raw("</form>\n");
        self
    }

    fn field(&mut self, field: &Field<'_>) {
        let (name, value) = (escaped(field.name), escaped(field.value));
        let _infallible = match field.label {
            None => writeln!(self.body, "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">"),
            Some(label) => writeln!(
                self.body,
                "<label>{}<input type=\"{}\" name=\"{name}\" value=\"{value}\" autocomplete=\"{}\"{}></label>",
                escaped(label),
                field.kind,
                field.complete,
                if field.required { " required" } else { "" }
            ),
        };
    }

    /// A page that shows what an authenticator app needs, and sends the code that it then shows to `action`.
    pub(super) fn to_set_up(rep: &SetUpRep, action: &str, hidden: &[Field<'_>]) -> Self {
        let page = Self::new("Set up a second factor")
            .text("Open this address on the device with your authenticator app, or type the secret into the app:")
            .link(&rep.url, "Add to the authenticator app")
            .lines([&rep.secret])
            .text("Then type the code that the app shows.");
        let fields = [&[Field::text("code", "Code", "one-time-code")], hidden].concat();
        page.form(action, &fields, &[Button::new("totp-confirm", "Switch it on")])
    }

    /// A page that shows recovery codes, and leads on.
    pub(super) fn set_up(rep: RecoveryRep, onwards: &str, text: &str) -> Self {
        Self::new("The second factor is on")
            .text("Keep these recovery codes: each works once when the app is not at hand. They are not shown again.")
            .lines(rep.recovery_codes)
            .link(onwards, text)
    }

    /// Lets the answers to its forms send the browser to another site, by the origin of one of its addresses.
    pub(super) fn leading_to(mut self, address: &str) -> Self {
        let origin = wigwag_kit::serve::origin_of(address);
        if !origin.is_empty() && !origin.contains([';', ',', ' ']) {
            self.leads_to = format!(" {origin}");
        }
        self
    }

    /// As an answer.
    pub(super) fn reply(mut self, status: StatusCode) -> Reply {
        self.raw("</main>\n</html>\n");
        let mut reply = Reply { body: Some(bytes::Bytes::from(self.body).into()), ..Reply::empty() }.status(status);
        for (name, value) in [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (X_FRAME_OPTIONS, "DENY"),
            // Links hold secrets: no other site gets to see them, but our own forms still say where they are from.
            (REFERRER_POLICY, "same-origin"),
            (CACHE_CONTROL, "no-store"),
        ] {
            reply.headers.insert(name, HeaderValue::from_static(value));
        }
        let policy = HeaderValue::try_from(format!("{POLICY}{}", self.leads_to));
        reply.headers.insert(CONTENT_SECURITY_POLICY, policy.unwrap_or(HeaderValue::from_static(POLICY)));
        reply
    }
}

/// Something to fill in, or to send along.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    name: &'a str,
    value: &'a str,
    label: Option<&'a str>,
    kind: &'static str,
    complete: &'static str,
    required: bool,
}

impl<'a> Field<'a> {
    /// Sent along.
    pub(super) const fn hidden(name: &'a str, value: &'a str) -> Self {
        Self { name, value, label: None, kind: "hidden", complete: "off", required: false }
    }

    /// To fill in; `complete` is what browsers may fill in by themselves.
    pub(super) const fn text(name: &'a str, label: &'a str, complete: &'static str) -> Self {
        Self { name, value: "", label: Some(label), kind: "text", complete, required: true }
    }

    /// A password.
    pub(super) const fn password(name: &'a str, label: &'a str, complete: &'static str) -> Self {
        Self { kind: "password", ..Self::text(name, label, complete) }
    }

    /// May be left out.
    pub(super) const fn optional(self) -> Self {
        Self { required: false, ..self }
    }

    /// Filled in already.
    pub(super) const fn value(self, value: &'a str) -> Self {
        Self { value, ..self }
    }
}

/// What sends a form.
pub(super) struct Button<'a> {
    name: &'a str,
    value: &'a str,
    text: &'a str,
}

impl<'a> Button<'a> {
    /// Sends `do` with a value.
    pub(super) const fn new(value: &'a str, text: &'a str) -> Self {
        Self { name: "do", value, text }
    }
}

/// Where a page of ours is.
pub(super) fn at(ctx: &Ctx, path: &str) -> String {
    format!("{}{path}", base(ctx))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
