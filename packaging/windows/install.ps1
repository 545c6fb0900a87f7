<#
.SYNOPSIS
Installs Footman from the unpacked zip: program, configuration, service. Run it again to upgrade.
The webhook is a secret: it is read from a file, or `footman setup` asks for it afterwards.
.EXAMPLE
.\install.ps1 -WebhookFile .\webhook.txt -Environment prod
.EXAMPLE
.\install.ps1 -Uninstall            # configuration and state stay; add -Purge to delete them
#>
[CmdletBinding()]
param(
    [string] $WebhookFile,
    [string] $Environment,
    [string] $LogRoot,
    [switch] $Uninstall,
    [switch] $Purge
)
$ErrorActionPreference = 'Stop'
$program = Join-Path $env:ProgramFiles 'Footman'
$kept = Join-Path $env:ProgramData 'Footman'
$exe = Join-Path $program 'footman.exe'

$me = [Security.Principal.WindowsPrincipal][Security.Principal.WindowsIdentity]::GetCurrent()
if (-not $me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {
    throw 'Footman is installed for the whole machine: open PowerShell as an administrator and run this again.'
}

function Stop-Footman {
    $service = Get-Service Footman -ErrorAction SilentlyContinue
    if ($service -and $service.Status -ne 'Stopped') {
        Stop-Service Footman
        $service.WaitForStatus('Stopped', '00:00:30')
    }
    $service
}

if ($Uninstall) {
    if (Stop-Footman) { & "$env:SystemRoot\System32\sc.exe" delete Footman | Out-Null }
    if (Test-Path $program) { Remove-Item $program -Recurse }
    if ($Purge -and (Test-Path $kept)) { Remove-Item $kept -Recurse }
    Write-Output 'Footman is uninstalled.'
    return
}

# The configuration is first: an invalid webhook ends the installation before anything else is changed.
New-Item $kept -ItemType Directory -Force | Out-Null
& "$env:SystemRoot\System32\icacls.exe" $kept /inheritance:r /grant:r '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' | Out-Null
if ($LASTEXITCODE -ne 0) { throw "the permissions of $kept could not be set" }
$options = @('init', '--if-missing', '--config', (Join-Path $kept 'footman.toml'))
if ($WebhookFile) { $options += "--webhook-file=$WebhookFile" }
if ($Environment) { $options += "--environment=$Environment" }
if ($LogRoot) { $options += "--log-root=$LogRoot" }
& (Join-Path $PSScriptRoot 'footman.exe') @options
if ($LASTEXITCODE -ne 0) { throw 'nothing was installed; the reason is in the line above' }

Stop-Footman | Out-Null
New-Item $program -ItemType Directory -Force | Out-Null
foreach ($file in 'footman.exe', 'LICENSE-APACHE.txt', 'LICENSE-MIT.txt', 'THIRD-PARTY-LICENSES.txt', 'footman.cdx.json', 'CHANGELOG.md') {
    Copy-Item (Join-Path $PSScriptRoot $file) $program -Force
}
# Examples; `footman init --patterns` and `--templates` copy them to where they can be edited.
foreach ($folder in 'patterns', 'templates') {
    Copy-Item (Join-Path $PSScriptRoot $folder) $program -Recurse -Force
}
$path = [Environment]::GetEnvironmentVariable('Path', 'Machine')
if (($path -split ';') -notcontains $program) {
    [Environment]::SetEnvironmentVariable('Path', "$($path.TrimEnd(';'));$program", 'Machine')
}
# An existing service keeps its account, start type and recovery actions.
& $exe service install --if-missing
if ($LASTEXITCODE -ne 0) { throw 'the service was not installed; the reason is in the line above' }
$does = 'is installed; its service is disabled'
if ((Get-Service Footman).StartType -ne 'Disabled') {
    Start-Service Footman
    $does = 'runs'
}
Write-Output "Footman $does. Configuration: $kept\footman.toml. Next: & '$exe' test-send"
