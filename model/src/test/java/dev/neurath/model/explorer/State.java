package dev.neurath.model.explorer;

/** One moment of the world, packed: two are the same exactly if their words are. */
final class State {
    long w0;
    long w1;
    long w2;

    State() {}

    State(long w0, long w1, long w2) {
        this.w0 = w0;
        this.w1 = w1;
        this.w2 = w2;
    }

    State copy() {
        return new State(w0, w1, w2);
    }

    long wide(Field f) {
        return (word(f.word()) >>> f.shift()) & f.mask();
    }

    int get(Field f) {
        return (int) wide(f);
    }

    boolean is(Field f) {
        return wide(f) != 0;
    }

    State set(Field f, long value) {
        if ((value & ~f.mask()) != 0) {
            throw new IllegalArgumentException("%d does not fit into %s".formatted(value, f));
        }
        long cleared = (word(f.word()) & ~(f.mask() << f.shift())) | (value << f.shift());
        switch (f.word()) {
            case 0 -> w0 = cleared;
            case 1 -> w1 = cleared;
            default -> w2 = cleared;
        }
        return this;
    }

    State set(Field f, boolean value) {
        return set(f, value ? 1 : 0);
    }

    private long word(int word) {
        return switch (word) {
            case 0 -> w0;
            case 1 -> w1;
            default -> w2;
        };
    }
}
