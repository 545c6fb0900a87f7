<#
.SYNOPSIS
Checks what only a real Windows node can show, and writes one report to send back.
.DESCRIPTION
Run it as an administrator on a node with Footman installed. It changes nothing: it reads settings, and creates
files in its own folder under %TEMP%, which it deletes. The webhook is never read and nothing is sent.
Each line of the report begins with "ok", "NOT" or "info"; send the whole file.
.EXAMPLE
powershell -ExecutionPolicy Bypass -File acceptance.ps1 -Report C:\Temp\footman.txt
.EXAMPLE
powershell -ExecutionPolicy Bypass -File acceptance.ps1 -MsiLog C:\Temp\install.log    # of msiexec /l*v
#>
[CmdletBinding()]
param(
    [string] $Report = 'footman-acceptance.txt',
    [string] $MsiLog
)
$ErrorActionPreference = 'Stop'
$exe = Join-Path $env:ProgramFiles 'Footman\footman.exe'
$kept = Join-Path $env:ProgramData 'Footman'
$own = Join-Path $env:TEMP ('footman-acceptance-' + [Guid]::NewGuid())
$lines = New-Object System.Collections.Generic.List[string]

function Say([string] $word, [string] $text) {
    $lines.Add("$word`t$text")
    Write-Output "$word`t$text"
}
function Check([string] $what, [bool] $so, [string] $seen) {
    $word = if ($so) { 'ok' } else { 'NOT' }
    Say $word "$what ($seen)"
}
# A part that fails is reported; the others continue.
function Part([string] $name, [scriptblock] $work) {
    Say 'info' "---- $name"
    try { & $work } catch { Say 'NOT' "$name failed: $_" }
}
function Show([string[]] $output) {
    foreach ($line in $output) { if ($line.Trim()) { Say 'info' $line.Trim() } }
}

New-Item $own -ItemType Directory | Out-Null

Part 'machine' {
    $windows = Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion'
    Say 'info' "$($windows.ProductName) build $($windows.CurrentBuild).$($windows.UBR), PowerShell $($PSVersionTable.PSVersion)"
    Say 'info' "code page $([Text.Encoding]::Default.CodePage), culture $((Get-Culture).Name), zone $([TimeZoneInfo]::Local.Id)"
    $drive = New-Object IO.DriveInfo ([IO.Path]::GetPathRoot($kept))
    Check 'state is on a local NTFS disk' ($drive.DriveFormat -eq 'NTFS' -and $drive.DriveType -eq 'Fixed') "$($drive.DriveFormat), $($drive.DriveType)"
    Show (& netsh.exe winhttp show proxy)
}

Part 'program' {
    Show (& $exe --version)
    Show (& $exe check 2>&1 | ForEach-Object { "$_" })
    Check 'footman check finds no problem' ($LASTEXITCODE -eq 0) "exit code $LASTEXITCODE"
    Show (& $exe doctor 2>&1 | ForEach-Object { "$_" })
    Show (& $exe status 2>&1 | ForEach-Object { "$_" })
    $signature = Get-AuthenticodeSignature $exe
    Say 'info' "signature: $($signature.Status)"
}

Part 'service' {
    $key = Get-ItemProperty 'HKLM:\SYSTEM\CurrentControlSet\Services\Footman'
    Check 'the path of the service is quoted' ($key.ImagePath.StartsWith('"')) $key.ImagePath
    Check 'the service has delayed start' ($key.Start -eq 2 -and $key.DelayedAutostart -eq 1) "Start $($key.Start), DelayedAutostart $($key.DelayedAutostart)"
    Say 'info' "account $($key.ObjectName), PreshutdownTimeout $($key.PreshutdownTimeout)"
    Show (& "$env:SystemRoot\System32\sc.exe" qfailure Footman)
    Check 'the service runs' ((Get-Service Footman).Status -eq 'Running') (Get-Service Footman).Status
}

Part 'permissions' {
    foreach ($rule in (Get-Acl $kept).Access) {
        $who = $rule.IdentityReference.Translate([Security.Principal.SecurityIdentifier]).Value
        Check 'only the system and administrators may read the configuration' ($who -in 'S-1-5-18', 'S-1-5-32-544') "$($rule.IdentityReference) $($rule.FileSystemRights)"
    }
    Check 'nothing is inherited' (Get-Acl $kept).AreAccessRulesProtected (Get-Acl $kept).AreAccessRulesProtected
}

Part 'secrets' {
    $folder = Join-Path $own 'secret'
    New-Item $folder -ItemType Directory | Out-Null
    $config = Join-Path $folder 'footman.toml'
    [IO.File]::WriteAllText($config, "[channel.default]`nwebhook-secret = 'acceptance'`n")
    $options = @('--config', $config, '--state-dir', (Join-Path $folder 'state'), '--log-root', $folder)
    $value = 'https://acceptance.invalid/' + [Guid]::NewGuid().ToString('N')
    Show ($value | & $exe secret set acceptance @options 2>&1 | ForEach-Object { "$_" })
    Check 'a secret is stored' ($LASTEXITCODE -eq 0) "exit code $LASTEXITCODE"
    $file = Join-Path $folder 'secrets\secret-acceptance'
    $stored = [IO.File]::ReadAllText($file)
    Check 'it is encrypted' ($stored.StartsWith('machine-key:') -and -not $stored.Contains($value)) "$($stored.Length) characters"
    Check 'nothing is inherited by its file' (Get-Acl $file).AreAccessRulesProtected (Get-Acl $file).AreAccessRulesProtected
    foreach ($rule in (Get-Acl $file).Access) { Say 'info' "$($rule.IdentityReference) $($rule.FileSystemRights)" }
    Add-Type -AssemblyName System.Security
    $hex = $stored.Trim().Substring('machine-key:'.Length)
    $bytes = [byte[]] @(for ($n = 0; $n -lt $hex.Length; $n += 2) { [Convert]::ToByte($hex.Substring($n, 2), 16) })
    $opened = [Text.Encoding]::UTF8.GetString([Security.Cryptography.ProtectedData]::Unprotect($bytes, $null, 'LocalMachine'))
    Check 'this machine can decrypt it' ($opened -eq $value) "$($opened.Length) characters"
    $listed = (& $exe secret list @options 2>&1 | ForEach-Object { "$_" }) -join "`n"
    Check 'the list names it without its value' ($listed.Contains('acceptance') -and -not $listed.Contains($value)) $listed.Trim()
    [IO.File]::WriteAllText($config, "[channel.default]`n")
    & $exe secret remove acceptance @options 2>&1 | Out-Null
    Check 'it can be removed' ($LASTEXITCODE -eq 0 -and -not (Test-Path $file)) "exit code $LASTEXITCODE"
}

Part 'installer' {
    $events = Get-WinEvent -FilterHashtable @{ LogName = 'Application'; ProviderName = 'MsiInstaller' } -MaxEvents 500 -ErrorAction SilentlyContinue
    $events | Where-Object { $_.Message -match 'Footman' } | Select-Object -First 5 | ForEach-Object { Say 'info' "$($_.TimeCreated.ToString('s')) $($_.Id)" }
    if ($MsiLog) {
        $told = Select-String -Path $MsiLog -Pattern 'sig=' -SimpleMatch -Quiet
        Check 'the log of the installer hides the webhook' (-not $told) $MsiLog
    }
}

Part 'event log' {
    $events = Get-WinEvent -FilterHashtable @{ LogName = 'Application'; ProviderName = 'Footman' } -MaxEvents 5 -ErrorAction SilentlyContinue
    Say 'info' "$(@($events).Count) entries from Footman in the application log"
    foreach ($event in $events) { Say 'info' "$($event.TimeCreated.ToString('s')) $($event.Id)" }
}

Part 'System log' {
    $wanted = @{ LogName = 'System'; ProviderName = 'Service Control Manager'; Id = 7023, 7024, 7031, 7034, 7042 }
    $events = Get-WinEvent -FilterHashtable $wanted -MaxEvents 10 -ErrorAction SilentlyContinue
    Say 'info' "$(@($events).Count) entries about services that stopped"
    # Footman runs exactly this query when a service stopped.
    & "$env:SystemRoot\System32\wevtutil.exe" qe System /f:xml /rd:true /uni:true /c:40 "/q:*[System[(Provider[@Name='Service Control Manager'] and (EventID=7023 or EventID=7024 or EventID=7031 or EventID=7034 or EventID=7042) and TimeCreated[timediff(@SystemTime) <= 300000]) or (Provider[@Name='User32'] and EventID=1074 and TimeCreated[timediff(@SystemTime) <= 1800000])]]" | Out-Null
    Check 'Windows accepts the query for the reason of a stop' ($LASTEXITCODE -eq 0) "exit code $LASTEXITCODE"
    foreach ($event in $events) { Say 'info' "$($event.Id): $(($event.Properties | ForEach-Object { if ($_.Value -is [byte[]]) { [Text.Encoding]::Unicode.GetString($_.Value) } else { $_.Value } }) -join ' | ')" }
}

Part 'Qlik Sense' {
    Get-Service | Where-Object { $_.DisplayName -like 'Qlik Sense*' } | ForEach-Object { Say 'info' "$($_.Name): $($_.Status), $($_.StartType)" }
    $log = Join-Path $env:ProgramData 'Qlik\Sense\Log'
    Check 'the logs are in their usual place' (Test-Path $log) $log
    if (Test-Path $log) { Say 'info' "folders: $((Get-ChildItem $log -Directory).Name -join ', ')" }
}

Part 'deletion' {
    # Programs that follow a file share it like this.
    $file = Join-Path $own 'read.log'
    Set-Content $file 'one'
    $reader = [IO.File]::Open($file, 'Open', 'Read', 'ReadWrite, Delete')
    Remove-Item $file
    try { Set-Content $file 'two'; $free = $true } catch { $free = $false }
    $reader.Dispose()
    Check 'the name of a file that is deleted while it is read is free immediately' $free "free: $free"
}

Part 'stale sizes' {
    $file = Join-Path $own 'grows.log'
    $writer = [IO.File]::Open($file, 'Create', 'Write', 'ReadWrite, Delete')
    $writer.Write((New-Object byte[] 5000), 0, 5000)
    $writer.Flush($true)
    $listed = (& cmd.exe /c "dir /-c `"$file`"" | Select-String 'grows.log').Line
    Say 'info' "5000 bytes are written and the file is open; the folder lists: $($listed.Trim())"
    $writer.Dispose()
}

# Measures the time from a row to a card for each form of path; the card goes to a folder, nothing is sent.
function Measure-Card([string] $form, [string] $root) {
    $here = Join-Path $own $form
    $trace = Join-Path $here 'Log\Scheduler\Trace'
    New-Item $trace -ItemType Directory -Force | Out-Null
    $log = Join-Path $trace 'ACCEPTANCE_System_Scheduler.txt'
    $columns = 'Sequence# Timestamp Level Hostname Logger Thread Id ServiceUser Message Exception StackTrace ProxySessionId TaskName TaskId ExecutionId AppName AppId User' -replace ' ', "`t"
    [IO.File]::WriteAllText($log, "$columns`r`n")
    $config = Join-Path $here 'footman.toml'
    [IO.File]::WriteAllText($config, "[incident]`nsettle = `"100ms`"`n[log]`nfolder = '$here\own'`n[channel.default]`n")
    $followed = $root.Replace('HERE', $here)
    $options = @('run', '--config', "`"$config`"", '--state-dir', "`"$here\state`"", '--log-root', "`"$followed`"")
    $agent = Start-Process $exe $options -PassThru -WindowStyle Hidden
    try {
        for ($n = 0; $n -lt 100 -and -not (Test-Path "$here\state\state.db"); $n++) { Start-Sleep -Milliseconds 100 }
        Start-Sleep -Seconds 3
        $id = [Guid]::NewGuid()
        $stamp = Get-Date -Format "yyyyMMdd'T'HHmmss.fffzzz"
        $row = @('1', $stamp.Remove($stamp.LastIndexOf(':'), 1), 'ERROR', 'ACCEPTANCE', 'System.Scheduler.Scheduler.Master.Task.TaskSession', '9', $id,
            'EXAMPLE\qlikservice', 'Max retries reached', '', '', '', 'Acceptance', $id, $id, 'Acceptance', $id, 'INTERNAL\sa_scheduler') -join "`t"
        $watch = [Diagnostics.Stopwatch]::StartNew()
        [IO.File]::AppendAllText($log, "$row`r`n")
        while ($watch.Elapsed.TotalSeconds -lt 30 -and -not (Get-ChildItem "$here\state\cards" -Recurse -Filter *.json -ErrorAction SilentlyContinue)) { Start-Sleep -Milliseconds 10 }
        $took = [int] $watch.Elapsed.TotalMilliseconds
        Check "a row becomes a card with the log root as $form" ($took -lt 29000) "$took ms; under 700 means that notifications arrived"
    }
    finally { Stop-Process $agent -Force; $agent.WaitForExit() }
}

Part 'from row to card' {
    Measure-Card 'path' 'HERE\Log'
    Measure-Card 'verbatim' '\\?\HERE\Log'
    Measure-Card 'share' ('\\localhost\' + $own[0] + '$' + $own.Substring(2) + '\share\Log')
}

if (Test-Path $own) { Remove-Item $own -Recurse -Force }
[IO.File]::WriteAllLines($ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Report), $lines)
Write-Output "Please send $Report"
