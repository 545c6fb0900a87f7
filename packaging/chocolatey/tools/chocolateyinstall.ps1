$ErrorActionPreference = 'Stop'
$given = Get-PackageParameters
$silent = '/qn /norestart'
foreach ($name in 'WebhookFile', 'Environment', 'LogRoot') {
    if ($given[$name]) { $silent += ' {0}="{1}"' -f $name.ToUpperInvariant(), $given[$name] }
}
$options = @{
    PackageName    = 'footman'
    FileType       = 'msi'
    SilentArgs     = $silent
    Url64bit       = '@URL@/footman-@VERSION@-x64.msi'
    Checksum64     = '@SHA256@'
    ChecksumType64 = 'sha256'
}
Install-ChocolateyPackage @options
