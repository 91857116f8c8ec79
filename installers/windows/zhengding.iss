; Inno Setup 6 script for Windows 10 and 11. NOT VERIFIED: see installers\README.md.
#ifndef Version
  #define Version "0.0.0"
#endif

[Setup]
AppId={{6B0B1C1E-6E8D-4E0A-9C54-7C7B6C9A52D1}
AppName=政钉
AppVersion={#Version}
DefaultDirName={autopf}\Zhengding
DefaultGroupName=政钉
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
LicenseFile=..\..\dist\windows\LICENSE.txt
OutputDir=..\..\dist
OutputBaseFilename=zhengding-{#Version}-windows-x86_64
Compression=lzma2/max
SolidCompression=yes
CloseApplications=yes

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"

[Tasks]
Name: "desktopicon"; Description: "桌面快捷方式"
Name: "autostart"; Description: "开机自动启动"

[Files]
Source: "..\..\dist\windows\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[Icons]
Name: "{group}\政钉"; Filename: "{app}\python\pythonw.exe"; Parameters: "-P -m app"; WorkingDir: "{app}\program"
Name: "{autodesktop}\政钉"; Filename: "{app}\python\pythonw.exe"; Parameters: "-P -m app"; WorkingDir: "{app}\program"; Tasks: desktopicon
Name: "{userstartup}\政钉"; Filename: "{app}\python\pythonw.exe"; Parameters: "-P -m app"; WorkingDir: "{app}\program"; Tasks: autostart

[UninstallDelete]
Type: filesandordirs; Name: "{app}\program"
Type: filesandordirs; Name: "{app}\site-packages"
