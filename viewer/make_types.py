"""Makes src/types.ts, the shapes that cross to the browser, of mlprov_widgets/graph/wire.py.

python make_types.py [--check]      without the option the file is written
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

HERE = Path(__file__).parent
SOURCE, TARGET = HERE.parent / "mlprov_widgets" / "graph" / "wire.py", HERE / "src" / "types.ts"
_HEAD = """\
/** What travels between Python and the browser; made of mlprov_widgets/graph/wire.py. */
"""
_NAMES = {"str": "string", "int": "number", "float": "number", "bool": "boolean", "None": "null"}


def typescript() -> str:
    """The shapes as TypeScript."""
    parts = [_HEAD]
    body = ast.parse(SOURCE.read_text(encoding="utf-8")).body
    for at, node in enumerate(body):
        if isinstance(node, ast.ClassDef):
            parts.append(_interface(node))
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            about = _comment(body, at, "")
            parts.append(f"{about}export type {node.targets[0].id} = {_type(node.value)};\n")
    return "\n".join(parts)


def _interface(node: ast.ClassDef) -> str:
    lines = [f"/** {ast.get_docstring(node)} */"]
    fields = [(at, one) for at, one in enumerate(node.body) if isinstance(one, ast.AnnAssign)]
    if not fields:
        return f"{lines[0]}\nexport type {node.name} = Record<string, never>;\n"
    lines.append(f"export interface {node.name} {{")
    for at, field in fields:
        name, kind = ast.unparse(field.target), field.annotation
        if isinstance(kind, ast.Subscript) and ast.unparse(kind.value) == "NotRequired":
            name, kind = f"{name}?", kind.slice
        lines.append(f"{_comment(node.body, at, '  ')}  {name}: {_type(kind)};")
    return "\n".join([*lines, "}\n"])


def _comment(body: list[ast.stmt], at: int, indent: str) -> str:
    following = body[at + 1] if at + 1 < len(body) else None
    if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
        return f"{indent}/** {following.value.value} */\n"
    return ""


def _type(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return _NAMES.get(node.id, node.id)
    if isinstance(node, ast.Constant):
        return "null" if node.value is None else '"' + str(node.value) + '"'
    if isinstance(node, ast.BinOp):
        return f"{_type(node.left)} | {_type(node.right)}"
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        types = [_type(one) for one in inner]
        match node.value.id:
            case "Literal":
                return " | ".join(types)
            case "list":
                return f"({types[0]})[]" if " " in types[0] else f"{types[0]}[]"
            case "tuple":
                return f"[{', '.join(types)}]"
            case "dict":
                return f"Record<{', '.join(types)}>"
    raise TypeError(ast.unparse(node))


if __name__ == "__main__":
    if "--check" not in sys.argv:
        TARGET.write_text(typescript(), encoding="utf-8", newline="\n")
    elif TARGET.read_text(encoding="utf-8") != typescript():
        sys.exit("src/types.ts is stale: python viewer/make_types.py")
