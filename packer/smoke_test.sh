#!/bin/sh
# On the builder, before it becomes an image: serve the shop once from what was baked, and leave no trace of it.
set -eu

health() {
    python3 - <<'PYTHON'
import sys, urllib.request
try:
    with urllib.request.urlopen("http://127.0.0.1/health", timeout=5) as answer:
        sys.exit(answer.status != 200)
except OSError:
    sys.exit(1)
PYTHON
}

forget() {
    systemctl stop webmarket.target nginx.service 'webmarket-*.service' 'webmarket-*.socket' 'webmarket-*.timer' || true
    rm -rf /etc/webmarket/instance.env /etc/webmarket/smoke.env /var/lib/webmarket/smoke.sqlite3* /var/lib/webmarket/broker
    rm -rf /run/webmarket
    systemctl reset-failed
}
trap forget EXIT

umask 077
printf '%s\n' ALLOWED_HOSTS=127.0.0.1 SITE_URL=https://127.0.0.1 EMAIL_URL=consolemail:// CELERY_BROKER_URL=filesystem://localhost \
    DATABASE_URL=sqlite:////var/lib/webmarket/smoke.sqlite3 "SECRET_KEY=$(head -c 48 /dev/urandom | base64 -w 0)" \
    > /etc/webmarket/smoke.env
grep -v '^#' /opt/webmarket/current/deploy/sample_shop.env >> /etc/webmarket/smoke.env
printf '%s\n' WEBMARKET_ENVIRONMENT=smoke WEBMARKET_ROLE=web,workers WEBMARKET_SETTINGS=/etc/webmarket/smoke.env \
    > /etc/webmarket/instance.env

systemctl start webmarket-migrate.service
systemctl start webmarket.target
seconds=0
until health; do
    seconds=$((seconds + 1))
    if [ "$seconds" -gt 30 ]; then
        journalctl --no-pager -o cat -n 50
        echo "The shop is not healthy after 30 s." >&2
        exit 1
    fi
    sleep 1
done
for unit in nginx webmarket-web webmarket-worker webmarket-operations webmarket-beat; do
    systemctl is-active --quiet "$unit" || { journalctl --no-pager -o cat -n 50 -u "$unit"; echo "$unit does not run." >&2; exit 1; }
done
echo "The shop is healthy after $seconds s; web, worker, operations, beat and nginx run."
