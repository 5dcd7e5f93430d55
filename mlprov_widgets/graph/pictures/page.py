"""The static page of a run: summary strip, picture and foldable tree, with nothing from outside."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from mlprov_widgets.graph.document.texts import visible
from mlprov_widgets.graph.pictures import dot
from mlprov_widgets.graph.pictures.tree import Item

_THEME = {
    dot.PAPER: "--mp-paper",
    dot.INK: "--mp-ink",
    dot.FAINT: "--mp-faint",
    dot.LINE: "--mp-line",
    dot.ACCENT: "--mp-accent",
    dot.GOOD: "--mp-good",
    dot.GOOD_PAPER: "--mp-good-paper",
    dot.BAD: "--mp-bad",
    dot.BAD_PAPER: "--mp-bad-paper",
}
# Graphviz writes colours as attributes, which any style sheet overrides.
_RECOLOUR = "".join(
    f'.mlprov-view svg [fill="{colour}"]{{fill:var({name})}}'
    f'.mlprov-view svg [stroke="{colour}"]{{stroke:var({name})}}'
    for colour, name in _THEME.items()
)
_STYLE = (
    """
.mlprov-view{--mp-paper:var(--jp-layout-color1,#fff);--mp-ink:var(--jp-content-font-color1,#1f2328);
--mp-faint:var(--jp-content-font-color2,#5c6570);--mp-line:var(--jp-border-color1,#c3c8cf);
--mp-accent:var(--jp-content-link-color,#1f5fa8);--mp-good:var(--jp-success-color1,#1a7f37);
--mp-bad:var(--jp-error-color1,#c4281c);--mp-well:var(--jp-layout-color2,#f4f5f7);
--mp-good-paper:color-mix(in srgb,var(--mp-good) 10%,var(--mp-paper));
--mp-bad-paper:color-mix(in srgb,var(--mp-bad) 10%,var(--mp-paper));
background:var(--mp-paper);color:var(--mp-ink);border:1px solid var(--mp-line);border-radius:6px;
padding:12px 16px;font:13px/1.5 var(--jp-ui-font-family,system-ui,sans-serif);max-width:960px;
box-sizing:border-box;overflow-wrap:anywhere}
.mlprov-view .mp-title{font-size:16px;font-weight:600;margin:0 0 8px}
.mlprov-view dl.mp-facts{display:flex;flex-wrap:wrap;gap:4px 24px;margin:0 0 12px;padding:0}
.mlprov-view .mp-facts div{display:flex;flex-direction:column}
.mlprov-view .mp-facts dt{float:none;width:auto;margin:0;padding:0;color:var(--mp-faint);
font-size:11px;font-weight:400}
.mlprov-view .mp-facts dd{float:none;width:auto;margin:0;padding:0;font-weight:600}
.mlprov-view .mp-failed div:first-child dd,.mlprov-view .mp-note{color:var(--mp-bad)}
.mlprov-view .mp-picture{overflow-x:auto;margin:0 0 12px}
.mlprov-view svg{display:block;width:100%;height:auto;max-height:640px}
.mlprov-view .mp-picture svg{min-width:440px}
.mlprov-view ul{list-style:none;margin:0;padding:0 0 0 16px}
.mlprov-view>ul{padding:0}
.mlprov-view li{margin:1px 0;padding:0}
.mlprov-view summary{cursor:pointer;padding:1px 0}
.mlprov-view>ul>li>details>summary{font-weight:600}
.mlprov-view .mp-label{color:var(--mp-faint)}
.mlprov-view summary .mp-label{color:inherit}
.mlprov-view summary .mp-label+span{color:var(--mp-faint);margin-left:4px}
.mlprov-view li>.mp-label:not(:empty)::after{content:" "}
.mlprov-view small{color:var(--mp-faint);font-weight:400;margin-left:6px}
.mlprov-view pre{background:var(--mp-well);color:var(--mp-ink);border-radius:4px;margin:4px 0 6px;
padding:6px 10px;max-height:360px;overflow:auto;white-space:pre-wrap;
font:12px/1.45 var(--jp-code-font-family,monospace)}
"""
    + _RECOLOUR
)


def page(
    title: str,
    facts: Iterable[tuple[str, str]],
    picture: str,
    tree: Iterable[Item],
    failed: bool = False,
    note: str = "",
) -> str:
    """Put a page together; every text is escaped here.

    Parameters
    ----------
    title, note : str
        Plain text.
    facts : iterable of tuple of str
        Label and value of the summary strip.
    picture : str
        An SVG element, its labels escaped; may be empty.
    tree : iterable of Item
        Shown folded.
    failed : bool, default False
        Whether the first fact is a failure.

    Returns
    -------
    str
        One HTML element with its style sheet.
    """
    pairs = "".join(
        f"<div><dt>{_escaped(label)}</dt><dd>{_escaped(value)}</dd></div>" for label, value in facts
    )
    kind = "mp-facts mp-failed" if failed else "mp-facts"
    return (
        f'<div class="mlprov-view"><style>{_STYLE}</style>'
        f'<div class="mp-title">{_escaped(title)}</div>'
        + (f'<p class="mp-note">{_escaped(note)}</p>' if note else "")
        + f'<dl class="{kind}">{pairs}</dl>'
        + (f'<div class="mp-picture">{picture}</div>' if picture else "")
        + f"<ul>{''.join(_item(item) for item in tree)}</ul></div>"
    )


def _item(item: Item) -> str:
    line = f'<span class="mp-label">{_escaped(item.label)}</span>'
    if item.text:
        line += f" <span>{_escaped(item.text)}</span>"
    if item.note:
        line += f" <small>{_escaped(item.note)}</small>"
    if not item.children and not item.block:
        return f"<li>{line}</li>"
    # A line break right after <pre> is dropped by HTML.
    inner = f"<pre>\n{_escaped(item.block)}</pre>" if item.block else ""
    if item.children:
        inner += f"<ul>{''.join(_item(child) for child in item.children)}</ul>"
    return f"<li><details><summary>{line}</summary>{inner}</details></li>"


def _escaped(text: str) -> str:
    return escape(visible(text))
