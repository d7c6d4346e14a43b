#!/bin/busybox sh
# The first process on the emulated Pi: tries the command on the kernel's own GPIO and PWM.
/bin/busybox --install -s /bin
export PATH=/usr/bin:/bin:/sbin
export NO_COLOR=1
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
mount -t debugfs none /sys/kernel/debug
insmod /pwm-bcm2835.ko
cd /app
uname -sr

GPIO='--rig gpio --white-line 17 --grey-line 27'
# Minutes long: it is broken off.
MESSAGE='--ssid a --open --rate 10 --sync 2000'
LINES=/sys/kernel/debug/gpio
base=$(cat "$(dirname "$(grep -l pinctrl-bcm2835 /sys/class/gpio/gpiochip*/label)")/base")
failed=

# expect WHAT COMMAND...: it succeeds
expect() {
  what=$1
  shift
  if "$@"; then echo "ok: $what"; else echo "NOT OK: $what"; failed='something is not'; fi
}
blinkup() { node bin/blinkup "$@"; }
exits() { # CODE ARGUMENTS...: the command ends so
  code=$1
  shift
  blinkup "$@"
  is=$?
  [ $is = "$code" ] || { echo "exit $is"; return 1; }
}
says() { # WORDS ARGUMENTS...: the command says so
  words=$1
  shift
  said=$(blinkup "$@" 2>&1)
  case $said in *"$words"*) ;; *) echo "$said"; return 1 ;; esac
}
is_lit() { grep -qE "GPIO(17|27) .*out hi" $LINES; }
is_dark_and_free() { ! grep -qE "GPIO(17|27) .*(sysfs|blinkup|hi)" $LINES; }
play() { # until the light is on
  node bin/blinkup send $GPIO $MESSAGE 2>/tmp/log &
  pid=$!
  until is_lit; do kill -0 $pid || { cat /tmp/log; return 1; }; done
}
left_by_sysfs() { # LINE: a program has left the LED lit
  echo $((base + $1)) >/sys/class/gpio/export
  echo high >/sys/class/gpio/gpio$((base + $1))/direction
  is_lit
}

try_lines() {
  expect 'off takes the lines and gives them back' exits 0 off $GPIO
  expect 'they are dark and free' is_dark_and_free

  expect 'it plays' play
  kill -9 $pid
  sleep 3
  expect 'killed: dark and free' is_dark_and_free

  expect 'it plays' play
  kill -INT $pid
  wait $pid
  expect 'interrupted: 130' [ $? = 130 ]
  expect 'dark and free' is_dark_and_free
}

# ended PID...: waits until they have ended, which is a little after they were killed.
ended() {
  for killed; do
    while grep -q '^State:[^Z]*$' "/proc/$killed/status" 2>/dev/null; do sleep 0.1; done
  done
}

echo '= the character device'
expect 'doctor finds it' says 'driven by /dev/gpiochip0, pinctrl-bcm2835' doctor
try_lines
expect 'a program has left the LED lit by sysfs' left_by_sysfs 27
expect 'doctor says so' says 'a program uses it, or was killed and has left it in use' doctor $GPIO
expect 'off turns it dark' exits 0 off $GPIO
expect 'dark and free' is_dark_and_free

expect 'it plays' play
expect 'the line is used' says 'BCM 27          another blinkup uses it' doctor $GPIO
pacing=$(cat /proc/$pid/task/$pid/children)
kill -STOP $pacing
kill -9 $pid $pacing
wait $pid
ended $pacing
expect 'both processes killed: dark and free at once' is_dark_and_free

# As on a kernel without CONFIG_GPIO_SYSFS_LEGACY.
echo '= the character device without sysfs'
mount -t tmpfs none /sys/class/gpio
expect 'doctor finds it' says 'driven by /dev/gpiochip0, pinctrl-bcm2835' doctor
try_lines
umount /sys/class/gpio

echo '= sysfs'
mount -t tmpfs none node_modules/koffi
expect 'doctor says why' says 'driven by sysfs and onoff, because koffi, which' doctor
try_lines

expect 'it plays' play
echo $((base + 17)) >/sys/class/gpio/unexport
wait $pid
expect 'a line was taken away: 74' [ $? = 74 ]
expect 'dark and free' is_dark_and_free

expect 'a program has left the LED lit' left_by_sysfs 27
expect 'doctor says so' says 'a program uses it, or was killed and has left it in use' doctor $GPIO
expect 'off turns it dark' exits 0 off $GPIO
expect 'dark and free' is_dark_and_free

# With active-low lines dark is high.
echo $((base + 17)) >/sys/class/gpio/export
echo 1 >/sys/class/gpio/gpio$((base + 17))/active_low
echo high >/sys/class/gpio/gpio$((base + 17))/direction
expect 'high is the level of the pin' [ "$(cat /sys/class/gpio/gpio$((base + 17))/value)" = 0 ]
expect 'off with active-low lines' exits 0 off $GPIO --active-low

echo '= PWM'
expect 'a channel of the PWM is taken and given back' exits 0 off --rig pwm --pin 18
expect 'it is free' [ ! -e /sys/class/pwm/pwmchip0/pwm0 ]
echo 0 >/sys/class/pwm/pwmchip0/export
echo 50000 >/sys/class/pwm/pwmchip0/pwm0/period
echo 50000 >/sys/class/pwm/pwmchip0/pwm0/duty_cycle
echo 1 >/sys/class/pwm/pwmchip0/pwm0/enable
expect 'off turns a lit PWM dark' exits 0 off --rig pwm --pin 18
expect 'it is free' [ ! -e /sys/class/pwm/pwmchip0/pwm0 ]

echo "the end: ${failed:-all is as expected}"
sleep 1000
