package dev.neurath.testbed;

import picocli.CommandLine;

/** Runs {@link TestbedCommand} by itself, without the rest of the command line. */
public final class TestbedMain {
    private TestbedMain() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new TestbedCommand()).execute(args));
    }
}
