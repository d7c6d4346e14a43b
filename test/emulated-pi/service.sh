#!/bin/busybox sh
# machine: virt
# packages: systemd udev base-passwd passwd mount
# The first process on an emulated board: makes the rest of a system, and hands over to systemd, which runs this script again, as
# a service: it installs the station by the steps of install/README.md, and tries it. All of it is real but the ADC, which is a file and
# sees nothing: so each unit fails by its light, or is cut short in it.
export PATH=/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin NO_COLOR=1

if [ $$ = 1 ]; then
  /bin/busybox --install -s /bin
  mkdir -p /etc/security/limits.d /etc/udev/rules.d /etc/sysusers.d /etc/systemd/system /var/log /usr/local/bin
  cp /usr/share/base-passwd/passwd.master /etc/passwd
  cp /usr/share/base-passwd/group.master /etc/group
  echo 5c1e8f0c2a1b4b6f9d3e7a8b9c0d1e2f >/etc/machine-id
  printf '#!/bin/sh\nexec "$@"\n' >/bin/sudo
  printf '#!/bin/sh\ncp /station.toml "$1"\n' >/bin/nano # what the user makes of it
  chmod 755 /bin/sudo /bin/nano
  # The board's only chip stands for the header of a Pi. Its line 3 is the button.
  sed -i s/pinctrl-rp1/9030000.pl061/ /app/dist/rig/raspberry-pi/gpio-header.js
  # What takes long here and serves nobody.
  for unit in systemd-hwdb-update systemd-journal-catalog-update systemd-udev-trigger systemd-tmpfiles-setup-dev-early \
    systemd-update-done ldconfig getty-static serial-getty@; do
    ln -s /dev/null /etc/systemd/system/$unit.service
  done
  mkdir /etc/systemd/system/multi-user.target.wants
  ln -s /lib/systemd/system/multi-user.target /etc/systemd/system/default.target
  ln -s ../trial.service /etc/systemd/system/multi-user.target.wants/
  cat >/etc/systemd/system/trial.service <<UNIT
[Unit]
After=basic.target
[Service]
ExecStart=/init
Environment=USER=root
UNIT
  exec /lib/systemd/systemd
fi

exec >/dev/console 2>&1
cd /app
uname -sr
mount -t debugfs none /sys/kernel/debug 2>/dev/null
PASSWORD='a password of the line'
KEY=key-of-the-maker-0123456789abcdef
PAGE=page-of-the-emulated-line
JOURNAL='journalctl -u blinkup-station -o cat --no-pager'
LED='4 5'
BUSY=2 PASS=6 FAIL=7
failed=

# expect WHAT COMMAND...: it succeeds
expect() {
  what=$1
  shift
  if "$@"; then echo "ok: $what"; else echo "NOT OK: $what"; failed='something is not'; $JOURNAL -n 20; fi
}
eventually() { # COMMAND...: it succeeds within a generous time
  for _ in $(seq 300); do
    "$@" && return
    sleep 1
  done
  return 1
}
# block HEADING: the first shell commands below it in install/README.md
block() { awk -v heading="$1" '$0 == heading { on = 1 } on && /^```$/ { exit } on && p; on && /^```sh$/ { p = 1 }' install/README.md; }
settings() { cat - /rigs.toml >/station.toml; }
settle() { settings && cp /station.toml /etc/blinkup/; }
is() { [ "$(systemctl show -P "$1" blinkup-station)" = "$2" ]; } # PROPERTY VALUE
says() { $JOURNAL | grep -qE "$1"; }
ready() { [ "$($JOURNAL | grep -c 'left: the rig is ready')" = "$1" ]; } # TIMES
high() { grep -qE "gpio-$((base + $1)) .*out hi" /sys/kernel/debug/gpio; }
low() { for line; do ! high "$line" || return; done; } # LINE...
lit() { high 4 || high 5; }
record() { systemd-run -q --wait --uid=blinkup blinkup station report --database /var/lib/blinkup/station.db --jsonl /tmp/records; }
# refused CODE WORDS: the station does not start, ends with the code and says so, and is not started again
refused() {
  ! systemctl start blinkup-station 2>/dev/null || return
  sleep 3
  is ActiveState failed && is ExecMainStatus "$1" && is NRestarts 0 && systemctl status blinkup-station | grep -q "$2" && return
  systemctl status --no-pager -l blinkup-station
  return 1
}
base=$(cat /sys/class/gpio/gpiochip*/base)
# An ADC that sees nothing.
insmod /industrialio.ko
mkdir -p /run/adc/iio:device0
echo mcp3008 >/run/adc/iio:device0/name
echo 100 >/run/adc/iio:device0/in_voltage0_raw
mount --bind /run/adc /sys/bus/iio/devices

cat >/server.mjs <<'SCRIPT'
import { appendFileSync } from 'node:fs'
import http from 'node:http'
// No device comes: units are given tokens only.
let count = 0
http.createServer((request, response) => {
  const isRight = request.headers.authorization === `Basic ${Buffer.from(`${process.env.KEY}:`).toString('base64')}`
  const id = `a1b2c3d4${String(++count).padStart(8, '0')}`
  if (isRight) appendFileSync('/tokens', `${id}\n`)
  response.writeHead(isRight ? 200 : 401, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ id, plan_id: 'fedcba9876543210' }))
}).listen(9000, '127.0.0.1')
SCRIPT
KEY=$KEY node /server.mjs &

cat >/rigs.toml <<'SETTINGS'
[message]
ssid = "factory"
[enrollment]
url = "http://127.0.0.1:9000"
[page]
port = 8080
[rigs.left]
rig = "gpio"
white-line = 4
grey-line = 5
photodiode = "adc"
[rigs.left.trigger]
line = 3
active-low = false
[rigs.left.lamps]
busy = 2
pass = 6
fail = 7
SETTINGS
TOP='name = "line 3"
database = "/var/lib/blinkup/station.db"
rate = 60
lockout = 0'

echo '= it is installed'
ln -s /app/bin/blinkup /usr/local/bin/blinkup # what npm makes
block '## blinkup' | grep -v -e '^git ' -e '^npm ' >/steps.sh
expect 'the steps for all' sh -e /steps.sh
expect 'a user of its own, in the group of the lines' grep -q '^gpio:.*blinkup' /etc/group
udevadm control --reload && udevadm trigger --settle --subsystem-match=gpio --action=add # what a restart does
expect 'the lines are that of the group' [ "$(stat -c '%G %a' /dev/gpiochip0)" = 'gpio 660' ]

block '## As a station of the line' >/steps.sh
printf '%s' "$PASSWORD" >blinkup-password
echo "$KEY" >blinkup-enrollment-key
echo "$TOP" | settings
# It is started by what is tried below.
sed -i -e '/^systemctl status/d' -e '/systemctl reload/d' -e 's/enable --now/enable/' /steps.sh
expect 'the steps for a station' sh -e /steps.sh

echo "= settings that are wrong"
echo "$TOP
colour = 1" | settle
expect 'a mistake in the file' refused 78 'colour is not a setting'
echo "$TOP" | settle
mv /etc/credstore/blinkup-password /
expect 'no password' refused 64 'the Wi-Fi password is missing'
mv /blinkup-password /etc/credstore/

echo "= it runs"
printf '%s' "$PAGE" >/etc/credstore/blinkup-page-token
systemctl start --no-block blinkup-station
expect 'it starts' eventually says 'pages: http'
expect 'it is ready' eventually is ActiveState active
expect 'and says so' is StatusText '1 rig'
expect 'the rig is ready' eventually ready 1

echo "= a unit whose light is not seen"
echo press
expect 'the footswitch starts it' eventually high $BUSY
expect 'the light is on' eventually lit
expect 'it fails by its light' eventually says 'left: cycle 1 [A-Z]+, light-failed'
expect 'the lamp says so' high $FAIL
expect 'all else is dark' low $LED $BUSY $PASS

echo "= it reads its settings again"
echo "$TOP
[limits]
swing-pct = [99, 100]" | settle
expect 'reload' systemctl reload blinkup-station
expect 'is told' eventually says 'was read again'
expect 'it goes on' is ActiveState active

echo "= it hangs"
echo press
expect 'the light is on' eventually lit
kill -STOP "$(systemctl show -P MainPID blinkup-station)"
expect 'the watchdog ends it' eventually says 'Watchdog timeout'
expect 'it is started again' eventually is NRestarts 1
expect 'it is ready' eventually is ActiveState active
expect 'the LED is dark' low $LED

echo "= it is stopped in the light"
expect 'the rig is ready' eventually ready 2
echo press
expect 'the light is on' eventually lit
expect 'stop' systemctl stop blinkup-station
expect 'it has ended well' is Result success
expect 'by SIGTERM' is ExecMainStatus 143
expect 'all is dark' low $LED $BUSY $PASS $FAIL
expect 'all lines are free' [ "$(grep -c blinkup /sys/kernel/debug/gpio)" = 0 ]

echo "= what is left"
expect 'the records are read' record
reasons=$(grep -o '"reason":[a-z"-]*' /tmp/records | cut -d: -f2 | sort | tr '\n' ' ')
expect "each cycle has its end: $reasons" [ "$reasons" = '"interrupted" "light-failed" "stopped" ' ]
expect 'a token each' [ "$(sort -u /tokens | grep -c .)" = 3 ]
$JOURNAL >/tmp/journal
expect 'no secret is in the journal' sh -c "! grep -F -e '$PASSWORD' -e '$KEY' -e '$PAGE' -f /tokens /tmp/journal /tmp/records"
expect 'the records are its own' [ "$(stat -c '%U %a' /var/lib/blinkup/station.db)" = 'blinkup 600' ]
echo "the end: ${failed:-all is as expected}"
sleep 1000
