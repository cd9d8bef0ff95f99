//! The page as a person sees it, read in one go: a script collects what stands in the window by test id, so that a test
//! compares whole values instead of asking for one attribute after the other while things move.

use serde::Deserialize;

/// One message in the window.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Shown {
    /// `data-id`.
    pub id: String,
    /// `data-role`.
    pub role: String,
    /// `data-status`.
    pub status: String,
    /// `data-model`; empty where absent.
    pub model: String,
    /// The rendered text, without the white space around it.
    pub text: String,
    /// `data-code` of its error; empty where there is none.
    pub error: String,
}

impl Shown {
    /// Role, status and text: what does not differ from run to run.
    pub fn summary(&self) -> (&str, &str, &str) {
        (&self.role, &self.status, &self.text)
    }
}

/// Returns all messages, oldest first.
pub(crate) const MESSAGES: &str = r#"
    const one = (root, id) => root.querySelector(`[data-testid="${id}"]`);
    return [...document.querySelectorAll('[data-testid="message"]')].map((message) => ({
        id: message.dataset.id ?? '',
        role: message.dataset.role ?? '',
        status: message.dataset.status ?? '',
        model: message.dataset.model ?? '',
        text: (one(message, 'message-text')?.innerText ?? '').trim(),
        error: one(message, 'message-error')?.dataset.code ?? '',
    }));
"#;

/// Returns the first visible control whose name is the argument: `aria-label`, the label of a field, or its own words.
pub(crate) const NAMED: &str = r#"
    const controls = 'button, a[href], input, select, textarea, summary, option, ' +
        '[role="button"], [role="menuitem"], [role="menuitemradio"], [role="menuitemcheckbox"], [role="option"], [role="tab"], [role="switch"]';
    // the catalogue sets what it inserts apart with invisible marks
    const words = (element) => {
        const copy = element.cloneNode(true);
        for (const hidden of copy.querySelectorAll('[aria-hidden="true"], kbd')) hidden.remove();
        return copy.textContent;
    };
    const name = (element) => (element.getAttribute('aria-label') ?? element.labels?.[0]?.innerText ?? words(element))
        .replace(/[\u2066-\u2069]/g, '').replace(/\s+/g, ' ').trim();
    return [...document.querySelectorAll(controls)].find((element) => name(element) === arguments[0] && element.checkVisibility()) ?? null;
"#;

/// Notes what the page's policy refused and which errors nobody caught, from now on. Safe to run again.
pub(crate) const WATCH: &str = r#"
    if (window.journey) return;
    const journey = { violations: [], errors: [] };
    Object.defineProperty(window, 'journey', { value: journey });
    document.addEventListener('securitypolicyviolation', (event) => {
        journey.violations.push(
            `${event.effectiveDirective} refused ${event.blockedURI} (${event.sourceFile}:${event.lineNumber} ${event.sample})`);
    });
    window.addEventListener('error', (event) => journey.errors.push(String(event.message)));
    window.addEventListener('unhandledrejection', (event) => {
        journey.errors.push(`unhandled: ${event.reason?.message ?? JSON.stringify(event.reason)}`);
    });
"#;

/// What [`WATCH`] noted.
#[derive(Debug, Default, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Noted {
    pub(crate) violations: Vec<String>,
    pub(crate) errors: Vec<String>,
}

/// Paints a spot that nobody can see in every frame until [`PAINT_NO_MORE`]. WebKit's driver takes its picture with the next
/// thing that is painted, and of a page at rest that may be a minute later.
pub(crate) const PAINT: &str = r#"
    const spot = document.createElement('div');
    Object.assign(spot.style, { position: 'fixed', top: '0', left: '0', width: '1px', height: '1px', pointerEvents: 'none' });
    spot.className = 'journey-spot';
    document.body.append(spot);
    let n = 0;
    const paint = () => {
        n += 1;
        spot.style.background = `rgb(0 0 0 / ${n % 2 ? 0.004 : 0.008})`;
        if (spot.isConnected) requestAnimationFrame(paint);
    };
    paint();
"#;

/// Ends [`PAINT`].
pub(crate) const PAINT_NO_MORE: &str = "for (const spot of document.querySelectorAll('.journey-spot')) spot.remove()";

/// Every element with a test id that can be seen, as an outline with its data attributes and own text: for a person who
/// wants to know why a journey failed.
pub(crate) const OUTLINE: &str = r#"
    const lines = [];
    for (const element of document.querySelectorAll('[data-testid]')) {
        let depth = 0;
        for (let up = element.parentElement; up; up = up.parentElement) if (up.dataset?.testid) depth += 1;
        const data = Object.entries(element.dataset).filter(([name]) => name !== 'testid')
            .map(([name, value]) => ` ${name}=${JSON.stringify(value)}`).join('');
        const hidden = element.checkVisibility && !element.checkVisibility() ? ' (hidden)' : '';
        const text = element.querySelector('[data-testid]') ? '' : ' ' + (element.innerText ?? '').slice(0, 200).replace(/\n/g, '⏎');
        lines.push('  '.repeat(depth) + element.dataset.testid + data + hidden + text);
    }
    return `${document.title} ${location.href}\n${lines.join('\n')}\n\n${document.body?.innerText ?? ''}`;
"#;
