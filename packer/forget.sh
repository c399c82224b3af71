#!/bin/sh
# On the builder, last: what belongs to one machine and not to an image.
set -eu
apt-get clean
rm -rf /var/lib/apt/lists/* /tmp/contents.json /root/.ansible /home/admin/.ansible
find /var/log -type f -exec truncate -s 0 {} +
rm -rf /var/log/journal/*
: > /etc/machine-id
rm -f /var/lib/dbus/machine-id /var/lib/systemd/random-seed
if command -v cloud-init > /dev/null; then
    # Keys of hosts and of people come anew with each instance.
    rm -f /etc/ssh/ssh_host_* /home/admin/.ssh/authorized_keys /root/.ssh/authorized_keys
    cloud-init clean --logs
fi
