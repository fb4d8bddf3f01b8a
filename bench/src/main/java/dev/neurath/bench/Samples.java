package dev.neurath.bench;

import java.util.Arrays;

/**
 * Measured values of one kind. Medians and percentiles are of all of them: nothing is trimmed, and nothing is averaged that has outliers. What the values
 * mean is the asker's.
 */
public final class Samples {
    private double[] values = new double[64];
    private int count;

    public static Samples of(double... values) {
        var samples = new Samples();
        for (double value : values) {
            samples.add(value);
        }
        return samples;
    }

    public void add(double value) {
        if (Double.isNaN(value)) {
            throw new IllegalArgumentException("not a measured value");
        }
        if (count == values.length) {
            values = Arrays.copyOf(values, count * 2);
        }
        values[count++] = value;
    }

    public void addAll(Samples others) {
        for (int i = 0; i < others.count; i++) {
            add(others.values[i]);
        }
    }

    public int count() {
        return count;
    }

    /** Of an even number: the mean of the two in the middle. */
    public double median() {
        double[] sorted = sorted();
        return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
    }

    /** The smallest value that at least so many percent do not exceed (nearest rank): always one that was measured. */
    public double percentile(double percent) {
        if (percent <= 0 || percent > 100) {
            throw new IllegalArgumentException("above 0 and up to 100 percent, not " + percent);
        }
        return sorted()[(int) Math.ceil(percent / 100 * count) - 1];
    }

    /** For what is counted in coarse steps, whose errors cancel out. */
    public double mean() {
        return Arrays.stream(sorted()).sum() / count;
    }

    public double max() {
        return percentile(100);
    }

    /** The median of the differences within pairs: what the machine did to both of a pair falls out. */
    public double medianAbove(Samples baseline) {
        if (count != baseline.count) {
            throw new IllegalArgumentException(count + " values have no pairs among " + baseline.count);
        }
        var differences = new Samples();
        for (int i = 0; i < count; i++) {
            differences.add(values[i] - baseline.values[i]);
        }
        return differences.median();
    }

    private double[] sorted() {
        if (count == 0) {
            throw new IllegalStateException("nothing was measured");
        }
        double[] sorted = Arrays.copyOf(values, count);
        Arrays.sort(sorted);
        return sorted;
    }
}
