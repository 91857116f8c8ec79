# Collects what the Windows installer needs into dist\windows, then runs Inno Setup.
# NOT VERIFIED: written without a Windows machine at hand; see installers\README.md.
# Usage: powershell -File installers\windows\build.ps1 -Python C:\path\python-3.11-embed -Wheelhouse wheels
param(
    [Parameter(Mandatory = $true)][string]$Python,      # an unpacked "embeddable package" of CPython 3.11, x86_64
    [Parameter(Mandatory = $true)][string]$Wheelhouse,  # made by installers\build_wheelhouse.py windows-x86_64
    [string]$Iscc = "C:\Program Files (x86)\Inno Setup 6\ISCC.exe"
)
$ErrorActionPreference = "Stop"
$root = Resolve-Path (Join-Path $PSScriptRoot "..\..")
$stage = Join-Path $root "dist\windows"
if (Test-Path $stage) { Remove-Item -Recurse -Force $stage }
New-Item -ItemType Directory -Force "$stage\program", "$stage\site-packages" | Out-Null

foreach ($name in "app", "widgets", "lock", "meeting_seat_designer", "offline_ai", "server_stub") {
    Copy-Item -Recurse (Join-Path $root $name) "$stage\program\$name"
}
Get-ChildItem -Recurse -Directory -Filter "__pycache__" "$stage\program" | Remove-Item -Recurse -Force
Copy-Item (Join-Path $root "LICENSE") "$stage\LICENSE.txt"
Copy-Item (Join-Path $root "docs\licences.md") "$stage\licences.md"
Copy-Item -Recurse $Python "$stage\python"

# The wheelhouse was checked against the lock when it was collected; checked again here, on the machine that installs.
& python -m pip install --no-index --find-links $Wheelhouse --require-hashes --no-deps --only-binary=:all: `
    --target "$stage\site-packages" -r (Join-Path $root "installers\lock\runtime.lock")
if ($LASTEXITCODE -ne 0) { throw "pip ended with $LASTEXITCODE" }
& python -c "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path; from installers.prune import prune; print(prune(Path(sys.argv[2])))" `
    $root "$stage\site-packages"
if ($LASTEXITCODE -ne 0) { throw "pruning failed" }

# The embeddable package reads its paths from this file alone.
Set-Content -Encoding ascii "$stage\python\python311._pth" "python311.zip`n.`n..\program`n..\site-packages"

$version = (Select-String -Path (Join-Path $root "pyproject.toml") -Pattern '^version = "(.+)"').Matches[0].Groups[1].Value
& $Iscc "/DVersion=$version" (Join-Path $PSScriptRoot "zhengding.iss")
if ($LASTEXITCODE -ne 0) { throw "Inno Setup ended with $LASTEXITCODE" }
