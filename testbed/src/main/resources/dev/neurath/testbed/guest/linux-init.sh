#!/bin/busybox sh
# The Linux guest's only program: it brings up a disk and a NIC, then tells about ten times a second whether a file in
# memory and a file on the disk still have the sums they had. Every line is one it counted itself: a repeat, a gap or a
# wrong sum tells on whoever moved this guest.
b=/bin/busybox
$b mount -t devtmpfs dev /dev
$b mount -t proc proc /proc
$b mount -t tmpfs mem /mem
exec </dev/console >/dev/console 2>&1

while read module; do
    $b insmod "/modules/$module" || echo "no module $module"
done </modules/order

# Frames that nobody answers: what matters is that the NIC's rings are in use.
$b ip link set lo up
$b ip link set eth0 up
$b ip addr add 10.0.2.15/24 dev eth0
$b arping -q -I eth0 10.0.2.2 &

$b mke2fs -F /dev/vda >/dev/null
$b mount -t ext4 /dev/vda /disk
$b dd if=/dev/urandom of=/mem/file bs=64k count=4 status=none
$b cp /mem/file /disk/file
$b sync
want=$($b md5sum </mem/file)
echo READY

n=0
while :; do
    n=$((n + 1))
    # Every tenth round the disk's file is written again, past the page cache as all reading is.
    if [ $((n % 10)) = 0 ]; then
        $b dd if=/mem/file of=/disk/file bs=64k oflag=direct conv=notrunc status=none
    fi
    mem=$($b md5sum </mem/file)
    disk=$($b dd if=/disk/file bs=64k iflag=direct status=none | $b md5sum)
    [ "$mem" = "$want" ] && mem=ok || mem=BAD
    [ "$disk" = "$want" ] && disk=ok || disk=BAD
    read uptime idle </proc/uptime
    echo "L $n mem=$mem disk=$disk t=$uptime"
    $b usleep 50000
done
