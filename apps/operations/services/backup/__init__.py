from apps.common.absent import later

# With cryptography, 7 MB of every task worker: imported where a backup is signed or its signature is checked.
later("apps.operations.services.backup.signing")
