/*
 * The beating guest: a whole machine that does nothing but tell on whoever handles it badly.
 *
 * It beats on a timer (one line per beat on the debug port), keeps writing to its working set, and keeps checking every
 * page of its RAM against the pattern that must stand there. Each page's pattern depends on the page's number and on
 * how often it was written, so a page that is lost, stale, swapped with another, or written by a second owner shows.
 *
 * On the debug port (0xe9), one line each:
 *   FILL ...              the parameters, before the RAM is filled
 *   READY                 the RAM is filled, the timer runs
 *   0000002a              a beat: hexadecimal, consecutive. A repeat or a gap means a log or a memory that was cut
 *   S t=... errs=...      every 256 beats: timer ticks, time stamp counter, work done, errors so far, the clock
 *   E page=... got=...    a page that does not hold what it must (the first 20)
 *   X exc=...             an exception of the processor: the guest halts
 *
 * Command line: hz= beats per second (19 and up), dpt= pages dirtied per beat, ws= MiB of working set, vpt= pages
 * verified per beat.
 */
typedef unsigned long u64;
typedef unsigned int u32;
typedef unsigned short u16;
typedef unsigned char u8;

enum {
    DEBUG_PORT = 0xe9,
    PAGE = 4096,
    PROBES = 8,                 /* words checked per page, one in every eighth: a torn page shows, at 8 writes each */
    PROBE_STRIDE = PAGE / PROBES / 8,
    MAX_REGIONS = 8,
    MAX_ERRORS_TOLD = 20,
    STATUS_EVERY = 256,
    SLOWEST_HZ = 19,            /* the timer's divisor has 16 bits */
    TIMER_HZ = 1193182,
};

#define FIRST_PAGE 0x1000000UL  /* 16 MiB: below are this program and the table of generations */
#define MAPPED (16UL << 30)     /* what boot.S maps */
#define MAX_PAGES (2UL << 20)   /* as many as the table of generations holds: 8 GiB of RAM */

/* How often each page was written; fixed between 8 and 16 MiB, since there is no allocator. */
static u32 *const generation = (u32 *)0x800000UL;

volatile u64 ticks;             /* counted by the timer's interrupt in boot.S */
extern char timer_interrupt[], other_interrupt[], exception_stubs[];

static struct { u64 base, pages; } region[MAX_REGIONS];
static int regions;
static u64 pages;
static u64 errors;

static inline void out(u16 port, u8 value) { __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port)); }

static inline u8 in(u16 port)
{
    u8 value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline u64 time_stamp(void)
{
    u32 low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return low | (u64)high << 32;
}

static void put(const char *text)
{
    while (*text)
        out(DEBUG_PORT, *text++);
}

static void put_hex(u64 value, int digits)
{
    while (digits--)
        out(DEBUG_PORT, "0123456789abcdef"[value >> 4 * digits & 15]);
}

static void put_number(u64 value)
{
    char digits[24];
    int n = 0;
    do {
        digits[n++] = '0' + value % 10;
        value /= 10;
    } while (value);
    while (n)
        out(DEBUG_PORT, digits[--n]);
}

void beat_exception(u64 number, u64 where, u64 address)
{
    put("X exc=");
    put_number(number);
    put(" a=");
    put_hex(where, 16);
    put(" cr2=");
    put_hex(address, 16);
    put("\n");
    for (;;)
        __asm__ volatile("cli; hlt");
}

/* RAM has holes (below 4 GiB): pages are numbered across them. */
static volatile u64 *page_at(u64 page)
{
    for (int r = 0; r < regions; r++) {
        if (page < region[r].pages)
            return (volatile u64 *)(region[r].base + page * PAGE);
        page -= region[r].pages;
    }
    return 0;
}

/* Different for every page, generation and probe; large odd factors, so that neighbours differ in many bits. */
static inline u64 pattern(u64 page, u32 gen, int probe)
{
    return (page + 1) * 0x9E3779B97F4A7C15UL ^ (u64)gen << 33 ^ (u64)gen * 2654435761UL ^ (u64)probe * 0x0101010101010101UL;
}

static void write_page(u64 page)
{
    volatile u64 *word = page_at(page);
    for (int probe = 0; probe < PROBES; probe++)
        word[probe * PROBE_STRIDE] = pattern(page, generation[page], probe);
}

static void check_page(u64 page)
{
    volatile u64 *word = page_at(page);
    for (int probe = 0; probe < PROBES; probe++) {
        u64 got = word[probe * PROBE_STRIDE], want = pattern(page, generation[page], probe);
        if (got == want)
            continue;
        if (errors++ < MAX_ERRORS_TOLD) {
            put("E page=");
            put_number(page);
            put(" pa=");
            put_hex((u64)word, 12);
            put(" k=");
            put_number(probe);
            put(" got=");
            put_hex(got, 16);
            put(" want=");
            put_hex(want, 16);
            put("\n");
        }
        return;
    }
}

/* The number behind NAME= in the command line. */
static u64 argument(const char *line, const char *name, u64 otherwise)
{
    for (; *line; line++) {
        const char *a = line, *b = name;
        while (*b && *a == *b)
            a++, b++;
        if (*b || *a != '=')
            continue;
        u64 value = 0;
        for (a++; *a >= '0' && *a <= '9'; a++)
            value = value * 10 + (*a - '0');
        return value;
    }
    return otherwise;
}

/* The command line is copied: it may stand in RAM that is about to be filled. */
static char command_line[256];

static void read_multiboot(u32 address)
{
    const u32 *info = (const u32 *)(u64)address;
    const char *given = (const char *)(u64)info[4];
    for (int n = 0; n < 255 && given[n]; n++)
        command_line[n] = given[n];
    const u8 *entry = (const u8 *)(u64)info[12], *end = entry + info[11];
    while (entry < end && regions < MAX_REGIONS) {
        u32 size = *(const u32 *)entry, type = *(const u32 *)(entry + 20);
        u64 base = *(const u64 *)(entry + 4), top = (base + *(const u64 *)(entry + 12)) & ~(PAGE - 1UL);
        entry += size + 4;
        if (type != 1)
            continue;
        if (base < FIRST_PAGE)
            base = FIRST_PAGE;
        if (top > MAPPED)
            top = MAPPED;
        if (top <= base)
            continue;
        region[regions].base = base;
        region[regions].pages = (top - base) / PAGE;
        pages += region[regions++].pages;
    }
    if (pages > MAX_PAGES)
        pages = MAX_PAGES;
}

static struct {
    u16 low, selector;
    u8 stack, kind;
    u16 middle;
    u32 high, zero;
} __attribute__((packed)) idt[48];

static void gate(int number, u64 handler)
{
    idt[number].low = handler;
    idt[number].selector = 8;
    idt[number].kind = 0x8e;
    idt[number].middle = handler >> 16;
    idt[number].high = handler >> 32;
}

static void start_timer(u32 hz)
{
    for (int i = 0; i < 32; i++)
        gate(i, (u64)exception_stubs + 16 * i);
    for (int i = 32; i < 48; i++)
        gate(i, (u64)other_interrupt);
    gate(32, (u64)timer_interrupt);
    struct { u16 limit; u64 base; } __attribute__((packed)) pointer = { sizeof idt - 1, (u64)idt };
    __asm__ volatile("lidt %0" : : "m"(pointer));
    /* Both interrupt controllers: vectors 32 and 40, and only the timer let through. */
    out(0x20, 0x11), out(0xa0, 0x11);
    out(0x21, 0x20), out(0xa1, 0x28);
    out(0x21, 4), out(0xa1, 2);
    out(0x21, 1), out(0xa1, 1);
    out(0x21, 0xfe), out(0xa1, 0xff);
    u32 divisor = TIMER_HZ / hz;
    out(0x43, 0x34);
    out(0x40, divisor & 255);
    out(0x40, divisor >> 8);
}

static u8 clock_register(int number)
{
    out(0x70, number);
    return in(0x71);
}

static void put_status(u64 tick, u64 beats, u64 dirtied, u64 sweeps)
{
    put("S t=");
    put_hex(tick, 8);
    put(" tsc=");
    put_hex(time_stamp(), 16);
    put(" dirtied=");
    put_number(dirtied);
    put(" sweeps=");
    put_number(sweeps);
    put(" errs=");
    put_number(errors);
    put(" rtc=");
    put_hex(clock_register(4), 2);
    put(":");
    put_hex(clock_register(2), 2);
    put(":");
    put_hex(clock_register(0), 2);
    put(" missed=");
    put_number(tick - beats);
    put("\n");
}

void beat_main(u32 multiboot)
{
    read_multiboot(multiboot);
    u64 hz = argument(command_line, "hz", 1000), dirty = argument(command_line, "dpt", 64);
    u64 working_set = argument(command_line, "ws", 64) * (1024 * 1024 / PAGE), verify = argument(command_line, "vpt", 64);
    if (hz < SLOWEST_HZ)
        hz = SLOWEST_HZ;
    if (working_set > pages)
        working_set = pages;
    if (working_set == 0)
        dirty = 0;
    put("FILL pages=");
    put_number(pages);
    put(" dpt=");
    put_number(dirty);
    put(" ws=");
    put_number(working_set);
    put(" vpt=");
    put_number(verify);
    put(" hz=");
    put_number(hz);
    put("\n");
    for (u64 page = 0; page < pages; page++) {
        generation[page] = 0;
        write_page(page);
    }
    start_timer(hz);
    put("READY\n");
    __asm__ volatile("sti");

    u64 seen = 0, beats = 0, dirtied = 0, sweeps = 0, next_dirty = 0, next_check = 0;
    for (;;) {
        /* Interrupts are off while we look, else a tick between the look and hlt would be slept over. */
        __asm__ volatile("cli");
        if (ticks == seen) {
            __asm__ volatile("sti; hlt");
            continue;
        }
        seen = ticks;
        __asm__ volatile("sti");
        /* Beats are numbered by themselves: on a busy host ticks pass during the work, and are told as missed. */
        put_hex(++beats, 8);
        put("\n");
        for (u64 n = 0; n < dirty; n++) {
            check_page(next_dirty);
            generation[next_dirty]++;
            write_page(next_dirty);
            dirtied++;
            if (++next_dirty >= working_set)
                next_dirty = 0;
        }
        for (u64 n = 0; n < verify; n++) {
            check_page(next_check);
            if (++next_check >= pages) {
                next_check = 0;
                sweeps++;
            }
        }
        if (beats % STATUS_EVERY == 0)
            put_status(seen, beats, dirtied, sweeps);
    }
}
