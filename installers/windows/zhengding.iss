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
Name: "sendto"; Description: "文件右键“发送到”中加入政钉会话"

[Files]
Source: "..\..\dist\windows\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[Icons]
Name: "{group}\政钉"; Filename: "{app}\python\pythonw.exe"; Parameters: "-P -m app"; WorkingDir: "{app}\program"
Name: "{autodesktop}\政钉"; Filename: "{app}\python\pythonw.exe"; Parameters: "-P -m app"; WorkingDir: "{app}\program"; Tasks: desktopicon
; "Send to" in the menu of files: Explorer appends their paths. Written from the documentation of [Icons] and {usersendto}.
Name: "{usersendto}\政钉会话"; Filename: "{app}\python\pythonw.exe"; Parameters: "-P -m app --share"; WorkingDir: "{app}\program"; Tasks: sendto
Name: "{userstartup}\政钉"; Filename: "{app}\python\pythonw.exe"; Parameters: "-P -m app"; WorkingDir: "{app}\program"; Tasks: autostart

[Registry]
; zhengding:// links: see "Registering an Application to a URI Scheme" in Microsoft's documentation.
Root: HKA; Subkey: "Software\Classes\zhengding"; ValueType: string; ValueData: "URL:zhengding"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\zhengding"; ValueType: string; ValueName: "URL Protocol"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\zhengding\shell\open\command"; ValueType: string; ValueData: """{app}\python\pythonw.exe"" -P -m app ""%1"""

[UninstallDelete]
Type: filesandordirs; Name: "{app}\program"
Type: filesandordirs; Name: "{app}\site-packages"
