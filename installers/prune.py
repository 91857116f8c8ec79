"""What is taken out of the Qt wheels before they ship: modules that are GPL only, and what the product never loads.

The PySide6 wheels are LGPL as a whole but carry Qt add-ons that Qt offers under GPL-3.0 or a commercial licence alone,
and tools under GPL-3.0 with an exception. They must not ship with a product under Mulan PSL v2.
"""

from __future__ import annotations

import fnmatch
import shutil
from pathlib import Path

# Names as in `PySide6.NAME`; a test holds the product's own code to this list.
GPL_MODULES = [
    "QtCharts",
    "QtDataVisualization",
    "QtGraphs",
    "QtGraphsWidgets",
    "QtHttpServer",
    "QtNetworkAuth",
    "QtQuick3D",
    "QtQuickTimeline",
    "QtShaderTools",
    "QtVirtualKeyboard",
    "QtWaylandCompositor",
    "QtLottie",
]

# Patterns under the PySide6 folder, with `*` crossing folders.
GPL_FILES = (
    *(f"{name}.*" for name in GPL_MODULES),
    *(f"{name}[0-9]*" for name in GPL_MODULES),
    "Qt/lib/libQt6Charts*",
    "Qt/lib/libQt6DataVisualization*",
    "Qt/lib/libQt6Graphs*",
    "Qt/lib/libQt6HttpServer*",
    "Qt/lib/libQt6NetworkAuth*",
    "Qt/lib/libQt6Quick3D*",
    "Qt/lib/libQt6QuickTimeline*",
    "Qt/lib/libQt6ShaderTools*",
    "Qt/lib/libQt6VirtualKeyboard*",
    "Qt/lib/libQt6WaylandCompositor*",
    "Qt/lib/libQt6WaylandEglCompositor*",
    "Qt/plugins/platforminputcontexts/*virtualkeyboard*",
    "Qt/plugins/wayland-graphics-integration-server/*",
    "Qt/plugins/assetimporters/*",
    "Qt/plugins/qmltooling/*quick3d*",
    "Qt6Charts*",
    "Qt6DataVisualization*",
    "Qt6Graphs*",
    "Qt6HttpServer*",
    "Qt6NetworkAuth*",
    "Qt6Quick3D*",
    "Qt6QuickTimeline*",
    "Qt6ShaderTools*",
    "Qt6VirtualKeyboard*",
    "plugins/platforminputcontexts/*virtualkeyboard*",
    # Tools: GPL-3.0 with the Qt exception.
    "assistant*",
    "balsam*",
    "designer*",
    "linguist*",
    "lrelease*",
    "lupdate*",
    "qmlformat*",
    "qmllint*",
    "qmlls*",
    "qsb*",
    "svgtoqml*",
    "Qt/libexec/*",
    "scripts/*",
)

# Never loaded by a product of widgets: three quarters of the size.
UNUSED_FILES = (
    "Qt/qml/*",
    "qml/*",
    "Qt/lib/libQt6WebEngine*",
    "Qt6WebEngine*",
    "QtWebEngine*",
    "Qt/resources/*",
    "resources/*",
    "Qt/translations/qtwebengine_locales/*",
    "translations/qtwebengine_locales/*",
    # Qt Bluetooth ships a helper from BlueZ under GPL-2.0.
    "Qt/lib/libQt6Bluetooth*",
    "Qt6Bluetooth*",
    "QtBluetooth*",
    "Qt/lib/libQt6Designer*",
    "Qt6Designer*",
    "QtDesigner*",
    "Qt/plugins/designer/*",
    "Qt/lib/libQt63D*",
    "Qt63D*",
    "Qt3D*",
    "Qt/plugins/renderers/*",
    "Qt/plugins/renderplugins/*",
    "Qt/plugins/sceneparsers/*",
    "Qt/plugins/geometryloaders/*",
    "Qt/plugins/qmltooling/*",
    # Their qml plugins are gone with qml/; Widgets and Multimedia need none of the controls.
    "Qt/lib/libQt6QuickControls2*",
    "Qt/lib/libQt6QuickDialogs2*",
    "Qt/lib/libQt6QuickTemplates2*",
    "QtQuickControls2*",
    "Qt/lib/libQt6Labs*",
    "Qt/lib/libQt6QmlCompiler*",
    "include/*",
    "typesystems/*",
    "glue/*",
    "*.pyi",
)


def doomed(name: str, patterns: tuple[str, ...] = (*GPL_FILES, *UNUSED_FILES)) -> bool:
    """Whether the file `name` (posix path under the PySide6 folder) is taken out."""
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def prune(site_packages: Path) -> int:
    """Take the files out of `site_packages`; returns the bytes freed."""
    folder = site_packages / "PySide6"
    freed = 0
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif doomed(path.relative_to(folder).as_posix()):
            freed += path.lstat().st_size
            path.unlink()
    # Console scripts of the developer's tools point at what is gone.
    shutil.rmtree(site_packages / "bin", ignore_errors=True)
    return freed
