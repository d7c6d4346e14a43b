#!/bin/busybox sh
# The first process on the emulated Pi, for benchmarks/gpio-ways.ts: plays messages by either way to the lines, taking turns,
# and says what the command reports of them and when the kernel's driver has written which line.
/bin/busybox --install -s /bin
export PATH=/usr/bin:/bin:/sbin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
mount -t tracefs none /sys/kernel/tracing
cd /app
TRACE=/sys/kernel/tracing
echo mono >$TRACE/trace_clock
echo 8192 >$TRACE/buffer_size_kb
echo 'p:line bcm2835_gpio_set offset=%x1:u32 value=%x2:u32' >$TRACE/kprobe_events
echo 1 >$TRACE/events/kprobes/line/enable

uname -r
for turn in 1 2 3; do
  for way in device sysfs; do
    [ $way = device ] || mount -t tmpfs none node_modules/koffi
    echo >$TRACE/trace
    echo "= $way"
    node bin/blinkup send --rig gpio --white-line 17 --grey-line 27 --dummy --rate 142 --json 2>/dev/null
    echo '= writes'
    sed -n 's/.* \([0-9.]*\): line: .* offset=\([0-9]*\) value=\([01]\).*/\1 \2 \3/p' $TRACE/trace
    [ $way = device ] || umount node_modules/koffi
  done
done
echo 'the end: all is as expected'
sleep 1000
