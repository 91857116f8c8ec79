#!/bin/sh
# Starts the product with the interpreter and the packages that it came with.
files=$(dirname "$(dirname "$(readlink -f "$0")")")
python=
for candidate in "$files/python/bin/python3" python3.11 python3.12 python3.13 python3; do
    if "$candidate" -c 'import sys; raise SystemExit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "政钉需要 Python 3.11 至 3.13，请联系管理员安装自带 Python 的安装包。(Python 3.11 to 3.13 is needed.)" >&2
    exit 1
fi
if [ ! -d "$files/site-packages" ]; then
    echo "安装包不含依赖库，请安装完整的安装包。(This package was built without its libraries.)" >&2
    exit 1
fi
# -P: the folder that the person happens to be in is not searched for modules.
PYTHONPATH="$files/program:$files/site-packages" PYTHONNOUSERSITE=1 PYTHONUTF8=1 exec "$python" -P -m app "$@"
