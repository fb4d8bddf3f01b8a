package dev.neurath.agent.adopt;

import dev.neurath.agent.adopt.QemuCommandLine.Option;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/** The QMP sockets that a command line names. What else a QEMU listens on is not spoken to. */
final class Monitors {
    private Monitors() {}

    /** Absolute, in argv's order. */
    static List<Path> control(QemuCommandLine commandLine, Path directory) throws NotAdoptable {
        var sockets = new LinkedHashMap<String, String>();
        var paths = new ArrayList<String>();
        var monitors = new ArrayList<OptionText>();
        for (Option option : commandLine.options()) {
            switch (option.name()) {
                case "chardev" -> {
                    OptionText text = OptionText.parse(option.value(), "backend");
                    if (text.get("backend", "").equals("socket") && text.has("path")) {
                        sockets.put(text.get("id", ""), text.get("path", ""));
                    }
                }
                case "mon" -> monitors.add(OptionText.parse(option.value(), "chardev"));
                case "qmp", "qmp-pretty" -> {
                    if (option.value().startsWith("unix:")) {
                        paths.add(OptionText.parse(option.value().substring(5), "path")
                                .get("path", ""));
                    }
                }
                default -> {}
            }
        }
        monitors.stream()
                .filter(monitor -> monitor.get("mode", "").equals("control"))
                .map(monitor -> sockets.getOrDefault(monitor.get("chardev", ""), ""))
                .filter(path -> !path.isEmpty())
                .forEach(paths::add);
        return paths.stream().map(path -> directory.resolve(path).normalize()).toList();
    }
}
