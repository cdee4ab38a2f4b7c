"""Taking out of a message who wrote it: numbers of telephones, identity cards and cars, addresses of mail, names."""

from __future__ import annotations

import re

HIDDEN = "×××"
_PATTERNS = (
    re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)"),  # identity card
    re.compile(r"(?<!\d)1[3-9]\d(?:[-\s]?\d{4}){2}(?!\d)"),  # mobile telephone
    re.compile(r"(?<!\d)0\d{2,3}[-\s]?\d{7,8}(?!\d)"),
    re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,255}\.[A-Za-z]{2,10}"),
    re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][A-Z0-9]{5,6}(?![A-Za-z0-9])"),
    re.compile(r"(?<=[:：])\s*\d{7,8}(?!\d)"),
)
_NAMED = re.compile(
    r"(我叫|我是|本人叫|姓名[:：]?|联系人[:：]?|投诉人[:：]?|留言人[:：]?)(?:[\u4e00-\u9fff]{2,3})(?=[，,。；;、\s]|$|电话|手机|身份证)"
)


def redacted(text: str) -> str:
    """Return a text without what tells who somebody is, as far as patterns find it; no promise that nothing is left."""
    for pattern in _PATTERNS:
        text = pattern.sub(HIDDEN, text)
    return _NAMED.sub(rf"\1{HIDDEN}", text)
