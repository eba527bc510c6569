"""The bodies of ops: from the names of their handlers to C++ text for rows.

A handler is Entry<&Body<...>>; in a row of the tables its body is written
Body<...> with the short names that interp/exec/sequences.h has.
"""

import re

# What each unit of an op after its handler is: `r` a slot that is read, `w` one
# that is written, `.` anything else.
READ, WRITTEN, OTHER = "r", "w", "."

_CXX_TYPES = {
    "unsigned int": "uint32_t", "unsigned long": "uint64_t",
    "int": "int32_t", "long": "int64_t",
    "unsigned char": "uint8_t", "signed char": "int8_t",
    "unsigned short": "uint16_t", "short": "int16_t",
    "float": "float", "double": "double",
}
_UNITS = {"uint32_t": 1, "uint64_t": 2, "float": 1, "double": 2}
# By the prefixes of short names: kI32Add.
TYPES = {"I32": "uint32_t", "I64": "uint64_t", "F32": "float", "F64": "double"}
_PREFIXES = {type_name: prefix for prefix, type_name in TYPES.items()}
_ENUMS = {
    "Destination": ("kToA", "kToS", "kToB"),
    "OperandKind": ("kS", "kI", "kA"),
    "AddressKind": ("kAtS", "kAtI", "kAtA", "kAtSI", "kAtAI", "kAtSS", "kAtAS",
                    "kAtSShl", "kAtAShl"),
    "Sign": ("eval::Sign::kSigned", "eval::Sign::kUnsigned"),
}
# Units of an address, the offset of the instruction included.
_ADDRESSES = {
    "kAtS": "r.", "kAtI": ".", "kAtA": ".", "kAtSI": "r..", "kAtAI": "..",
    "kAtSS": "rr.", "kAtAS": "r.", "kAtSShl": "rr..", "kAtAShl": "r..",
}
# Conversions have no short names: there are too many types.
_WITHOUT_SHORT_NAME = ("Convert", "Trunc", "TruncSat", "Extend", "Reinterpret")

# After these control is somewhere else, whatever follows in the code.
_ENDS = ("BranchTable", "BranchTableAdd", "CallAdd", "CallBody",
         "CallIndirectBody", "CallMove", "PopRecord", "ReturnAddBody",
         "ReturnConst", "ReturnValue")


class Body:
    """text: as a row has it; name: without arguments; arguments: their texts.

    fields: what its units are, one letter each; None if no sequence can have
        it. With `open_ended`, more may follow.
    """

    def __init__(self, text):
        match = re.match(r"(\w+)(?:<(.*)>)?$", text)
        self.text = text
        self.name = match.group(1) if match else ""
        self.arguments = split(match.group(2) or "") if match else []
        self.open_ended = self.name in ("BranchTable", "BranchTableAdd")
        self.ends = self.name in _ENDS
        shape = _FIELDS.get(self.name)
        self.fields = shape(self.arguments) if shape else None

    def __repr__(self):
        return self.text


def split(text):
    """Arguments of a template: split at commas that are in no brackets."""
    parts = []
    depth = 0
    part = ""
    for letter in text:
        depth += (letter in "<(") - (letter in ">)")
        if letter == "," and depth == 0:
            parts.append(part.strip())
            part = ""
        else:
            part += letter
    if part.strip():
        parts.append(part.strip())
    return parts


def parse(handler):
    """The Body of a handler that is called `handler`."""
    match = re.search(r"Entry<(.*)>\(", handler)
    if not match or "(anonymous namespace)" in handler:
        return Body("?")
    text = re.sub(r"wasmd::(plain_loop::)?", "", match.group(1))
    text = re.sub(r"\(Registers&\)\)?$", "", text)
    text = re.sub(r"^\(?&?\(?(?:Op )?", "", text)
    match = re.match(r"(\w+)<(.*)>$", text)
    if not match:
        return Body(text)
    arguments = [_argument(a) for a in split(match.group(2))]
    return Body("%s<%s>" % (match.group(1), ", ".join(arguments)))


def _argument(text):
    if text in _CXX_TYPES:
        return _CXX_TYPES[text]
    match = re.match(r"\((?:eval::)?(\w+)\)(\d+)$", text)
    if match and match.group(1) in _ENUMS:
        return _ENUMS[match.group(1)][int(match.group(2))]
    if re.match(r"\d+u?$", text):
        return text.rstrip("u")
    if "(" in text:
        return _function(text)
    return text


def _function(text):
    """&(RESULT eval::NAME<TYPES>(PARAMETERS)), with or without the brackets."""
    text = re.sub(r"^\(?&\(?|\)$(?<=\)\))", "", text)
    depth = 0
    begin = 0
    end = len(text)
    for i, letter in enumerate(text):
        if letter == "(" and depth == 0:
            end = i
            break
        depth += (letter in "<") - (letter in ">")
        if letter == " " and depth == 0:
            begin = i + 1
    name = text[begin:end]
    match = re.match(r"([\w:]+)<(.*)>$", name)
    if not match:
        return "&" + name
    types = [_argument(a) for a in split(match.group(2))]
    plain = match.group(1).replace("eval::", "")
    if (len(types) == 1 and types[0] in _PREFIXES
            and plain not in _WITHOUT_SHORT_NAME):
        if types[0] in ("float", "double") and not plain.startswith("Plain"):
            plain = plain[1:]  # FAdd is f64.add
        return "k" + _PREFIXES[types[0]] + plain
    return "&%s<%s>" % (match.group(1), ", ".join(types))


def _type_of(function):
    """Of its parameters."""
    for type_name, prefix in _PREFIXES.items():
        if function.startswith("k" + prefix):
            return type_name
    match = re.search(r"<(.*)>", function)
    return match.group(1).split(", ")[-1] if match else "uint32_t"


def _operand(kind, type_name):
    if kind == "kI":
        return OTHER * _UNITS[type_name]
    return READ if kind == "kS" else ""


def _destination(destination):
    return "" if destination == "kToA" else WRITTEN


def _binary(a):
    t = _type_of(a[0])
    return _destination(a[1]) + _operand(a[2], t) + _operand(a[3], t)


def _pair(a):
    return _destination(a[4]) + "".join(_operand(k, a[0]) for k in a[5:8])


def _load_binary(a):
    return _destination(a[4]) + _ADDRESSES[a[5]] + _operand(a[6], a[1])


def _select(a):
    return (_destination(a[1]) + _operand(a[2], a[0]) + _operand(a[3], a[0]) +
            _operand(a[4], "uint32_t"))


def _branch_compare(a):
    t = _type_of(a[0])
    return _operand(a[1], t) + _operand(a[2], t) + OTHER


def _i32(kind):
    return _operand(kind, "uint32_t")


_FIELDS = {
    "AddBranchBody": lambda a: WRITTEN + _i32(a[1]) + _i32(a[2]) + OTHER,
    "AddShiftedBody":
        lambda a: _destination(a[0]) + _i32(a[1]) + _i32(a[2]) + OTHER,
    "Binary": _binary,
    "Branch": lambda a: OTHER,
    "BranchBack": lambda a: OTHER,
    "BranchCompareBody": _branch_compare,
    "BranchIfBody": lambda a: _i32(a[0]) + OTHER,
    "BranchTable": lambda a: _i32(a[0]) + OTHER,
    "BranchTableAdd": lambda a: READ + OTHER * 2,
    "CallAdd": lambda a: OTHER * 6,
    "CallBody": lambda a: OTHER * 3,
    "CallIndirectBody": lambda a: OTHER + _i32(a[0]) + OTHER * 2,
    "CallMove": lambda a: OTHER * 5,
    "Const32": lambda a: WRITTEN + OTHER,
    "Const64": lambda a: WRITTEN + OTHER * 2,
    "ConstAccumulator": lambda a: OTHER * 2,
    "EnterFew": lambda a: OTHER,
    "GlobalGetBody": lambda a: _destination(a[1]) + OTHER,
    "GlobalSet": lambda a: READ + OTHER,
    "GlobalSetAccumulator": lambda a: OTHER,
    "GlobalSetConst": lambda a: OTHER * 3,
    "LoadAccumulator": lambda a: READ,
    "LoadBinaryBody": _load_binary,
    "LoadBody": lambda a: _destination(a[2]) + _ADDRESSES[a[3]],
    "MoveFew": lambda a: (WRITTEN + READ) * int(a[0]),
    "PairBody": _pair,
    "PopRecord": lambda a: "",
    "ReturnAddBody": lambda a: _i32(a[0]) + _i32(a[1]),
    "ReturnConst": lambda a: OTHER * 2,
    "ReturnValue": lambda a: _operand(a[1], a[0]),
    "SelectBody": _select,
    "StoreAccumulator": lambda a: WRITTEN,
    "StoreBody": lambda a: (_ADDRESSES[a[2]] + _operand(a[3], a[1])
                            if len(a) == 4 else None),
    "Unary": lambda a: _destination(a[1]) + (READ if a[2] == "kS" else ""),
}
