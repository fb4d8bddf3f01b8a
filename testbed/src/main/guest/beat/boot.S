/*
 * From the multiboot entry (32 bit, paging off) to beat_main() in long mode, and the interrupt stubs.
 *
 * The first 16 GiB are mapped one to one with 2 MiB pages: the guest addresses all of its RAM by physical address, and a
 * page that a hand-over lost or mixed up cannot hide behind a mapping.
 */
    .section .multiboot, "a"
    .align 4
    .long 0x1BADB002                        /* multiboot 1 */
    .long 0x00000003                        /* modules page aligned; memory map wanted */
    .long -(0x1BADB002 + 0x00000003)        /* the three sum up to zero */

    .set MAPPED_GIB, 16
    .set ENTRIES, 512
    .set PRESENT_WRITABLE, 0x3
    .set PRESENT_WRITABLE_LARGE, 0x83

    .text
    .code32
    .globl _start
_start:
    cli
    movl $stack_top, %esp
    movl %ebx, %ebp                         /* multiboot information; ebx is needed no longer, edi is */

    movl $page_tables, %edi                 /* nobody has cleared the tables: the loader may leave old bytes */
    xorl %eax, %eax
    movl $(page_tables_end - page_tables) / 4, %ecx
    rep stosl

    movl $level3, %eax
    orl $PRESENT_WRITABLE, %eax
    movl %eax, level4

    movl $level2, %eax                      /* one level 2 table per GiB */
    orl $PRESENT_WRITABLE, %eax
    movl $level3, %edi
    movl $MAPPED_GIB, %ecx
1:  movl %eax, (%edi)
    addl $4096, %eax
    addl $8, %edi
    loop 1b

    movl $level2, %edi
    movl $PRESENT_WRITABLE_LARGE, %eax
    xorl %edx, %edx
    movl $(MAPPED_GIB * ENTRIES), %ecx
2:  movl %eax, (%edi)
    movl %edx, 4(%edi)
    addl $0x200000, %eax
    adcl $0, %edx                           /* beyond 4 GiB the address needs its upper half */
    addl $8, %edi
    loop 2b

    movl %cr4, %eax
    orl $0x20, %eax                         /* PAE, which long mode demands */
    movl %eax, %cr4
    movl $level4, %eax
    movl %eax, %cr3
    movl $0xC0000080, %ecx                  /* EFER: long mode enable */
    rdmsr
    orl $0x100, %eax
    wrmsr
    movl %cr0, %eax
    orl $0x80000000, %eax                   /* paging on: long mode begins */
    movl %eax, %cr0
    lgdt gdt_pointer
    ljmp $8, $start64

    .code64
start64:
    movw $16, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movl %ebp, %edi
    movq $stack_top, %rsp
    call beat_main
3:  hlt
    jmp 3b

    .globl timer_interrupt, other_interrupt
timer_interrupt:
    pushq %rax
    incq ticks
    movb $0x20, %al                         /* end of interrupt */
    outb %al, $0x20
    popq %rax
    iretq
other_interrupt:
    iretq

/* One stub of 16 bytes per exception: its number goes to the first argument. */
    .globl exception_stubs
exception_stubs:
    .set number, 0
    .rept 32
    .align 16
    movl $number, %edi
    jmp exception
    .set number, number + 1
    .endr
exception:
    movq (%rsp), %rsi                       /* error code, or the address where there is none */
    movq %cr2, %rdx
    call beat_exception

    .data
    .align 8
gdt:
    .quad 0
    .quad 0x00AF9A000000FFFF                /* 8: code, 64 bit */
    .quad 0x00CF92000000FFFF                /* 16: data */
gdt_pointer:
    .word 23
    .long gdt

    .bss
    .align 4096
page_tables:
level4: .skip 4096
level3: .skip 4096
level2: .skip 4096 * MAPPED_GIB
page_tables_end:
    .skip 16384
stack_top:
