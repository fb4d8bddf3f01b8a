package dev.neurath.model.rollout;

/** A place in a file, counted from 1; 0 = nowhere in particular. */
public record At(int line, int column) {
    public static final At NOWHERE = new At(0, 0);

    @Override
    public String toString() {
        return line == 0 ? "" : " (line %d, column %d)".formatted(line, column);
    }
}
