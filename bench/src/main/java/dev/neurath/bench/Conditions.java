package dev.neurath.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The machine as a run found it.
 *
 * @param loadBefore of the last minute, before anything was started: figures taken beside other work say less
 */
public record Conditions(int cores, String cpu, String memory, String kernel, String java, String loadBefore) {
    public static Conditions now() throws IOException {
        return new Conditions(
                Runtime.getRuntime().availableProcessors(),
                line("/proc/cpuinfo", "model name"),
                line("/proc/meminfo", "MemTotal"),
                System.getProperty("os.version", ""),
                System.getProperty("java.vm.version", ""),
                load());
    }

    /** Runnable and blocked, on average over the last minute. */
    public static String load() throws IOException {
        return Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0];
    }

    private static String line(String file, String name) throws IOException {
        for (String line : Files.readAllLines(Path.of(file))) {
            if (line.startsWith(name)) {
                return line.substring(line.indexOf(':') + 1).strip();
            }
        }
        return "not told";
    }

    Map<String, String> asMap() {
        var map = new LinkedHashMap<String, String>();
        map.put("cores", Integer.toString(cores));
        map.put("cpu", cpu);
        map.put("memory", memory);
        map.put("kernel", kernel);
        map.put("java", java);
        map.put("loadBefore", loadBefore);
        return map;
    }
}
