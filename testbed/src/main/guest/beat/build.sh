#!/bin/sh
# Builds the beating guest: build.sh OUTPUT-DIRECTORY. The same compiler gives the same bytes wherever it is run;
# toolchain.txt beside the ELF says which compiler that was.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$here"
flags="-m64 -O2 -ffreestanding -fno-pic -fno-pie -mno-red-zone -mgeneral-regs-only -fno-stack-protector
    -fcf-protection=none -fno-asynchronous-unwind-tables -mcmodel=small -frandom-seed=beat -Wall -Wextra -Werror"
gcc $flags -c boot.S -o "$out/boot.o"
gcc $flags -c beat.c -o "$out/beat.o"
ld -m elf_x86_64 -static -nostdlib -z noexecstack --build-id=none -T link.ld "$out/boot.o" "$out/beat.o" -o "$out/beat64.elf"
# The multiboot loader takes 32-bit ELF files only; the code inside stays 64 bit.
objcopy --strip-all -O elf32-i386 "$out/beat64.elf" "$out/beat.elf"
{ gcc --version | head -n 1; ld --version | head -n 1; } > "$out/toolchain.txt"
rm "$out/boot.o" "$out/beat.o" "$out/beat64.elf"
